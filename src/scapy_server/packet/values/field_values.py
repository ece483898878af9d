"""Putting values into fields, strictly: a value fits its field or is refused.

`coerce` reads the strings of the wire as the field's type asks (decimal and hex text,
enum names, flag letters); `assign` puts a Python value into a field of a layer and is
shared with the expressions.

Source: docs/wire.md, "Coercion of text".
"""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any

from scapy import fields as sf
from scapy.asn1.asn1 import ASN1_Object
from scapy.asn1fields import ASN1F_field
from scapy.layers.inet import ICMPTimeStampField
from scapy.packet import Packet

from scapy_server import addresses, limits
from scapy_server.errors import RefusedError, ScapyServerError, shown
from scapy_server.numbers import LONGEST_NUMBER, whole_number
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.field_kinds import Kind
from scapy_server.packet.layers.header_lines import are_lines
from scapy_server.packet.layers.number_form import FlagNames
from scapy_server.packet.layers.scapy_state import note_given, set_internal
from scapy_server.packet.values.option_lists import check_options, plain_options
from scapy_server.wording import nearest

_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-5]?[0-9]):([0-5]?[0-9])\.([0-9]{1,3})")
_ADDRESS_PARSERS = {Kind.IPV4: addresses.ipv4, Kind.IPV6: addresses.ipv6, Kind.MAC: addresses.mac}
_NUMERIC_KINDS = (Kind.INTEGER, Kind.ENUM, Kind.FLAGS)

#: What `coerce` gives for text that means "back to the default".
CLEARED = None


def coerce(field: FieldFacts, value: int | float | str) -> object:
    """The Python value that a plain JSON value means for the field; CLEARED for "".

    Only strings change: numbers of numeric fields become integers or stay as the name
    of an enum value or flags, numbers of floating-point fields become floats.
    """
    if not isinstance(value, str):
        return int(value) if isinstance(value, bool) else value
    if field.kind in _NUMERIC_KINDS:
        if value == "":
            return CLEARED
        number = whole_number(value)
        return value if number is None else number
    if field.kind is Kind.FLOAT:
        return CLEARED if value == "" else _coerce_float(field, value)
    return value


def _coerce_float(field: FieldFacts, text: str) -> object:
    number = whole_number(text)
    if number is not None:
        return number
    if len(text) > LONGEST_NUMBER or not _DECIMAL.fullmatch(text):
        raise RefusedError(f"{shown(text)} is not a number")
    # A fixed-point field holds more digits than a float does.
    return Fraction(text) if isinstance(field.inner, sf.FixedPointField) else float(text)


def item_of(field: FieldFacts, value: int | float | str) -> object:
    """What a plain JSON value means as an item of a list whose items the field reads.

    Raises RefusedError for a number out of range and for names that there are not.
    """
    coerced = coerce(field, value)
    return number_of(field, coerced) if field.kind in _NUMERIC_KINDS else coerced


def assign(packet: Packet, field: FieldFacts, value: object) -> None:
    """Set a field of a layer to a Python value; None goes back to the default.

    Raises RefusedError with what would be right when the value does not fit. Fields
    whose size or type depends on others are checked again when the packet is built.
    """
    if value is None:
        packet.delfieldval(field.id)
        return
    note_given(packet, field.id)
    if isinstance(value, str | bytes | list | tuple):
        limits.PAYLOAD_BYTES.check(len(value))
    try:
        if type(value) is field.takes_as_it_is:
            packet.setfieldval(field.id, number_of(field, value) if type(value) is int else value)
        else:
            _assign_checked(packet, field, value)
    except ScapyServerError:
        raise
    except Exception as error:
        raise RefusedError(_refusal(field, value, error)) from error


def _assign_checked(packet: Packet, field: FieldFacts, value: object) -> None:
    """Set a field to what the value means for its type; raises whatever Scapy does."""
    resolved = _resolved(packet, field, value)
    items = _for_a_layer_below(packet, field, resolved, value)
    if items is not None:
        set_internal(packet, field.id, items)
        return
    checked = _check(resolved, value)
    if isinstance(checked, int | str | bytes) and isinstance(resolved.inner, ASN1F_field):
        checked = resolved.inner.ASN1_tag.asn1_object(checked)
    if isinstance(resolved.inner, sf.FixedPointField) and not isinstance(checked, sf.RawVal):
        # Scapy's own conversion goes through fewer digits than the field holds.
        set_internal(packet, field.id, _fixed_point(resolved, checked))
    elif _is_internal(resolved, checked):
        set_internal(packet, field.id, checked)
    elif _are_named_parts(resolved, checked):
        set_internal(packet, field.id, _named_parts(packet, resolved, checked))
    else:
        packet.setfieldval(field.id, checked)


def _for_a_layer_below(
    packet: Packet, field: FieldFacts, resolved: FieldFacts, value: object
) -> list[object] | None:
    """The items of a list that a field is one of above some layers, for a packet above none yet.

    Alone it is of bytes, as the addresses of VRRP are. None where the list is none of such.
    """
    alone = field.holds_packet_type and packet.underlayer is None and resolved.kind is Kind.BYTES
    if not alone or not isinstance(value, list):
        return None
    for kind in field.alternatives:
        if kind.item is not None:
            with suppress(ScapyServerError):
                return [_check(kind.item, item) for item in value]
    return None


def _is_internal(field: FieldFacts, value: object) -> bool:
    """Whether the value has the form that Scapy keeps, unlike the one that people write."""
    if isinstance(field.inner, sf.StrFieldUtf16):
        return isinstance(value, bytes)
    return isinstance(field.inner.default, tuple) and isinstance(value, tuple)


def _are_named_parts(field: FieldFacts, value: object) -> bool:
    """Whether the value is of pairs of a name and a value of the field within that is called so."""
    return (
        hasattr(field.inner, "fields_map")
        and isinstance(value, list)
        and all(isinstance(item, tuple) and len(item) == 2 for item in value)
    )


def _named_parts(packet: Packet, field: FieldFacts, value: Any) -> list[tuple[str, object]]:
    """The pairs as Scapy keeps them: bytes are what is on the wire, also those of UTF-16."""
    parts: list[tuple[str, object]] = []
    for name, part in value:
        inner = field.inner.fields_map.get(name)
        is_kept = isinstance(part, bytes | list | Packet) or isinstance(inner, sf.PacketListField)
        if inner is not None:
            parts.append((name, part if is_kept else inner.h2i(packet, part)))
    return parts


def _fixed_point(field: FieldFacts, value: Any) -> int:
    scaled: int = round(Fraction(value) * (1 << field.inner.frac_bits))
    if not 0 <= scaled < 1 << field.inner.size:
        whole = 1 << (field.inner.size - field.inner.frac_bits)
        raise RefusedError(f"{value} is out of range; {field.id} takes 0 to below {whole}")
    return scaled


def fixed_point_text(field: FieldFacts, scaled: int) -> str:
    """The shortest plain decimal that means this internal value of a fixed-point field."""
    one = 1 << field.inner.frac_bits
    digits = len(str(one))
    whole, fraction = divmod(round(Fraction(scaled, one) * 10**digits), 10**digits)
    return f"{whole}.{fraction:0{digits}}".rstrip("0").rstrip(".")


def assign_machine(packet: Packet, field: FieldFacts, data: bytes) -> None:
    """Set a field from its bytes on the wire; they must be exactly the field's."""
    inner = _resolved(packet, field, data)
    if inner.is_bit_field and (inner.bits or 0) % 8:
        raise RefusedError("a field of bits cannot be given as bytes")
    if inner.kind is Kind.BYTES:
        assign(packet, field, data)
        return
    try:
        rest, value = inner.inner.getfield(packet, data)
    except Exception as error:
        raise RefusedError(_refusal(field, data, error)) from error
    if rest:
        used = len(data) - len(rest)
        raise RefusedError(f"{shown(data)} has {len(data)} bytes, the field takes {used}")
    try:
        packet.setfieldval(field.id, value)
    except Exception as error:
        raise RefusedError(_refusal(field, data, error)) from error


def _resolved(packet: Packet, field: FieldFacts, value: object) -> FieldFacts:
    if not field.holds_packet_type:
        return field.for_packet(packet)
    standing = field.for_packet(packet)
    try:
        resolved = field.for_value(packet, value)
    except Exception:
        return standing
    # Where an address stands, other text would be taken for raw bytes: it is a misspelt one.
    misspelt = isinstance(value, str) and resolved.kind is Kind.BYTES
    return standing if misspelt and standing.kind in _ADDRESS_PARSERS else resolved


def _check(field: FieldFacts, value: object) -> object:
    """The value in the form Scapy wants; RefusedError if the field cannot hold it."""
    kind = field.kind
    if isinstance(value, sf.RawVal):
        return value
    if isinstance(value, ASN1_Object) and isinstance(field.inner, ASN1F_field):
        return value
    if kind in _NUMERIC_KINDS:
        return number_of(field, value)
    if kind in _ADDRESS_PARSERS:
        return address_of(field, value)
    if kind is Kind.FLOAT:
        return _check_float(value)
    if kind is Kind.BYTES:
        return _check_bytes(field, value)
    if isinstance(field.inner, sf.UUIDField) and isinstance(value, str):
        return _check_uuid(field, value)
    if kind is Kind.LAYER and not isinstance(value, Packet | bytes | ASN1_Object):
        raise RefusedError(f"the field holds a layer, not {shown(value)}")
    if kind is Kind.LAYERS:
        return _check_layers(value)
    check_options(field.inner, value)
    return plain_options(field.inner, value)


def address_of(field: FieldFacts, value: object) -> object:
    """The address that a field of one takes; RefusedError for what is none."""
    return _ADDRESS_PARSERS[field.kind](value)


def number_of(field: FieldFacts, value: object) -> int:
    """The integer that a number, its text, an enum name or flags mean for a numeric field."""
    if isinstance(value, str):
        number = whole_number(value)
        value = _named_number(field, value) if number is None else number
    if isinstance(value, sf.FlagValue):
        value = int(value)
    if isinstance(value, bool):
        value = int(value)
    if not isinstance(value, int):
        raise RefusedError(f"{shown(value)} is not a whole number{_expected(field)}")
    if field.minimum is not None and field.maximum is not None:
        if not field.minimum <= value <= field.maximum:
            raise RefusedError(f"{shown(value)} is out of range{_expected(field)}")
    elif value.bit_length() > limits.EXPRESSION_INTEGER_BITS:
        raise RefusedError(f"{shown(value)} is too large")
    return value


def _named_number(field: FieldFacts, text: str) -> int:
    if field.kind is Kind.FLAGS:
        return _flags_number(field, text)
    number = _enum_numbers(field).get(text)
    if number is None and isinstance(field.inner, ICMPTimeStampField):
        number = _milliseconds(text)
    if number is None and field.kind is Kind.ENUM and getattr(field.inner, "s2i_cb", None):
        try:
            number = field.inner.s2i_cb(text)
        except Exception:
            number = None
    if number is None:
        hint = nearest(text, _enum_numbers(field)) if field.enum else ""
        what = "a number or a known name" if field.enum else "a number"
        raise RefusedError(f"{shown(text)} is not {what}{_expected(field)}{hint}")
    return number


def _milliseconds(text: str) -> int | None:
    """The time of day as Scapy shows it: hours:minutes:seconds.milliseconds."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, milliseconds = map(int, match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds


def _enum_numbers(field: FieldFacts) -> Mapping[str, int]:
    by_name = getattr(field.inner, "s2i", None)
    if isinstance(by_name, dict) and field.kind is Kind.ENUM:
        return {name: number for name, number in by_name.items() if isinstance(number, int)}
    return {name: number for number, name in field.enum.items()}


def _flags_number(field: FieldFacts, text: str) -> int:
    try:
        return FlagNames(field.flags, isinstance(field.inner.names, list)).number(text)
    except ValueError as error:
        known = ", ".join(flag for flag in field.flags if flag)
        raise RefusedError(f"{shown(str(error))} is not a flag; the flags are {known}") from None


def _expected(field: FieldFacts) -> str:
    if field.minimum is None or field.maximum is None:
        return ""
    maximum = field.maximum if field.maximum < 1 << 64 else f"2**{field.maximum.bit_length()} - 1"
    return f"; {field.id} takes {field.minimum} to {maximum}"


def _check_float(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 64:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Fraction):
        return value
    raise RefusedError(f"{shown(value)} is not a finite number")


def _check_bytes(field: FieldFacts, value: object) -> object:
    if isinstance(value, bytearray):
        value = bytes(value)
    if isinstance(value, Packet) and isinstance(field.inner, ASN1F_field):
        return value  # a string of ASN.1 may hold what it encodes
    if value == 0 and not isinstance(value, str | bytes) and _holds_nothing(field):
        return b""
    if isinstance(value, dict) and field.inner.default is None and are_lines(value):
        return value  # header lines that have no field of their own
    if not isinstance(value, str | bytes):
        raise RefusedError(f"the field holds bytes or text, not {shown(value)}")
    if isinstance(value, str):
        try:
            encoded = value.encode()
        except UnicodeEncodeError:
            raise RefusedError(f"{shown(value)} is not valid Unicode text") from None
    else:
        encoded = value
    if field.bits is not None and isinstance(field.inner, sf.StrFixedLenField):
        room, length = field.bits // 8, _length_on_wire(field, encoded)
        if length > room:
            raise RefusedError(f"{shown(value)} has {length} bytes, the field holds {room}")
        if isinstance(value, bytes) and type(field.inner).i2m.__module__ != sf.__name__:
            return value.ljust(room, b"\0")  # whole, it is not taken for text of an address
    return value if isinstance(field.inner, sf._StrField) else encoded


def _holds_nothing(field: FieldFacts) -> bool:
    """Whether the field has no bytes in packets like this one, such as ICMP's `unused`."""
    inner: Any = field.inner
    return isinstance(inner, sf.StrFixedLenField) and field.bits is None and _no_length(inner)


def _no_length(inner: Any) -> bool:
    try:
        return bool(inner.length_from(None) == 0)
    except Exception:
        return False  # it asks its packet


def _check_uuid(field: FieldFacts, text: str) -> object:
    if text in (getattr(field.inner, "s2i", None) or ()):
        return text
    try:
        return uuid.UUID(text)
    except ValueError:
        raise RefusedError(f"{shown(text)} is not a UUID") from None


def _length_on_wire(field: FieldFacts, value: bytes) -> int:
    try:
        return len(field.inner.i2m(None, value))
    except Exception:
        return len(value)


def _check_layers(value: object) -> object:
    if isinstance(value, Packet):
        return [value]
    if isinstance(value, list | tuple) and all(
        isinstance(item, Packet | bytes | str | tuple | int) for item in value
    ):
        return list(value)
    raise RefusedError(f"the field holds a list of layers, not {shown(value)}")


def _refusal(field: FieldFacts, value: Any, error: Exception) -> str:
    reason = str(error).strip().split("\n")[0]
    detail = f" ({reason})" if reason and reason.isprintable() and len(reason) < 160 else ""
    return f"{shown(value)} does not suit {type(field.inner).__name__} {field.id}{detail}"
