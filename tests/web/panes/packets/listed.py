"""Seats at a capture for tests of the list."""

from __future__ import annotations

from scapy_server.captures.records import PacketRecord
from scapy_server.web.seat import Seat
from tests.web.trees import dissected_packet

FRAME = dissected_packet().frame


def fill(seat: Seat, count: int) -> Seat:
    """Packets behind the one that is there, each with its place as its time to live."""
    frames = [FRAME[:22] + bytes([at % 256]) + FRAME[23:] for at in range(1, 1 + count)]
    seat.document.add_records(
        PacketRecord(at, frame, 1, 1000 * at, len(frame)) for at, frame in enumerate(frames, 1)
    )
    return seat


def lives(seat: Seat) -> list[int]:
    """The time to live of each packet."""
    return [packet.frame[22] for packet in seat.document.packets()]
