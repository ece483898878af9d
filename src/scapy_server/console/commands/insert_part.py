"""`insert`: an item put into a list."""

from __future__ import annotations

from scapy_server.console.answers import Answer
from scapy_server.console.command import Command
from scapy_server.console.completers import complete_field
from scapy_server.console.seat import Seat
from scapy_server.desk import editing
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import find_field
from scapy_server.desk.parts import place_in_list, typed_part


def insert_part(seat: Seat, argument: str) -> Answer:
    """Put an item before the one at a place of a list, at the end where that is the count."""
    reference, _, text = argument.partition(" ")
    if not text.strip() or place_in_list(reference) is None:
        raise DeskError("insert what where? Write insert TCP.options[1] ('NOP', None)")
    layer, field_id = find_field(seat.session.packet.layers, reference)
    value = typed_part(text)
    return seat.edit(
        f"insert {reference}",
        lambda packet: editing.insert_part(packet, layer, field_id, value),
    )


COMMAND = Command(
    "insert",
    insert_part,
    "Put an item into a list, before the one that stands there, or at the end: a layer or an "
    "option as an expression, or a value.",
    "LAYER.FIELD[N] VALUE",
    (
        "insert TCP.options[1] ('NOP', None)",
        "insert DNS.an[0] DNSRR(rrname='a.example', rdata='192.0.2.1')",
    ),
    complete_field,
)
