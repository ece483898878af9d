"""How a layer of a known structure is shown: its JSON, cut where such layers differ.

A frame's shape seldom comes again, its layers' shapes do: the same IP header stands below
thousands of things. So what a captured frame is shown as is put together of plans for its
layers. This module is plain data and arithmetic, without Scapy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from scapy_server.packet.layers.number_form import NumberForm
from scapy_server.packet.plans.plan import SHOWN_OVERHEAD, with_room
from scapy_server.packet.plans.slots import (
    AddressSlot,
    NumberSlot,
    Shown,
    Slot,
    bytes_shown,
    number_shown,
)

#: What a plan takes besides its bytes and the things shown.
_OVERHEAD = 8192
#: So many numbers with names are remembered with these, of one field.
_MOST_KNOWN = 256
#: The numbers of what is shown besides slots: where the layer begins, and the value, hvalue,
#: bytes and bits of a field that takes all that is left.
OFFSET, *TAIL = range(5)
#: The number of the first slot's value; its hvalue and the other slots follow.
FIRST_SLOT = 5


class Cost(NamedTuple):
    """What reading and showing takes of the bounds that one packet has.

    `taken` are the bytes of the pieces that are taken, with what a piece costs besides.
    """

    fields: int = 0
    records: int = 0
    taken: int = 0
    parts: int = 0
    comparisons: int = 0
    written: int = 0

    def share(self, bounds: Cost) -> float:
        """Which part it is of the bound that it is nearest to; a sum of parts is no less."""
        return max(amount / bound for amount, bound in zip(self, bounds, strict=True))


@dataclass(frozen=True)
class ReadSlot:
    """A field at head[start:stop] that only its class can read and show."""

    start: int
    stop: int
    read: Callable[[bytes], Shown]

    def show(self, head: bytes | bytearray) -> Shown:
        """The value; raises whatever Scapy does with bytes that do not suit the field."""
        return self.read(bytes(head[self.start : self.stop]))


@dataclass(frozen=True)
class LayerPlan:
    """How layers of one class and structure are shown, and what that costs.

    Of the `cost` what is taken counts the pieces, each as long as the layer with what follows.

    A layer has the structure if the bits of its first `size` bytes under `mask` are
    `structure`. All other bits are shown from the bytes by the `slots`, whose places count from
    the layer's first byte. If it has a `tail` its last field takes some of what follows, as it
    stands there. `goes_on` says whether bytes follow the layer that were handed to it, and any in
    the frame, None where that makes no difference.
    """

    size: int
    mask: int
    structure: int
    slots: tuple[Slot | ReadSlot, ...]
    tail: bool
    goes_on: tuple[bool, bool] | None
    pieces: tuple[bytes, ...]
    holes: tuple[int, ...]
    cost: Cost

    @property
    def bytes_taken(self) -> int:
        """What it takes, in bytes."""
        return _OVERHEAD + sum(map(len, self.pieces)) + SHOWN_OVERHEAD * len(self.slots)

    def show(self, frame: bytes, start: int, end: int) -> bytes:
        """The JSON of the `LayerResult` of frame[start:end].

        It is one formatting of numbers, as most of what differs between layers is numbers or
        made of some.
        """
        head = frame[start : start + self.size]
        return self.show_header(head, int.from_bytes(head, "big"), frame, start, end)

    def show_header(self, head: bytes, bits: int, frame: bytes, start: int, end: int) -> bytes:
        """As `show`, of a header that was taken out of the frame, as bytes and as a number."""
        template, pick, numbers, named, others = self._form
        given: list[Any] = [bits >> shift & mask for shift, mask in numbers]
        for number, text in named:
            given.append(text(given[number]))
        for slot in others:
            given += slot.show(head)
        given += head
        given.append(start)
        if self.tail:
            tail = frame[start + self.size : end]
            given += *bytes_shown(tail), len(tail), 8 * len(tail)
        return template % pick(given)

    @cached_property
    def _form(self) -> _Form:
        return _form(self)


class _Form(NamedTuple):
    """How a plan's JSON is formatted: `pick` takes what the template is to be filled with.

    It takes that from the numbers that a shift and a mask make of the header's bits, the texts of
    the `named` ones of these, the value and hvalue of each of the `others`, the header's bytes,
    the layer's place, and its tail.
    """

    template: bytes
    pick: Callable[[list[Any]], tuple[Any, ...]]
    numbers: tuple[tuple[int, int], ...]
    named: tuple[tuple[int, Callable[[int], bytes]], ...]
    others: tuple[Slot | ReadSlot, ...]


#: How addresses of so many bytes are written by their bytes.
_BY_BYTES = {4: b'"%d.%d.%d.%d"', 6: b'"%02x:%02x:%02x:%02x:%02x:%02x"'}
_TAIL = (b"%b", b"%b", b"%d", b"%d")


def _form(plan: LayerPlan) -> _Form:
    slots = plan.slots
    numbers = [slot for slot in slots if isinstance(slot, NumberSlot)]
    named = [slot for slot in numbers if slot.form.shown or slot.form.flags is not None]
    others = [slot for slot in slots if not isinstance(slot, NumberSlot) and not _by_bytes(slot)]
    texts = len(numbers)
    shown = texts + len(named)
    head = shown + 2 * len(others)
    place = head + plan.size

    def hole(number: int) -> tuple[bytes, Iterable[int]]:
        """The format of what stands in a hole, and where that is picked from."""
        if number == OFFSET:
            return b"%d", [place]
        if number < FIRST_SLOT:
            return _TAIL[number - 1], [place + number]
        index, second = divmod(number - FIRST_SLOT, 2)
        slot = slots[index]
        if not isinstance(slot, NumberSlot):
            by_bytes = _by_bytes(slot)
            if by_bytes:
                return by_bytes, range(head + slot.start, head + slot.stop)
            return b"%b", [shown + 2 * _place(others, slot) + second]
        at = _place(numbers, slot)
        if not second:
            return b"%d", [at]
        if _is_in(named, slot):
            return b"%b", [texts + _place(named, slot)]
        return (b'"0x%x"' if slot.form.hexadecimal else b'"%d"'), [at]

    formats: list[bytes] = []
    picked: list[int] = []
    for number in plan.holes:
        form, places = hole(number)
        formats.append(form)
        picked += places
    pieces = [piece.replace(b"%", b"%%") for piece in plan.pieces]
    template = with_room(pieces)
    template[1::2] = formats
    return _Form(
        b"".join(template),
        itemgetter(*picked) if len(picked) > 1 else lambda given: (given[picked[0]],),
        tuple((8 * (plan.size - slot.stop) + slot.shift, (1 << slot.bits) - 1) for slot in numbers),
        tuple((_place(numbers, slot), _texts(slot.form)) for slot in named),
        tuple(others),
    )


def _by_bytes(slot: Slot | ReadSlot) -> bytes | None:
    return _BY_BYTES.get(slot.stop - slot.start) if isinstance(slot, AddressSlot) else None


def _place(slots: Sequence[Slot | ReadSlot], slot: Slot | ReadSlot) -> int:
    """Where this very slot is among others, of which some may be equal."""
    return next(place for place, each in enumerate(slots) if each is slot)


def _is_in(slots: Sequence[Slot | ReadSlot], slot: Slot | ReadSlot) -> bool:
    return any(each is slot for each in slots)


def _texts(form: NumberForm) -> Callable[[int], bytes]:
    """Shows numbers that may have a name, and remembers their texts."""
    known: dict[int, bytes] = {}

    def text(number: int) -> bytes:
        found = known.get(number)
        if found is None:
            found = number_shown(form, number)[1]
            if len(known) < _MOST_KNOWN:
                known[number] = found
        return found

    return text
