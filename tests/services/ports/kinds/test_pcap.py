"""Ports whose line is files."""

from __future__ import annotations

from pathlib import Path

from scapy_server.captures.link_types import ETHERNET
from scapy_server.captures.reading import read_capture
from scapy_server.captures.records import PacketRecord
from scapy_server.captures.writing import write_capture, write_records
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


def test_a_clock_that_was_put_back_holds_nothing_up(tmp_path: Path) -> None:
    seconds = [10, 7, 9, 5, 11, 6, 12]
    incoming = tmp_path / "in.pcap"
    incoming.write_bytes(
        write_records(
            [PacketRecord(k, frame(), ETHERNET, 10**9 * at, 60) for k, at in enumerate(seconds, 1)]
        )
    )
    rig = Rig(lines=[open_pcap(str(tmp_path / "out.pcap"), str(incoming)), Null()])
    rig.acquire()
    rig.add(1, stream(burst(30, 10.0)))
    rig.start()
    arrived = []
    for now in (0.5, 1.5, 2.5):
        rig.run_to(now)
        arrived.append(rig.call("get_port_stats", port_id=0)["ipackets"])
    rig.link.plane.close()
    assert arrived == [4, 6, 7]
