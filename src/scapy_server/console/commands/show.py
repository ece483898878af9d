"""`show`: the whole packet."""

from __future__ import annotations

from scapy_server.console.answers import Answer, Shown, Value
from scapy_server.console.command import Command
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError


def show(seat: Seat, argument: str) -> Answer:
    """Show the packet at hand."""
    if argument not in ("", "json"):
        raise DeskError("write show, or show json")
    shown = Shown.of(seat.session.document)
    return Value(shown.to_json()) if argument else shown


COMMAND = Command(
    "show",
    show,
    "Print the packet: its fields, and its bytes in the same colours; or all of it as JSON.",
    "[json]",
    complete=("json",),
)
