"""`prev`: the previous packet of the capture."""

from __future__ import annotations

from scapy_server.console.answers import Answer
from scapy_server.console.command import Command
from scapy_server.console.commands.next_packet import moved
from scapy_server.console.seat import Seat


def previous_packet(seat: Seat, argument: str) -> Answer:
    """The previous packet of the capture."""
    return moved(seat, -1)


COMMAND = Command("prev", previous_packet, "Take up the previous packet of the capture.")
