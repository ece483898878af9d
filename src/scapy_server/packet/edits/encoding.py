"""Which bytes a value takes in its field, and which values steer other fields."""

from __future__ import annotations

from typing import Any

from scapy import fields as sf
from scapy.packet import Packet

from scapy_server.errors import RefusedError, ScapyServerError, shown
from scapy_server.packet.frames.place import Place
from scapy_server.packet.layers.facts import FieldFacts

#: What a field is at the moment: left out, or read and written by a field of Scapy's.
_Form = object


def encoded(packet: Packet, field: FieldFacts, value: Any) -> bytes:
    """The bytes that a field which fills whole bytes builds of a value.

    Raises RefusedError where the value cannot be built.
    """
    writer: Any = _writer(field.declared)
    if isinstance(value, sf.RawVal):
        return bytes(value)
    try:
        if hasattr(writer, "addfield"):
            data = writer.addfield(packet, b"", value)
        else:  # ASN.1
            data = writer.i2m(packet, value)
    except ScapyServerError:
        raise
    except Exception as error:
        reason = str(error).strip().split("\n")[0]
        detail = f" ({reason})" if 0 < len(reason) < 160 and reason.isprintable() else ""
        raise RefusedError(f"{shown(value)} cannot be built{detail}") from error
    if not isinstance(data, bytes):
        raise RefusedError(f"{shown(value)} cannot be built apart from what surrounds it")
    return data


def bytes_for(packet: Packet, field: FieldFacts, place: Place, value: Any) -> bytes:
    """The bytes of a value; of one that suits its place, whatever else Scapy would write.

    That is a number, or bytes that Scapy fills up to a length beyond the end of the frame.
    """
    size = place.bit_length // 8
    plain = None
    if type(value) is int and field.number_form is not None and field.is_big_endian:
        plain = value.to_bytes(size, "big") if 0 <= value < 1 << 8 * size else None
    try:
        data = encoded(packet, field, value)
    except RefusedError:
        if plain is None:
            raise
        return plain
    if isinstance(value, bytes) and len(value) == size and data == value.ljust(len(data), b"\0"):
        return value
    if plain not in (None, data) and _reads_as(packet, field, plain, value):
        return plain
    return data


def check_told(before: Any, value: Any, old: bytes, data: bytes) -> None:
    """Raise RefusedError where a field has another number than before and the same bytes.

    Texts may well have these, as those do that Scapy fills up.
    """
    if isinstance(before, int) and isinstance(value, int) and data == old and value != before:
        raise RefusedError(f"{shown(value)} would change no byte of the field, as Scapy writes it")


def _reads_as(packet: Packet, field: FieldFacts, data: bytes | None, value: int) -> bool:
    """Whether the field reads the value in these bytes."""
    try:
        return bool(_writer(field.declared).getfield(packet, data) == (b"", value))
    except Exception:
        return False


def same(before: Any, after: Any) -> bool:
    """Whether two values are one, as far as they can be compared."""
    try:
        return type(before) is type(after) and bool(before == after)
    except Exception:
        return False


def number_in(packet: Packet, field: FieldFacts, value: Any) -> int:
    """The number that a field of bits puts on the wire for a value."""
    inner = field.for_packet(packet).inner
    return int(inner.i2m(packet, value))


def fills_bits(packet: Packet, field: FieldFacts, place: Place) -> bool:
    """Whether the field is written bit by bit."""
    inner = field.for_packet(packet).inner
    if place.scattered:
        return True
    whole = place.bit_offset % 8 == place.bit_length % 8 == 0
    return isinstance(inner, sf._BitField) and place.bit_length > 0 and not (inner.rev and whole)


def fills_bytes(place: Place) -> bool:
    """Whether a place begins and ends between bytes."""
    return place.bit_offset % 8 == 0 and place.bit_length % 8 == 0


def forms(packet: Packet) -> list[_Form]:
    """What each field of a packet is, with the values that the packet has now.

    A value that makes a difference here steers the layer's structure.
    """
    return [_form(packet, field) for field in packet.fields_desc]


def _form(packet: Packet, field: Any) -> _Form:
    while isinstance(field, sf._FieldContainer):
        if isinstance(field, sf.ConditionalField) and not _holds(field, packet):
            return None
        if isinstance(field, sf.MultipleTypeField):
            try:
                field = field._find_fld_pkt_val(packet, packet.getfieldval(field.name))[0]
            except Exception:
                field = field.dflt
        else:
            field = field.fld
    return field


def _holds(field: sf.ConditionalField, packet: Packet) -> bool:
    try:
        return bool(field._evalcond(packet))
    except Exception:
        return False


def rebuilt(
    packet: Packet, touched: str, before: list[_Form], own: bytes, places: list[Place]
) -> bytes:
    """The fields of a packet of which one that steers its structure has a new value.

    What stays in its form keeps the bytes that it has in `own`, at `places`, and so does what
    can be read in its new form in them; all else that comes or takes another form begins with
    its default.
    """
    after = forms(packet)
    data: Any = b""
    kept = [
        own[place.bit_offset // 8 : place.end // 8]
        if field.name != touched and _is_whole(field, place)
        else None
        for field, place in zip(packet.fields_desc, places, strict=True)
    ]
    for index, field in enumerate(packet.fields_desc):
        if before[index] is not after[index] and field.name != touched:
            packet.fields.pop(field.name, None)
            if not _reads_too(packet, before[index], after[index], kept[index]):
                kept[index] = None
    for index, field in enumerate(packet.fields_desc):
        old = kept[index]
        if old is not None and isinstance(data, bytes):
            data += old
        else:
            data = _added(packet, field, data)
    if not isinstance(data, bytes):
        raise RefusedError("the layer would not end between bytes")
    return data


def _is_whole(field: Any, place: Place) -> bool:
    """Whether a field stands in whole bytes, of which none is another's."""
    whole = place.known and place.present and fills_bytes(place)
    return whole and not (place.scattered or _is_aligned(field))


def _reads_too(packet: Packet, before: _Form, after: Any, old: bytes | None) -> bool:
    """Whether the bytes of a field that took another form are a value in that one as well.

    The packet has that value then.
    """
    if before is None or after is None or old is None:
        return False
    try:
        rest, value = after.getfield(packet, old)
        if rest != b"":  # it trusts a length that Scapy has forgotten
            value = after.m2i(packet, old)
        is_told = after.addfield(packet, b"", value) == old
    except Exception:
        return False
    if is_told:
        packet.fields[after.name] = value
    return bool(is_told)


def _is_aligned(field: Any) -> bool:
    """Whether padding stands in front of the field that depends on where it begins."""
    while isinstance(field, sf.ConditionalField | sf.Emph):
        field = field.fld
    return isinstance(field, sf.ReversePadField)


def _added(packet: Packet, field: Any, data: Any) -> Any:
    value = packet.getfieldval(field.name)
    if isinstance(value, sf.RawVal):
        return data + bytes(value)
    try:
        return field.addfield(packet, data, value)
    except Exception as error:
        raise RefusedError(
            f"the layer takes another form with this value, in which {field.name} has no value "
            "that can be built"
        ) from error


def _writer(field: Any) -> Any:
    """The field that adds the bytes, whether or not it is there and wherever it stands."""
    around = (sf.ConditionalField, sf.TrailerField, sf.Emph)
    while isinstance(field, around):
        field = field.fld
    return field
