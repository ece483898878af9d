"""`offsets`: where every field lies."""

from __future__ import annotations

from scapy_server.console.answers import Answer, Table
from scapy_server.console.command import Command
from scapy_server.console.seat import Seat
from scapy_server.console.view import position, size_text
from scapy_server.desk.names import FieldRow, field_rows
from scapy_server.desk.packet import JsonObject, Packet


def offsets(seat: Seat, argument: str) -> Answer:
    """The place and size of every field, and of the parts within."""
    packet = seat.session.packet
    rows = list(field_rows(packet.layers))
    texts = [_row(packet, row) for row in rows]
    return Table(("field", "in layer", "in packet", "size"), texts, list(map(_value, rows)))


def _row(packet: Packet, row: FieldRow) -> tuple[str, ...]:
    if row.field.get("ignored"):
        return (row.path, "-", "-", "absent")
    if row.bit_offset is None:
        return (row.path, "-", "-", size_text(row.bit_length))
    start = 8 * int(packet.layers[row.layer]["offset"])
    places = position(row.bit_offset - start), position(row.bit_offset)
    return (row.path, *places, size_text(row.bit_length))


def _value(row: FieldRow) -> JsonObject:
    """The same in bits from the packet's first; None for what is absent or has no place."""
    length = None if row.field.get("ignored") else row.bit_length
    return {"field": row.path, "bit_offset": row.bit_offset, "bit_length": length}


COMMAND = Command("offsets", offsets, "List the place and size of every field, to the bit.")
