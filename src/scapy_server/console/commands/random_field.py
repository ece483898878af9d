"""`random`: a field with a random value."""

from __future__ import annotations

from scapy_server.console.answers import Answer
from scapy_server.console.command import Command
from scapy_server.console.completers import complete_field
from scapy_server.console.seat import Seat
from scapy_server.desk import editing
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import find_field


def random_field(seat: Seat, argument: str) -> Answer:
    """Give a field a random value."""
    reference, _, text = argument.partition(" ")
    if not reference:
        raise DeskError("which field? Write random IP.src")
    text = text.strip()
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise DeskError(f"a seed is a whole number from 0 on, not {text[:32]!r}")
    layer, field_id = find_field(seat.session.packet.layers, reference)
    seed = int(text) if text else None
    return seat.edit(
        f"random {reference}", lambda packet: editing.draw_field(packet, layer, field_id, seed)
    )


COMMAND = Command(
    "random",
    random_field,
    "Give a field a random value; the same SEED draws the same.",
    "LAYER.FIELD [SEED]",
    ("random IP.src", "random IP.src 7"),
    complete_field,
)
