"""How lists that Scapy keeps as tuples stand in the bytes: options of TCP and DHCP, transforms.

Scapy reads such a list with a loop of its own and forgets where each item was. What it
reads is told here by the shape of an item: its kind, its length and its value.

Source: RFC 9293, section 3.1 (TCP); RFC 2132, section 2 (DHCP); RFC 2408, section 3.3 (IKE).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from scapy.fields import FieldListField
from scapy.layers.dhcp import DHCPOptionsField
from scapy.layers.inet import TCPOptionsField
from scapy.layers.isakmp import ISAKMPTransformSetField


@dataclass(frozen=True, slots=True)
class Member:
    """A part of an item: `data[start:end]`."""

    id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Element:
    """An item of a list: `data[start:end]` and what it is made of."""

    start: int
    end: int
    members: tuple[Member, ...] = ()


def elements(packet: Any, field: Any, value: list[Any], data: bytes) -> list[Element] | None:
    """Where the items of a list field's value stand in its bytes; None if that is not known.

    Bytes that Scapy took for fewer items are split no further than that is seen.
    """
    found = list(islice(_split(packet, field, value, data), len(value) + 1))
    return found if len(found) == len(value) else None


def first_element(packet: Any, field: Any, item: Any, data: bytes) -> bytes:
    """The bytes of an item in what a list of it alone builds, without what fills the list up."""
    found = next(_split(packet, field, [item], data), None)
    return data if found is None else data[found.start : found.end]


def _split(packet: Any, field: Any, value: list[Any], data: bytes) -> Iterator[Element]:
    for cls, split in _SPLITS:
        if isinstance(field, cls):
            yield from split(packet, field, value, data)
            return


def alignment(field: Any) -> int:
    """The multiple of bytes that a list of options fills, with zeros behind the last one."""
    return 4 if isinstance(field, TCPOptionsField) else 1


def _tcp(packet: Any, field: Any, value: Any, data: bytes) -> Iterator[Element]:
    at = 0
    while at < len(data):
        if data[at] in (0, 1):
            yield Element(at, at + 1, (Member("kind", at, at + 1),))
            if not data[at]:
                return
            at += 1
            continue
        length = max(2, data[at + 1]) if at + 1 < len(data) else 2
        end = min(at + length, len(data))
        yield _kind_length_value("kind", at, end)
        at = end


def _dhcp(packet: Any, field: Any, value: Any, data: bytes) -> Iterator[Element]:
    at = 0
    while at < len(data):
        if data[at] in (0, 255):
            yield Element(at, at + 1, (Member("code", at, at + 1),))
            at += 1
            continue
        end = at + 2 + data[at + 1] if at + 1 < len(data) else len(data) + 1
        if end > len(data):
            yield Element(at, len(data))
            return
        yield _kind_length_value("code", at, end)
        at = end


def _kind_length_value(kind: str, at: int, end: int) -> Element:
    members = [Member(kind, at, at + 1), Member("length", at + 1, min(at + 2, end))]
    if end > at + 2:
        members.append(Member("value", at + 2, end))
    return Element(at, end, tuple(member for member in members if member.end <= end))


def _transforms(packet: Any, field: Any, value: Any, data: bytes) -> Iterator[Element]:
    at = 0
    while len(data) - at >= 4:
        if data[at] & 0x80:
            end = at + 4
            members: tuple[Member, ...] = (
                Member("type", at, at + 2),
                Member("value", at + 2, end),
            )
        else:
            end = min(at + 4 + int.from_bytes(data[at + 2 : at + 4], "big"), len(data))
            members = (
                Member("type", at, at + 2),
                Member("length", at + 2, at + 4),
                Member("value", at + 4, end),
            )
        yield Element(at, end, members)
        at = end


def _listed(packet: Any, field: Any, value: Any, data: bytes) -> Iterator[Element]:
    """The items of a list of one kind of field, which are read again."""
    rest = data
    for item in value:
        left, read = field.field.getfield(packet, rest)
        if not isinstance(left, bytes) or read != item or not rest.endswith(left):
            return
        yield Element(len(data) - len(rest), len(data) - len(left))
        rest = left


_Split = Callable[[Any, Any, Any, bytes], Iterator[Element]]
_SPLITS: tuple[tuple[type[Any], _Split], ...] = (
    (TCPOptionsField, _tcp),
    (DHCPOptionsField, _dhcp),
    (ISAKMPTransformSetField, _transforms),
    (FieldListField, _listed),
)
