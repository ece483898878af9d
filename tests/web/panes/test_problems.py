from __future__ import annotations

from dataclasses import replace

from scapy_server.web.panes.problems import problems_of
from tests.web.trees import built_packet


def test_a_packet_without_problems() -> None:
    assert list(problems_of(built_packet())) == []


def test_what_reads_otherwise_and_why_dissection_ended() -> None:
    packet = built_packet()
    layers = [dict(layer) for layer in packet.layers]
    layers[2] |= {"valid_structure": False, "real_id": "DNS"}
    layers[3] |= {"valid_structure": False, "real_id": None}
    wrong = replace(packet, layers=tuple(layers), problem="cut at byte 40")
    assert [problem.sentence for problem in problems_of(wrong)] == [
        "cut at byte 40",
        "UDP reads as DNS on the wire",
        "Raw reads as payload on the wire",
    ]
