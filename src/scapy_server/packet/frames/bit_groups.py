"""Which bits a number has that shares its bytes with others, in whatever order these are.

Scapy has several ways of keeping bit fields of little-endian machines, none of which says
where a bit ends up. So the fields of a group are let read bytes with one bit set, for each of
their bits: what they read tells to whom it belongs. That is done once for each group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from scapy import fields as sf
from scapy.packet import Packet

from scapy_server.packet.frames.place import Place
from scapy_server.packet.layers.scapy_state import new_layer

#: The bits of each field of a group, counted from its first bit, the most significant first.
_Group = tuple[tuple[int, ...], ...]
#: A group of more bits is left as it is.
_MOST_BITS = 512
_known: dict[tuple[int, ...], _Group | None] = {}


@cache
def has_bits(cls: type[Packet]) -> bool:
    """Whether a class has fields of bits that may not stand in network order."""
    bare = map(_bare, cls.fields_desc)
    return any(isinstance(field, sf._BitField) and _is_reversed(field) for field in bare)


def place_bits(packet: Packet, places: Sequence[Place]) -> None:
    """Correct the places of bit fields that do not stand in network order."""
    for group in _runs(packet.fields_desc, places):
        fields = [packet.fields_desc[index] for index in group]
        if any(_is_reversed(_bare(field)) for field in fields):
            first = places[group[0]].bit_offset
            for index, bits in zip(group, _bits_of(packet, fields) or (), strict=False):
                _correct(places[index], [first + bit for bit in bits])


def _runs(fields: Sequence[Any], places: Sequence[Place]) -> Iterator[list[int]]:
    """The fields that share bytes, as many as begin and end between bytes."""
    run: list[int] = []
    start = least = 0
    for index, (field, place) in enumerate(zip(fields, places, strict=True)):
        bare = _bare(field)
        fixed = isinstance(bare, sf._BitField) and not isinstance(bare, sf.BitLenField)
        if not fixed or place.bit_length != bare.size:
            run = []
            continue
        if not run or places[run[-1]].end != place.bit_offset:
            run, start = [], place.bit_offset
            least = start + 8 * bare.tot_size if bare.rev else start
        run.append(index)
        if place.end % 8 == 0 and place.end >= least:
            if start % 8 == 0:
                yield run
            run = []


def _bare(field: Any) -> Any:
    while isinstance(field, sf.ConditionalField | sf.Emph):
        field = field.fld
    return field


def _is_reversed(field: Any) -> bool:
    """Whether a field of bits may be read otherwise than bit by bit."""
    return bool(field.rev) or type(field).getfield is not sf._BitField.getfield


def _bits_of(packet: Packet, fields: Sequence[Any]) -> _Group | None:
    """The bits of each field; None if they cannot be told."""
    key = tuple(map(id, fields))
    if key not in _known:
        try:
            _known[key] = _tried(packet, [_bare(field) for field in fields])
        except Exception:  # fields that do not read any bytes
            _known[key] = None
    return _known[key]


def _tried(packet: Packet, fields: Sequence[Any]) -> _Group | None:
    total = sum(field.size for field in fields)
    if total % 8 or total > _MOST_BITS:
        return None
    found: list[dict[int, int]] = [{} for _ in fields]
    for bit in range(total):
        values = _read(packet, fields, (1 << total - 1 - bit).to_bytes(total // 8, "big"))
        for bits, value in zip(found, values, strict=True):
            if value:
                bits[value.bit_length() - 1] = bit
    if any(len(bits) != field.size for bits, field in zip(found, fields, strict=True)):
        return None
    return tuple(tuple(bits[power] for power in sorted(bits, reverse=True)) for bits in found)


def _read(packet: Packet, fields: Sequence[Any], data: bytes) -> list[int]:
    """What the fields read; some know it only when the last of them has."""
    trial = new_layer(type(packet), None)
    rest: Any = data
    for field in fields:
        rest, value = field.getfield(trial, rest)
        trial.fields[field.name] = value
    return [int(trial.fields[field.name]) for field in fields]


def _correct(place: Place, bits: Sequence[int]) -> None:
    first = min(bits)
    in_order = list(range(first, first + len(bits)))
    if list(bits) == in_order and place.bit_offset == first:
        return
    place.scattered = tuple(bits)
    whole_bytes = first % 8 == len(bits) % 8 == 0  # of which the last one comes first
    if list(bits) == in_order or (sorted(bits) == in_order and whole_bytes):
        place.bit_offset = first
    else:
        place.bit_offset, place.bit_length, place.known = 0, 0, False
