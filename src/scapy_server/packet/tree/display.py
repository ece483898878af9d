"""How a field's value goes out: `value` for programs, `hvalue` for people.

Both are accepted back as input and mean the same value again; where a display text of
Scapy's would not be understood, the plain number is shown.

Source: RPC document, "Scapy packet result payload".
"""

from __future__ import annotations

import math
import uuid
from binascii import b2a_base64
from collections.abc import Callable
from typing import Any

from scapy import fields as sf
from scapy.asn1.asn1 import ASN1_Object
from scapy.packet import Packet

from scapy_server import limits
from scapy_server.errors import RefusedError, ScapyServerError
from scapy_server.packet.expressions.writing import Writer, expression_of_held
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.field_kinds import Kind
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.values.field_values import coerce, fixed_point_text, number_of
from scapy_server.schema.results import ResultValue

BINARY = "<binary>"

Shown = tuple[ResultValue, str]


def show(
    packet: Packet,
    field: FieldFacts,
    value: object,
    registry: Registry,
    writer: Writer | None = None,
) -> Shown:
    """The value and hvalue of a field of `packet` (the layer that holds it).

    `writer` has written others of the same packet, and bounds what that costs.
    """
    form = field.number_form
    if form is not None and type(value) is int:
        return value, form.show(value)
    if value is None:
        value = _ABSENT.get(field.kind)
    if isinstance(value, bytes) and field.kind is Kind.BYTES and not field.is_wide_text:
        return _bytes_object(value), bytes_text(value)
    if isinstance(value, sf.RawVal):
        value = bytes(value)
    if isinstance(value, ASN1_Object) and value.tag == getattr(field.inner, "ASN1_tag", None):
        value = _asn1_value(field, value)
    if isinstance(value, bool):
        value = int(value)
    if _is_beyond_text(value):
        return _show_wire_bytes(packet, field, value)
    shower = _BY_KIND.get(field.kind, _show_text_form)
    shown = shower(packet, field, value)
    if shown is None:
        try:
            shown = _by_type(value, registry, writer)
        except RefusedError:  # no expression of bounded length makes it
            shown = _show_wire_bytes(packet, field, value)
    return shown


def _asn1_value(field: FieldFacts, value: Any) -> object:
    """What an ASN.1 object of the field's own type holds, if it says all of it."""
    held = getattr(value, "val", None)  # what could not be read has none
    if field.kind is Kind.BYTES:
        if isinstance(held, str) and held.isascii():
            held = held.encode()
        return held if isinstance(held, bytes) else value
    if field.kind in (Kind.INTEGER, Kind.ENUM):
        return held if isinstance(held, int) else value
    return held if field.holds_text and isinstance(held, str) else value


def _show_number(packet: Packet, field: FieldFacts, value: Any) -> Shown | None:
    if isinstance(value, sf.FlagValue):
        value = int(value)
    if not isinstance(value, int):
        return None
    form = field.number_form
    return value, form.show(value) if form else _number_text(packet, field, value)


def _number_text(packet: Packet, field: FieldFacts, value: int) -> str:
    try:
        text = field.inner.i2repr(packet, value)
    except Exception:
        text = None
    return text if isinstance(text, str) and _means(field, text, value) else str(value)


def _means(field: FieldFacts, text: str, value: int) -> bool:
    try:
        coerced = coerce(field, text)
        return coerced is not None and number_of(field, coerced) == value
    except ScapyServerError:
        return False


def _show_float(packet: Packet, field: FieldFacts, value: Any) -> Shown | None:
    if isinstance(field.inner, sf.FixedPointField) and isinstance(value, int):
        text = fixed_point_text(field, value)
        return text, text
    if isinstance(value, float) and not math.isfinite(value):
        return str(value), str(value)
    return (value, str(value)) if isinstance(value, int | float) else None


def _show_text(packet: Packet, field: FieldFacts, value: Any) -> Shown | None:
    # Scapy's addresses are a class of str; what is handed out is plain text.
    return (str(value), str(value)) if isinstance(value, str) else None


def _show_bytes(packet: Packet, field: FieldFacts, value: Any) -> Shown | None:
    if not (isinstance(value, bytes) and field.is_wide_text):
        return None
    text = field.inner.i2h(packet, value)
    same = text and field.inner.h2i(packet, text) == value
    return _bytes_object(value), text if same else BINARY


def _show_text_form(packet: Packet, field: FieldFacts, value: Any) -> Shown | None:
    """What people write where Scapy keeps something else: a prefix, a UUID."""
    if isinstance(value, uuid.UUID):
        return str(value), str(value)
    if not (isinstance(value, tuple) and field.holds_text):
        return None
    try:
        text = field.inner.i2h(packet, value)
        same = isinstance(text, str) and field.inner.h2i(packet, text) == value
    except Exception:
        return None
    return (text, text) if same else None


def _show_wire_bytes(packet: Packet, field: FieldFacts, value: Any) -> Shown:
    try:
        encoded = field.inner.addfield(packet, b"", value)
    except Exception:
        encoded = b""
    return _bytes_object(encoded if isinstance(encoded, bytes) else b""), BINARY


def _bytes_object(data: bytes | bytearray) -> dict[str, Any]:
    return {"vtype": "BYTES", "base64": b2a_base64(data, newline=False).decode()}


def show_alone(value: object, registry: Registry, writer: Writer | None = None) -> Shown:
    """The value and hvalue of what is no field: an option, a number in a list."""
    try:
        return _by_type(value, registry, writer)
    except RefusedError:  # no expression of bounded length makes it
        return _bytes_object(b""), BINARY


def _is_beyond_text(value: object) -> bool:
    """Whether a number is larger than one may be in an expression, as keys of SSH may be.

    Python refuses to write some of these in digits.
    """
    return isinstance(value, int) and value.bit_length() > limits.EXPRESSION_INTEGER_BITS


def _by_type(value: object, registry: Registry, writer: Writer | None) -> Shown:
    if _is_beyond_text(value):
        raise RefusedError("the number is too large to be written")
    if isinstance(value, int):
        return int(value), str(int(value))
    if isinstance(value, str):
        return str(value), str(value)
    if isinstance(value, bytes | bytearray):
        return _bytes_object(value), bytes_text(value)
    text = expression_of_held(value, registry, writer)
    return {"vtype": "EXPRESSION", "expr": text}, text


def bytes_text(data: bytes | bytearray) -> str:
    """ASCII bytes as text; any others, and none, as `<binary>`."""
    return data.decode("ascii") if data and data.isascii() else BINARY


_BY_KIND: dict[Kind, Callable[[Packet, FieldFacts, Any], Shown | None]] = {
    Kind.INTEGER: _show_number,
    Kind.ENUM: _show_number,
    Kind.FLAGS: _show_number,
    Kind.FLOAT: _show_float,
    Kind.IPV4: _show_text,
    Kind.IPV6: _show_text,
    Kind.MAC: _show_text,
    Kind.BYTES: _show_bytes,
}

#: What an absent field without a default shows.
_ABSENT: dict[Kind, object] = {
    Kind.INTEGER: 0,
    Kind.ENUM: 0,
    Kind.FLAGS: 0,
    Kind.FLOAT: 0,
    Kind.IPV4: "0.0.0.0",
    Kind.IPV6: "::",
    Kind.MAC: "00:00:00:00:00:00",
    Kind.BYTES: b"",
    Kind.LAYERS: [],
}
