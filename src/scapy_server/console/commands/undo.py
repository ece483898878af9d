"""`undo`: one step back."""

from __future__ import annotations

from collections.abc import Callable

from scapy_server.console.answers import Answer, Edited, Shown
from scapy_server.console.command import Command
from scapy_server.console.commands.fe.listing import listed
from scapy_server.console.seat import Seat


def undo(seat: Seat, argument: str) -> Answer:
    """Take the last step back."""
    return stepped(seat, seat.session.undo)


def stepped(seat: Seat, step: Callable[[], None]) -> Answer:
    """Go through the history, and tell what that has changed: packet, program or fields."""
    session = seat.session
    before = None if session.current is None else (session.document, session.document.position)
    packet, program = session.current, None if before is None else before[0].program
    step()
    seat.look()
    document = session.document
    if packet is None or before != (document, document.position):
        return Shown.of(document)
    if document.packet == packet and document.program != program:
        return listed(document.program)
    return Edited(packet, document.packet)


COMMAND = Command("undo", undo, "Take the last step back.")
