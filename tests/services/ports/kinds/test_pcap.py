"""Ports whose line is files."""

from __future__ import annotations

from pathlib import Path

from scapy_server.captures.reading import read_capture
from scapy_server.captures.writing import write_capture
from scapy_server.services.ports.kinds.null import Null
from scapy_server.services.ports.kinds.pcap import open_pcap
from tests.services.ports.rig import Rig, burst, frame, stream


def test_what_is_sent_is_written_and_what_was_captured_is_received(tmp_path: Path) -> None:
    incoming, outgoing = tmp_path / "in.pcap", tmp_path / "out.pcap"
    incoming.write_bytes(write_capture([frame(70), frame(80)]))
    rig = Rig(lines=[open_pcap(str(outgoing), str(incoming)), Null()])
    rig.acquire()
    rig.add(1, stream(burst(3, 3.0)))
    rig.start()
    rig.run_to(1.0)
    rig.link.plane.close()
    records = read_capture(outgoing.read_bytes())
    assert [record.time_ns for record in records] == [0, 333_333_333, 666_666_666]
    assert [record.data for record in records] == [frame()] * 3
    stats = rig.call("get_port_stats", port_id=0)
    assert (stats["opackets"], stats["ipackets"], stats["ibytes"]) == (3, 2, 158)
