"""Captures in the operator's directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server import limits
from scapy_server.captures.link_types import ETHERNET
from scapy_server.captures.records import PacketRecord
from scapy_server.captures.writing import PcapngWriter, write_capture
from scapy_server.services.ports.kinds.files import NotPlayable, read_played, seconds_of
from tests.captures.files import erf
from tests.services.ports.rig import frame


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "good.pcap").write_bytes(write_capture([frame(60), frame(70)]))
    (inside / "short.pcap").write_bytes(write_capture([b"x" * 13]))
    (inside / "raw.pcap").write_bytes(write_capture([frame()[14:]], link_type=101))
    (inside / "none.pcap").write_bytes(b"nothing of the kind")
    (tmp_path / "outside.pcap").write_bytes(write_capture([frame()]))
    return inside


def test_a_capture_is_read(directory: Path) -> None:
    played = read_played(str(directory), "good.pcap")
    assert [(len(each.record.data), each.side) for each in played] == [(60, 0), (70, 0)]
    assert seconds_of([each.record for each in played]) == [0.0, 1e-6]
    assert read_played(str(directory), str(directory / "good.pcap")) == played


def test_the_interface_of_a_packet_says_which_port_it_is_for(directory: Path) -> None:
    records = b"".join(erf(frame(), flags=4 | number) for number in range(4))
    (directory / "card.erf").write_bytes(records)
    assert [each.side for each in read_played(str(directory), "card.erf")] == [0, 1, 0, 1]
    named = [
        PacketRecord(number, frame(), ETHERNET, number, 60, interface=name)
        for number, name in enumerate(("eth0", "eth1", "lan", "eth3.7x"), 1)
    ]
    writer = PcapngWriter()
    data = writer.begin() + b"".join(map(writer.written, named))
    (directory / "two.pcapng").write_bytes(data)
    assert [each.side for each in read_played(str(directory), "two.pcapng")] == [0, 1, 0, 1]


@pytest.mark.parametrize(
    "name",
    [
        "../outside.pcap",
        "missing.pcap",
        "none.pcap",
        "short.pcap",
        "raw.pcap",
        "",
        "a\0b",
        "/etc/passwd",
    ],
)
def test_nothing_else_is(directory: Path, name: str) -> None:
    with pytest.raises(NotPlayable):
        read_played(str(directory), name)


def test_bounds_are_kept(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = (directory / "good.pcap").stat().st_size
    assert size < limits.PLAYED_BYTES
    assert limits.PLAYED_FRAMES > 2
    for name, bound in (("PLAYED_BYTES", size), ("PLAYED_FRAMES", 2)):
        for allowed in (bound, bound - 1):
            with monkeypatch.context() as patch:
                patch.setattr(limits, name, limits.Limit(allowed, "", ""))
                if allowed == bound:
                    assert len(read_played(str(directory), "good.pcap")) == 2
                    continue
                with pytest.raises(NotPlayable):
                    read_played(str(directory), "good.pcap")


def test_without_a_directory_there_is_nothing(directory: Path) -> None:
    with pytest.raises(NotPlayable):
        read_played(None, str(directory / "good.pcap"))
