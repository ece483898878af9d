"""`redo`: one step forth again."""

from __future__ import annotations

from scapy_server.console.answers import Answer
from scapy_server.console.command import Command
from scapy_server.console.commands.undo import stepped
from scapy_server.console.seat import Seat


def redo(seat: Seat, argument: str) -> Answer:
    """Take a step again that was undone."""
    return stepped(seat, seat.session.redo)


COMMAND = Command("redo", redo, "Take a step again that was undone.")
