"""`quit`: the end."""

from __future__ import annotations

from scapy_server.console.answers import Answer, Said
from scapy_server.console.command import Command
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError


def leave(seat: Seat, argument: str) -> Answer:
    """Leave; whoever reads the lines asks before, where changes are in no file."""
    if argument not in ("", "-f"):
        raise DeskError("write quit, or quit -f to leave without a question")
    seat.done, seat.sure = True, bool(argument)
    return Said("", None)


COMMAND = Command(
    "quit",
    leave,
    "Leave; so do exit and Ctrl+D. Where changes are in no file you are asked, with -f not.",
    "[-f]",
)
