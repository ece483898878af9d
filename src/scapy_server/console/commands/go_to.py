"""`goto`: a packet of the capture by its number."""

from __future__ import annotations

from scapy_server.console.answers import Answer
from scapy_server.console.command import Command
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError


def go_to(seat: Seat, argument: str) -> Answer:
    """A packet of the capture by its number, from 1."""
    if not (argument.isascii() and argument.isdigit() and len(argument) < 9):
        raise DeskError("which packet? Write goto 3")
    return seat.go_to(int(argument) - 1)


COMMAND = Command(
    "goto", go_to, "Take up a packet of the capture, the first is 1.", "N", ("goto 3",)
)
