"""How a layer reads its own bytes, and where it found each field.

`read_layer` does what Scapy's `dissect` does up to the payload. Layers that read field by
field are walked, and the bits before and after each field are noted. Layers that dissect
themselves do so with `Located` bytes and watched fields: the place of a field is where it
read itself, or that of the piece it holds. What neither tells is looked for by its bytes,
and believed where there is only one way to find it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec
from scapy import fields as sf
from scapy.packet import Packet, Raw

from scapy_server.packet.frames.bit_groups import has_bits, place_bits
from scapy_server.packet.frames.located import (
    Located,
    Sightings,
    pieces_in,
    relocated,
)
from scapy_server.packet.frames.place import Place, unknown_place
from scapy_server.packet.layers.scapy_state import keep_bytes, kept_bytes


class Reading(msgspec.Struct, frozen=True):
    """What a layer made of its bytes.

    `own` is how many of them are its own, `places` are those of its fields, `payload` and
    `padding` what it left.
    """

    own: int
    places: list[Place]
    payload: bytes
    padding: bytes


@cache
def is_watched(cls: type[Packet]) -> bool:
    """Whether a class reads in a way of its own, or has fields that hold parts."""
    return (
        cls.do_dissect is not Packet.do_dissect
        or cls.pre_dissect is not Packet.pre_dissect
        or cls.post_dissect is not Packet.post_dissect
        or any(map(holds_parts, cls.fields_desc))
    )


def holds_parts(field: Any) -> bool:
    """Whether what the field reads may be made of parts."""
    if isinstance(field, sf.MultipleTypeField):
        return any(holds_parts(each) for each, *_ in field.flds) or holds_parts(field.dflt)
    if isinstance(field, sf._FieldContainer):
        return holds_parts(field.fld)
    return bool(field.islist or field.holds_packets)


def read_layer(packet: Packet, data: bytes, *, nested: bool = False) -> Reading:
    """Let an empty packet read itself from bytes; places count from the first of the layer.

    The payload of a `nested` packet is part of the same layer, and keeps its places in it.
    Whatever Scapy raises on bytes that do not suit the class escapes.
    """
    ready = packet.pre_dissect(data)
    walked = type(packet).do_dissect is Packet.do_dissect
    rest, places = (_walk if walked else _watch)(packet, ready)
    if len(ready) < len(data) and data.endswith(ready):  # what comes first is in no field
        keep_bytes(packet, bytes(data[: len(data) - len(ready)]) + (kept_bytes(packet) or b""))
    own = len(data) - len(rest)
    if getattr(packet.post_dissect, "__func__", None) is not Packet.post_dissect:
        rest, own = _read_afterwards(packet, data, rest, places)
    if nested and isinstance(data, Located):
        rest = relocated(data, rest)
    payload, padding = packet.extract_padding(rest)
    if not payload and not padding:
        padding = rest  # a class without payloads that drops what follows: it is on the wire
    payload, padding = payload or b"", padding or b""
    own = _position(payload, data, own)
    start = data.where[0] if isinstance(data, Located) and data else 0
    _clip(places, 8 * (start + own), packet)
    return Reading(own, places, payload, padding)


def _read_afterwards(
    packet: Packet, data: bytes, rest: bytes, places: list[Place]
) -> tuple[bytes, int]:
    """Let a packet take more of its bytes once its fields are read; what is left, and its size.

    What it puts into a field that read nothing stands where it was taken from, and what it
    writes into its fields leaves its bytes as they are on the wire.
    """
    own = len(data) - len(rest)
    kept = kept_bytes(packet)
    rest = packet.post_dissect(relocated(data, rest) if isinstance(data, Located) else rest) or b""
    if data.endswith(rest):
        own = len(data) - len(rest)
        dropped = kept is not None and kept_bytes(packet) is None
        if dropped and not any(manner.trailing for manner in _manners_of(packet)):
            keep_bytes(packet, bytes(data[:own]))
    for index, field in enumerate(packet.fields_desc):
        value = packet.fields.get(field.name)
        if isinstance(value, Located) and places[index].known and not places[index].bit_length:
            places[index] = value.place if value else places[index]
    return rest, own


def _plain(rest: bytes | str) -> bytes:
    """What a field left over; some of Scapy's give an empty text for nothing."""
    return rest.encode("latin-1") if isinstance(rest, str) else bytes(rest)


def _walk(packet: Packet, data: bytes) -> tuple[bytes, list[Place]]:
    """Packet.do_dissect with a note of each field's bits."""
    total = len(data)
    places: list[Place] = []
    plain = bytes(data) if isinstance(data, Located) else data
    rest: Any = plain
    trailing = after = 0
    fields = packet.fields_desc
    hands_on = isinstance(packet, Raw)  # what is left over in a list is read as its next item
    for field, manner in zip(fields, _manners_of(packet), strict=True):
        before, left_before = after, rest
        if manner.aligned:
            before += _bits_in_front(packet, field, _length(rest))
        if (manner.parts or hands_on) and isinstance(data, Located):
            # Where nothing is left there is nothing to be seen.
            rest, value = field.getfield(packet, _with_places(rest, data) if rest else rest)
            rest = (_plain(rest[0]), rest[1]) if isinstance(rest, tuple) else _plain(rest)
        else:
            rest, value = field.getfield(packet, rest)
        if manner.trailing and not (manner.conditional and value is None):
            size = _length(left_before) - len(rest)
            trailing += size
            places.append(Place(8 * (total - trailing), 8 * size, True))
            packet.fields[field.name] = value
            continue
        after = _bit_position(rest, total - trailing)
        if value is None and manner.conditional:
            places.append(Place(before, 0, False))
            continue
        packet.fields[field.name] = value
        places.append(Place(before, after - before if after > before else 0, True))
        if not rest and manner.may_end:
            places += [Place(after, 0, False) for _ in fields[len(places) :]]
            break
    if isinstance(rest, tuple):
        rest = rest[0]
    keep_bytes(packet, plain[: total - len(rest)])
    if has_bits(type(packet)):
        place_bits(packet, places)
    if isinstance(data, Located) and data.where != range(total):
        places = [_in_layer(place, data.where) for place in places]
    return rest, places


class _Manner(NamedTuple):
    """How a field is read: which of the ways there are besides taking its bytes."""

    conditional: bool
    trailing: bool
    may_end: bool
    parts: bool
    aligned: bool


def _manners_of(packet: Packet) -> tuple[_Manner, ...]:
    cls = type(packet)
    return _manners(cls) if packet.fields_desc is cls.fields_desc else _read(packet.fields_desc)


def may_end(cls: type[Packet]) -> bool:
    """Whether a class leaves out fields where no bytes are left for them."""
    return any(manner.may_end for manner in _manners(cls))


@cache
def _manners(cls: type[Packet]) -> tuple[_Manner, ...]:
    return _read(cls.fields_desc)


def _read(fields: Sequence[Any]) -> tuple[_Manner, ...]:
    ends = getattr(sf, "MayEnd", ())
    manners = []
    for field in fields:
        conditional = isinstance(field, sf.ConditionalField)
        may_end = isinstance(field, ends) or (conditional and isinstance(field.fld, ends))
        trailing = isinstance(field, sf.TrailerField)
        aligned = isinstance(_bare(field), sf.ReversePadField)
        manners.append(_Manner(conditional, trailing, may_end, holds_parts(field), aligned))
    return tuple(manners)


def _with_places(rest: Any, data: Located) -> Any:
    """The bytes that are left of `data`, with their places."""
    left, bits = rest if isinstance(rest, tuple) else (rest, None)
    located = Located(left, data.where[len(data) - len(left) :], data.sightings)
    return located if bits is None else (located, bits)


def _in_layer(place: Place, where: Sequence[int]) -> Place:
    """The place in the layer of one that was counted in bytes which stand elsewhere in it."""
    if isinstance(where, range):
        place.move(8 * where.start)
        return place
    if place.scattered or not place.known:
        return unknown_place()
    first = place.bit_offset // 8
    touched = where[first : (place.end + 7) // 8]
    if not touched:
        return place
    if [at - touched[0] for at in touched] != list(range(len(touched))) or touched[0] < 0:
        return unknown_place()
    return Place(8 * touched[0] + place.bit_offset % 8, place.bit_length, place.present)


def _bare(field: Any) -> Any:
    while isinstance(field, sf.ConditionalField | sf.Emph):
        field = field.fld
    return field


def _length(rest: bytes | tuple[bytes, int]) -> int:
    return len(rest[0]) if isinstance(rest, tuple) else len(rest)


def _bits_in_front(packet: Packet, field: Any, left: int) -> int:
    """The padding in front of a field that begins at a multiple of its size."""
    if isinstance(field, sf.ConditionalField) and not field._evalcond(packet):
        return 0
    field = _bare(field)
    return 8 * int(field.padlen(field.original_length(packet) - left, packet))


def _bit_position(rest: bytes | tuple[bytes, int], total: int) -> int:
    if isinstance(rest, tuple):
        return 8 * (total - len(rest[0])) + rest[1]
    return 8 * (total - len(rest))


class _WatchedField:
    """Stands in for a field while a packet dissects itself, and tells where it read."""

    def __init__(self, field: Any, sightings: Sightings) -> None:
        self._field = field
        self._sightings = sightings

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type(self._field)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._field, name)

    def getfield(self, packet: Packet, data: Any) -> Any:
        """As of the field."""
        rest, value = self._field.getfield(packet, data)
        self._sightings.saw_read(packet, self._field.name, data, rest)
        if isinstance(data, Located) and isinstance(rest, bytes):
            rest = relocated(data, rest)
        return rest, value


def _watch(packet: Packet, data: bytes) -> tuple[bytes, list[Place]]:
    """Let a packet dissect itself; some return nothing when nothing is left."""
    if not isinstance(data, Located):
        data = Located.whole(data)
    fields = packet.fields_desc
    packet.__dict__["fields_desc"] = [_WatchedField(field, data.sightings) for field in fields]
    try:
        rest = packet.do_dissect(data) or b""
    finally:
        del packet.__dict__["fields_desc"]
    own_bytes = kept_bytes(packet)
    own = bytes(data[: len(data) - len(rest)]) if own_bytes is None else bytes(own_bytes)
    keep_bytes(packet, own)
    places = [_seen(packet, field, data.sightings) for field in fields]
    _align(packet, places, data, len(data) - len(rest))
    return rest, places


def _seen(packet: Packet, field: Any, sightings: Sightings) -> Place:
    """The place of a field of a packet that dissected itself, as far as it was seen."""
    value = packet.fields.get(field.name)
    if value is None:
        return Place(0, 0, False)
    read = sightings.reads.get((id(packet), field.name))
    if read is not None:
        return read
    if isinstance(value, Packet) and id(value) in sightings.packets:
        return sightings.packets[id(value)].place
    pieces = list(pieces_in(value)) if isinstance(value, bytes) else []
    return pieces[0].place if len(pieces) == 1 else unknown_place()


def _align(packet: Packet, places: list[Place], data: Located, size: int) -> None:
    """Find what is in front of all that was seen, where its order leaves only one way."""
    sought = [
        (index, encoded)
        for index, (field, place) in enumerate(zip(packet.fields_desc, places, strict=True))
        if not place.known and (encoded := _encoded(packet, field))
    ]
    start = data.where[0] if data else 0
    ends = [place.bit_offset // 8 - start for place in places if place.present and place.known]
    room = bytes(data[: min([size, *ends])])
    texts = [encoded for _, encoded in sought]
    found = list(_first_way(room, texts))
    if len(found) < len(texts) or found != list(_last_way(room, texts)):
        return
    for (index, encoded), at in zip(sought, found, strict=True):
        places[index] = Place(8 * (start + at), 8 * len(encoded), True)


def _first_way(room: bytes, texts: Sequence[bytes]) -> Iterator[int]:
    at = 0
    for text in texts:
        at = room.find(text, at)
        if at < 0:
            return
        yield at
        at += len(text)


def _last_way(room: bytes, texts: Sequence[bytes]) -> Sequence[int]:
    found: list[int] = []
    end = len(room)
    for text in reversed(texts):
        end = room.rfind(text, 0, end)
        if end < 0:
            return []
        found.insert(0, end)
    return found


def _encoded(packet: Packet, field: Any) -> bytes:
    value = packet.fields.get(field.name)
    if isinstance(value, bytes):
        return bytes(value)
    try:
        if hasattr(field, "addfield"):
            encoded = field.addfield(packet, b"", value)
        else:  # ASN.1
            encoded = field.i2m(packet, value)
    except Exception:
        return b""
    return encoded if isinstance(encoded, bytes) else b""


def _clip(places: list[Place], bits: int, packet: Packet) -> None:
    """End fields where the payload begins: some classes hand a part of one on."""
    for place, field in zip(places, packet.fields_desc, strict=True):
        first = place.bit_offset
        if first <= bits < first + place.bit_length and not isinstance(field, sf.TrailerField):
            place.bit_length = bits - first


def _position(payload: bytes, data: bytes, consumed_bytes: int) -> int:
    """Where the payload begins in the layer's bytes.

    A layer that transforms its payload (decrypts, unpacks) is taken to end where its
    own fields do.
    """
    if data.startswith(payload, consumed_bytes):
        return consumed_bytes
    found = data.find(payload) if payload else -1
    return found if found > 0 else consumed_bytes
