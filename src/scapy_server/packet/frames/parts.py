"""The parts of a field: packets in lists, options, header lines, with their places.

A part has an id (`[0]`, `[1]`, … or a header's name) by which a path names it, and a place
in the layer. A part that is a packet has fields of its own, which may have parts again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scapy.packet import NoPayload, Packet, Padding

from scapy_server.packet.frames.elements import Element, elements
from scapy_server.packet.frames.located import Located, Sightings
from scapy_server.packet.frames.place import Place, unknown_place
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.registry import display_name

#: Under which id what a packet within a field carries is one of its fields.
PAYLOAD = "payload"


@dataclass(frozen=True, slots=True)
class Holder:
    """A packet that holds fields, each with its place in the layer, and what it read."""

    packet: Packet
    places: list[Place]
    read: dict[str, Any]

    def value(self, field_id: str) -> Any:
        """The value of a field; what was read where the packet has forgotten it."""
        if field_id not in self.packet.fields and field_id in self.read:
            return self.read[field_id]
        return self.packet.getfieldval(field_id)


@dataclass(frozen=True, slots=True)
class Owned:
    """A field of a packet, as its type is there, with its value and its place."""

    packet: Packet
    field: FieldFacts
    value: Any
    place: Place


@dataclass(frozen=True, slots=True)
class Member:
    """A part of an option: its kind, its length or its value."""

    id: str
    value: Any
    place: Place


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a field.

    `holder` is the packet that it is, `members` what an option is made of; a part that is
    neither is a value alone.
    """

    id: str
    name: str
    value: Any
    place: Place
    holder: Holder | None = None
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerView:
    """What parts are told from: the layer's bytes with what follows, and what was seen."""

    data: bytes
    sightings: Sightings

    def holder(self, packet: Packet) -> tuple[Holder, Place]:
        """A packet within a field, and its own place."""
        seen = self.sightings.packets.get(id(packet))
        if seen is None or len(seen.fields) != len(packet.fields_desc):
            nowhere = [unknown_place() for _ in packet.fields_desc]
            return Holder(packet, nowhere, {}), seen.place if seen else unknown_place()
        return Holder(packet, seen.fields, seen.values), seen.place

    def parts(self, owned: Owned) -> list[Part]:
        """The parts of a field's value; [] of one that is no more than itself."""
        value, place = owned.value, owned.place
        if isinstance(value, Packet):
            if isinstance(value, NoPayload):
                return []
            return [self._empty(value, place) or self._packet(0, value)]
        if isinstance(value, dict):
            return [_text(key, item) for key, item in value.items() if isinstance(key, bytes | str)]
        if not isinstance(value, list) or not value:
            return []
        if any(isinstance(item, Packet) for item in value):
            return [
                self._packet(index, item) if isinstance(item, Packet) else _bare(index, item)
                for index, item in enumerate(value)
            ]
        return list(self._items(owned))

    def payload(self, packet: Packet) -> Packet | None:
        """What a packet within a field carries, None if nothing but what was left over."""
        payload = packet.payload
        return None if isinstance(payload, NoPayload | Padding) else payload

    def _empty(self, packet: Packet, place: Place) -> Part | None:
        """A packet of no bytes, which reads nothing and so is not seen."""
        if id(packet) in self.sightings.packets or not place.known or place.bit_length:
            return None
        at = Place(place.bit_offset, 0, True)
        absent = [Place(place.bit_offset, 0, False) for _ in packet.fields_desc]
        return Part("[0]", display_name(type(packet)), packet, at, Holder(packet, absent, {}))

    def _packet(self, index: int, packet: Packet) -> Part:
        holder, place = self.holder(packet)
        return Part(f"[{index}]", display_name(type(packet)), packet, place, holder)

    def _items(self, owned: Owned) -> Iterator[Part]:
        value, place = owned.value, owned.place
        start = place.bit_offset // 8
        data = self.data[start : place.end // 8] if place.known else b""
        found: list[Element] | None = None
        if place.known and place.bit_offset % 8 == 0:
            found = elements(owned.packet, owned.field.inner, value, data)
        for index, item in enumerate(value):
            if found is None:
                yield _bare(index, item)
                continue
            element = found[index]
            members = tuple(
                Member(
                    each.id,
                    _member_value(each.id, item, data[each.start : each.end]),
                    _bytes_place(start + each.start, each.end - each.start),
                )
                for each in element.members
            )
            own = _bytes_place(start + element.start, element.end - element.start)
            yield Part(f"[{index}]", _name_of(item), item, own, None, members)


def _bytes_place(start: int, size: int) -> Place:
    return Place(8 * start, 8 * size, True)


def _text(key: bytes | str, value: Any) -> Part:
    name = key.decode("ascii", "backslashreplace") if isinstance(key, bytes) else key
    place = value.place if isinstance(value, Located) else unknown_place()
    return Part(name, name, bytes(value) if isinstance(value, bytes) else value, place)


def _bare(index: int, item: Any) -> Part:
    return Part(f"[{index}]", _name_of(item), item, unknown_place())


def _name_of(item: Any) -> str:
    """What an item is called: its kind, where it is an option."""
    first = item[0] if isinstance(item, tuple) and item else item
    if isinstance(first, bytes):
        return "bytes"
    return str(first)


def _member_value(member_id: str, item: Any, data: bytes) -> Any:
    if member_id == "value" and isinstance(item, tuple) and len(item) == 2:
        return item[1]
    if member_id == "value" and isinstance(item, tuple) and len(item) > 2:
        return list(item[1:])
    return int.from_bytes(data, "big") & (0x7FFF if member_id == "type" else -1)
