"""Numbers among the parts of a field that differ, such as the time stamps among TCP's options.

They stand in the text of the field and in those of its parts. Where in these, is found by a
trial: the layer is shown with marks in their places, and its JSON is cut at the marks. What a
number steers besides would be seen: a plan is believed after it agreed with the long way on
other ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from scapy_server.packet.layers.number_form import NumberForm
from scapy_server.packet.plans.slots import NumberSlot
from scapy_server.schema.results import FieldResult

#: Shorter ones seldom differ among layers of a structure, and longer ones are no numbers.
_SIZES = range(4, 9)
_TUPLE = re.compile(r"\(\d+(?:, \d+)*,?\)")


def inner_numbers(field: FieldResult, header: bytes) -> list[NumberSlot]:
    """The numbers of parts that are not packets, as they stand in the header of a layer."""
    if field.parts is msgspec.UNSET:
        return []
    members = (each for part in field.parts if part.layer is msgspec.UNSET for each in part.fields)
    return [slot for member in members for slot in _slots(member, header)]


def _slots(member: FieldResult, header: bytes) -> list[NumberSlot]:
    numbers = list(_numbers(member.value))
    if not numbers or member.bit_offset % 8 or member.unplaced is True:
        return []
    bits, rest = divmod(member.bit_length, len(numbers))
    size, start = bits // 8, member.bit_offset // 8
    if rest or bits % 8 or size not in _SIZES:
        return []
    form = NumberForm(0, (1 << bits) - 1)
    starts = range(start, start + size * len(numbers), size)
    slots = [NumberSlot(each, each + size, 0, bits, form) for each in starts]
    there = [int.from_bytes(header[slot.start : slot.stop], "big") for slot in slots]
    return slots if there == numbers else []


def _numbers(value: Any) -> Iterator[int]:
    """The number, or those of the tuple, that a value is shown as."""
    if type(value) is int:
        yield value
    elif isinstance(value, dict) and _TUPLE.fullmatch(value.get("expr", "")):
        yield from map(int, re.findall(r"\d+", value["expr"]))


def marks(slots: Sequence[NumberSlot]) -> list[int]:
    """Numbers to stand in the slots, each with other digits than those of the others."""
    return [(1 << slot.bits - 1) + 1_000_003 * place for place, slot in enumerate(slots, 1)]


def with_marks(header: bytes, slots: Sequence[NumberSlot]) -> bytes:
    """A header with marks in the slots."""
    marked = bytearray(header)
    for slot, mark in zip(slots, marks(slots), strict=True):
        marked[slot.start : slot.stop] = mark.to_bytes(slot.stop - slot.start, "big")
    return bytes(marked)


def cut_at_marks(
    pieces: Iterable[bytes],
    order: Sequence[int],
    slots: Sequence[NumberSlot],
    holes: Sequence[int],
) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
    """The pieces of a layer's JSON with `order` between them, cut where the marks stand.

    There the number of each slot is to be shown, of which `holes` are the numbers.
    """
    hole_of = {b"%d" % mark: hole for mark, hole in zip(marks(slots), holes, strict=True)}
    mark = re.compile(rb"(?<!\d)(%b)(?!\d)" % b"|".join(hole_of))
    cut: list[bytes] = []
    between: list[int] = []
    for piece, hole in zip(pieces, (*order, None), strict=True):
        texts = mark.split(piece)
        cut += texts[::2]
        between += [hole_of[text] for text in texts[1::2]]
        if hole is not None:
            between.append(hole)
    return tuple(cut), tuple(between)
