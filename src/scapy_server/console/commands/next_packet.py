"""`next`: the next packet of the capture."""

from __future__ import annotations

from scapy_server.console.answers import Answer
from scapy_server.console.command import Command
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError


def next_packet(seat: Seat, argument: str) -> Answer:
    """The next packet of the capture."""
    return moved(seat, 1)


def moved(seat: Seat, step: int) -> Answer:
    """Take up the packet so many further; DeskError where there is none."""
    if seat.session.current is None:
        raise DeskError("no capture is open")
    return seat.go_to(seat.session.document.position + step)


COMMAND = Command("next", next_packet, "Take up the next packet of the capture.")
