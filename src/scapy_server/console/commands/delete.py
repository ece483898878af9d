"""`delete`: layers cut off."""

from __future__ import annotations

from scapy_server.console.answers import Answer
from scapy_server.console.command import Command
from scapy_server.console.completers import complete_layer
from scapy_server.console.seat import Seat
from scapy_server.desk import editing
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import find_layer


def delete(seat: Seat, argument: str) -> Answer:
    """Cut a layer off, with all that follow it."""
    if not argument:
        raise DeskError("delete which layer, with all behind it? Write delete UDP")
    index = find_layer(seat.session.packet.layers, argument)
    return seat.edit(f"delete {argument}", lambda packet: editing.cut_layers(packet, index))


COMMAND = Command(
    "delete",
    delete,
    "Cut off a layer, with all that follow it.",
    "LAYER",
    ("delete UDP", "delete IP:1"),
    complete_layer,
)
