"""`layers`: what packets are made of."""

from __future__ import annotations

from scapy_server.client.calls import Calls
from scapy_server.console.answers import Answer, Table
from scapy_server.console.command import Command
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError


def layers(seat: Seat, argument: str) -> Answer:
    """The layers in whose id or name a word stands, or all."""
    known = seat.wire.ask(Calls.get_definitions(None)).protocols
    word = argument.lower()
    rows = [(each.id, each.name) for each in known if word in f"{each.id} {each.name}".lower()]
    if not rows:
        raise DeskError(f"no layer has {argument[:32]!r} in its id or name")
    values = [{"id": layer_id, "name": name} for layer_id, name in rows]
    return Table(("id", "name"), rows, values, headed=False)


COMMAND = Command(
    "layers",
    layers,
    "List the layers that the server knows, or those in whose id or name WORD stands.",
    "[WORD]",
    ("layers vxlan",),
)
