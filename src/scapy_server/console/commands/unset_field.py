"""`unset`: a field left to its default."""

from __future__ import annotations

from scapy_server.console.answers import Answer
from scapy_server.console.command import Command
from scapy_server.console.completers import complete_field
from scapy_server.console.seat import Seat
from scapy_server.desk import editing
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import find_field


def unset_field(seat: Seat, argument: str) -> Answer:
    """Leave a field to its default or to be computed."""
    if not argument:
        raise DeskError("unset what? Write unset IP.chksum")
    layer, field_id = find_field(seat.session.packet.layers, argument)
    return seat.edit(
        f"unset {argument}", lambda packet: editing.reset_field(packet, layer, field_id)
    )


COMMAND = Command(
    "unset",
    unset_field,
    "Leave a field to its default, or to be computed.",
    "LAYER.FIELD",
    ("unset IP.chksum",),
    complete_field,
)
