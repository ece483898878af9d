"""What a layer and its fields build, and what these were read from."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from scapy import fields as sf
from scapy.packet import NoPayload, Packet

from scapy_server.packet.layers.facts import unwrap
from scapy_server.packet.layers.scapy_state import kept_bytes, new_layer, settle


def built(packet: Packet) -> bytes | None:
    """The bytes of a layer with its payload, or None if it cannot be built.

    Some classes draw what is empty whenever they are built, even of bytes that they keep. Others
    write their fields in the order in which they were set, and Scapy builds a copy, in which it
    is another one, of what it has not been told to be settled.
    """
    try:
        settle_all(packet)
        kept = kept_bytes(packet)
        if kept is not None and type(packet).build is not Packet.build:
            payload = packet.payload
            return kept + (b"" if isinstance(payload, NoPayload) else bytes(payload.build()))
        return bytes(packet.build())
    except Exception:
        return None


def surely_differs(packet: Packet) -> bool:
    """Whether a layer was read from other bytes than its values are written as, one by one.

    That is to be told where nothing but its fields takes part, as of a record with a compressed
    name.
    """
    kept = kept_bytes(packet)
    if kept is None or type(packet).post_build is not Packet.post_build:
        return False
    data: Any = b""
    try:
        for field in packet.fields_desc:
            data = field.addfield(packet, data, packet.getfieldval(field.name))
            if isinstance(data, bytes) and not kept.startswith(data):
                return True
    except Exception:
        return False
    return False


def settle_all(packet: Packet) -> None:
    """Say that nothing is left to be drawn in a packet and all that it carries."""
    while not isinstance(packet, NoPayload):
        settle(packet)
        packet = packet.payload


def encoded(packet: Packet, field: Any, value: Any) -> bytes | None:
    """The bytes that a field builds of a value; None for bits and for what cannot be."""
    try:
        data = field.addfield(packet, b"", value)
    except Exception:
        return None
    return data if isinstance(data, bytes) else None


def human(packet: Packet, field: Any, value: Any) -> Any:
    """The form of a value that people see and give, which may differ from the stored one."""
    inner = unwrap(field, packet)
    if isinstance(inner, sf.FixedPointField) and isinstance(value, int):
        number = Fraction(value, 1 << inner.frac_bits)
        return int(number) if number.denominator == 1 else number
    try:
        return field.i2h(packet, value)
    except Exception:
        return value


def dissection(packet: Packet) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The fields of a dissected layer and the bytes of each, bit fields aside."""
    rest: Any = kept_bytes(packet)
    cls = type(packet)
    encodings: dict[str, bytes] = {}
    if not rest or (cls.do_dissect, cls.pre_dissect) != (Packet.do_dissect, Packet.pre_dissect):
        return {}, encodings
    try:
        trial = new_layer(cls, packet.underlayer)
        trial.fields.clear()
        trial.parent = packet.parent
        for field in packet.fields_desc:
            after, value = field.getfield(trial, rest)
            if value is None and isinstance(field, sf.ConditionalField):
                continue
            trial.fields[field.name] = value
            if isinstance(rest, bytes) and isinstance(after, bytes) and rest.endswith(after):
                encodings[field.name] = rest[: len(rest) - len(after)]
            rest = after
    except Exception:
        return {}, {}
    return trial.fields, encodings
