from __future__ import annotations

import pytest

from scapy_server.captures.records import PacketRecord
from scapy_server.desk.packet import ETHERNET, Packet, Program

RAW_IP = 101


def test_a_program_is_written_as_build_pkt_ex_takes_it() -> None:
    instruction = {"id": "STLVmTrimPktSize", "parameters": {"fv_name": "size"}}
    program = Program((instruction,), {"cache_size": "100"})
    assert program.to_json() == {
        "instructions": [instruction],
        "global_parameters": {"cache_size": "100"},
    }
    assert Program().to_json() == {"instructions": [], "global_parameters": {}}


def test_a_frame_is_read_by_the_link_type_of_its_capture() -> None:
    frame = bytes(20)
    record = PacketRecord(1, frame, RAW_IP, 0, len(frame))
    assert Packet(frame, (), record=record).link_type == RAW_IP
    assert Packet(frame, ()).link_type == ETHERNET == 1


@pytest.mark.parametrize(
    ("packet", "first"),
    [
        (Packet(b"", ({"id": "IP"}, {"id": "UDP"}), ({"id": "Ether"},)), "IP"),
        (Packet(b"", (), ({"id": "Ether"},)), "Ether"),
        (Packet(b"", ()), None),
    ],
)
def test_the_first_layer_is_what_is_shown_else_what_is_asked_for(
    packet: Packet, first: str | None
) -> None:
    assert packet.first_layer == first
