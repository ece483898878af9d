"""The helper itself: what it takes for a fault, so that "no fault" means something."""

from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server.captures.reading import read_capture
from scapy_server.captures.writing import write_capture
from tests import tshark

pytestmark = pytest.mark.processes

#: The first packet of a real TCP connection.
SYN = read_capture((Path(__file__).parent / "sample_captures" / "http.pcap").read_bytes())[0].data


def changed(frame: bytes, position: int) -> bytes:
    return frame[:position] + bytes([frame[position] ^ 1]) + frame[position + 1 :]


def packet(frame: bytes, directory: Path) -> tshark.Packet:
    path = directory / "one.pcap"
    path.write_bytes(write_capture([frame]))
    (only,) = tshark.dissect(path)
    return only


def test_a_packet_as_tshark_reads_it(tmp_path: Path) -> None:
    syn = packet(SYN, tmp_path)
    assert syn.stack == "eth:ip:tcp"
    assert [(protocol.name, protocol.position) for protocol in syn.protocols] == [
        ("eth", 0),
        ("ip", 14),
        ("tcp", 34),
    ]
    (tcp,) = syn.protocols[2:]
    assert (tcp.first("tcp.dstport").show, tcp.first("tcp.dstport").value) == ("80", "0050")
    assert syn.faults == []
    with pytest.raises(KeyError):
        tcp.first("udp.port")


@pytest.mark.parametrize(
    ("frame", "fault"),
    [
        (changed(SYN, 25), "ip.checksum.status"),
        (changed(SYN, 51), "tcp.checksum.status"),
        (SYN[:40], "Malformed"),
        (changed(SYN, 17), "exceeds"),
    ],
    ids=["IP check sum", "TCP check sum", "cut", "length"],
)
def test_faults(frame: bytes, fault: str, tmp_path: Path) -> None:
    assert any(fault in found for found in packet(frame, tmp_path).faults)


def test_without_tshark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("SCAPY_SERVER_REQUIRE_TSHARK", raising=False)
    with pytest.raises(pytest.skip.Exception):
        tshark.run(tmp_path)
    monkeypatch.setenv("SCAPY_SERVER_REQUIRE_TSHARK", "1")
    with pytest.raises(pytest.fail.Exception):
        tshark.run(tmp_path)
