"""`templates`: the ready-made packets."""

from __future__ import annotations

from scapy_server.client.calls import Calls
from scapy_server.console.answers import Answer, Table
from scapy_server.console.command import Command
from scapy_server.console.seat import Seat


def templates(seat: Seat, argument: str) -> Answer:
    """The templates with what each is for."""
    listed = seat.wire.ask(Calls.get_templates())
    rows = [(item.id, item.meta.description or item.meta.name) for item in listed]
    values = [{"id": name, "description": about} for name, about in rows]
    return Table(("id", "description"), rows, values, headed=False)


COMMAND = Command("templates", templates, "List the ready-made packets.")
