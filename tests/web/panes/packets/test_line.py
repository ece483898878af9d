from __future__ import annotations

from dataclasses import replace

from scapy_server.captures.records import PacketRecord
from scapy_server.desk.document import Document
from scapy_server.web.panes.packets.line import Line, info_of, line_of
from tests.web.trees import dissected_packet


def test_a_packet_in_a_line() -> None:
    packet = dissected_packet()
    document = Document("t", is_capture=True)
    times = (1_700_000_000_000_000_000, 1_700_000_000_500_000_000)
    frame = packet.frame
    document.add_records(
        PacketRecord(number, frame, 1, time, len(frame)) for number, time in enumerate(times, 1)
    )
    assert line_of(document, 1) == Line("2", "0.500000", "45", "", "")
    document.dissect(1, replace(packet, record=document.at(1).record))
    assert line_of(document, 1).layers == "Ether/IP/UDP/Raw"
    assert line_of(document, 1).info == "192.0.2.1 → 48.0.0.1"


def test_a_problem_is_seen_in_the_list() -> None:
    packet = dissected_packet()
    assert info_of(replace(packet, problem="it was cut")) == "⚠ it was cut 192.0.2.1 → 48.0.0.1"
    assert info_of(replace(packet, layers=())) == ""
