"""`template`: a ready-made packet."""

from __future__ import annotations

from scapy_server.console.answers import Answer
from scapy_server.console.command import Command
from scapy_server.console.completers import complete_template
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError
from scapy_server.desk.opening import open_template


def template(seat: Seat, argument: str) -> Answer:
    """Take up a ready-made packet."""
    if not argument:
        raise DeskError("which template? templates lists them")
    return seat.take_up(seat.ask(open_template(argument)))


COMMAND = Command(
    "template",
    template,
    "Take up a ready-made packet.",
    "ID",
    ("template TCP-SYN",),
    complete_template,
)
