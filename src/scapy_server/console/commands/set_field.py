"""`set`: a field of the packet, or some of its bytes."""

from __future__ import annotations

import re

from scapy_server.console.answers import Answer
from scapy_server.console.command import Command
from scapy_server.console.completers import complete_value
from scapy_server.console.seat import Seat
from scapy_server.desk import editing
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import find_field
from scapy_server.desk.packet import Packet
from scapy_server.desk.questions import Asking
from scapy_server.desk.typed import from_hex, value_of

_BYTES = re.compile(r"@(0[xX][0-9a-fA-F]{1,6}|[0-9]{1,7})(?:\s*=\s*|\s+)(\S.*)")


def set_field(seat: Seat, argument: str) -> Answer:
    """Give a field a value, or bytes from a place on others."""
    if argument.startswith("@"):
        return _set_bytes(seat, argument)
    reference, _, text = argument.partition(" ")
    if not reference or not text.strip():
        raise DeskError("set what to what? Write set IP.ttl 9, or unset IP.ttl")
    layer, field_id = find_field(seat.session.packet.layers, reference)
    value = value_of(text.strip())
    return seat.edit(
        f"set {reference}", lambda packet: editing.set_field(packet, layer, field_id, value)
    )


def _set_bytes(seat: Seat, argument: str) -> Answer:
    written = _BYTES.fullmatch(argument)
    if written is None:
        raise DeskError(
            "a place is @ and a byte's number from 0, then the bytes in hexadecimal: set @37=0x1f"
        )
    start, data = int(written[1], 0 if "x" in written[1].lower() else 10), from_hex(written[2])

    def overwrite(packet: Packet) -> Asking[Packet]:
        if start + len(data) > len(packet.frame):
            raise DeskError(f"the packet has the bytes 0 to {len(packet.frame) - 1}")
        return editing.write_bytes(packet, start, start + len(data), data)

    return seat.edit(f"set @{start}", overwrite)


COMMAND = Command(
    "set",
    set_field,
    "Give a field a value: a number, text or name as the field takes it, JSON for the other "
    "value forms, b'...' for bytes. @37=0x1f overwrites the packet's bytes from byte 37 on.",
    "LAYER.FIELD VALUE | @BYTE=HEX",
    (
        "set IP.ttl 9",
        "set IP:1.src 16.0.0.7",
        "set TCP.options [('MSS', 1460)]",
        "set @37=0x1f",
    ),
    complete_value,
)
