"""`build`: a packet from an expression or a model."""

from __future__ import annotations

from scapy_server.console.answers import Answer
from scapy_server.console.command import Command
from scapy_server.console.completers import complete_expression
from scapy_server.console.seat import Seat
from scapy_server.desk import editing
from scapy_server.desk.errors import DeskError
from scapy_server.desk.typed import from_json


def build(seat: Seat, argument: str) -> Answer:
    """Build a packet from an expression or a model."""
    if not argument:
        raise DeskError("build what? Write build Ether()/IP()/UDP()")
    if argument.startswith("["):
        command = editing.built(from_json(argument))
    else:
        command = editing.from_expression(argument)
    return seat.begin(seat.ask(command), "build")


COMMAND = Command(
    "build",
    build,
    "Build a packet from a Scapy expression or a packet model.",
    "EXPRESSION|JSON",
    ("build Ether()/IP(dst='1.2.3.4')/UDP()", 'build [{"id": "Ether"}, {"id": "IP"}]'),
    complete_expression,
)
