"""Captures in the operator's directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server import limits
from scapy_server.captures.writing import write_capture
from scapy_server.services.ports.kinds.files import NotPlayable, read_records, seconds_of
from tests.services.ports.rig import frame


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "good.pcap").write_bytes(write_capture([frame(60), frame(70)]))
    (inside / "short.pcap").write_bytes(write_capture([b"x" * 13]))
    (inside / "none.pcap").write_bytes(b"nothing of the kind")
    (tmp_path / "outside.pcap").write_bytes(write_capture([frame()]))
    return inside


def test_a_capture_is_read(directory: Path) -> None:
    records = read_records(str(directory), "good.pcap")
    assert [len(record.data) for record in records] == [60, 70]
    assert seconds_of(records) == [0.0, 1e-6]
    assert read_records(str(directory), str(directory / "good.pcap")) == records


@pytest.mark.parametrize(
    "name",
    ["../outside.pcap", "missing.pcap", "none.pcap", "short.pcap", "", "a\0b", "/etc/passwd"],
)
def test_nothing_else_is(directory: Path, name: str) -> None:
    with pytest.raises(NotPlayable):
        read_records(str(directory), name)


def test_bounds_are_kept(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = (directory / "good.pcap").stat().st_size
    assert size < limits.PLAYED_BYTES
    assert limits.PLAYED_FRAMES > 2
    for name, bound in (("PLAYED_BYTES", size), ("PLAYED_FRAMES", 2)):
        for allowed in (bound, bound - 1):
            with monkeypatch.context() as patch:
                patch.setattr(limits, name, limits.Limit(allowed, "", ""))
                if allowed == bound:
                    assert len(read_records(str(directory), "good.pcap")) == 2
                    continue
                with pytest.raises(NotPlayable):
                    read_records(str(directory), "good.pcap")


def test_without_a_directory_there_is_nothing(directory: Path) -> None:
    with pytest.raises(NotPlayable):
        read_records(None, str(directory / "good.pcap"))
