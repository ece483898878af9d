"""How a layer of a known structure is shown: its JSON, cut where such layers differ.

A frame's shape seldom comes again, its layers' shapes do: the same IP header stands below
thousands of things. So what a captured frame is shown as is put together of plans for its
layers. This module is plain data and arithmetic, without Scapy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter, le
from typing import NamedTuple

from scapy_server.packet.frames.budget import PIECE
from scapy_server.packet.plans.plan import SHOWN_OVERHEAD, with_room
from scapy_server.packet.plans.slots import NumberSlot, Shown, Slot, bytes_shown, number_shown

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

    def is_within(self, bounds: Cost) -> bool:
        """Whether none of it is more than a bound."""
        return all(map(le, self, bounds))


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

    def cost_of(self, length: int) -> Cost:
        """What a layer costs that was handed so many bytes."""
        fields, records, pieces, *others = self.cost
        return Cost(fields, records, pieces * (length + PIECE), *others)

    @property
    def bytes_taken(self) -> int:
        """What it takes, in bytes."""
        return _OVERHEAD + sum(map(len, self.pieces)) + SHOWN_OVERHEAD * len(self.slots)

    def show(self, frame: bytes, start: int, end: int) -> bytes:
        """The JSON of the `LayerResult` of frame[start:end]."""
        stop = start + self.size
        head = frame[start:stop]
        bits = int.from_bytes(head, "big")
        shown: list[bytes] = [b"%d" % start]
        if self.tail:
            size = end - stop
            shown += *bytes_shown(frame[stop:end]), b"%d" % size, b"%d" % (8 * size)
        for show in self._showing:
            shown += show(bits, head)
        parts = self._parts.copy()
        parts[1::2] = self._between(shown)
        return b"".join(parts)

    @cached_property
    def _showing(self) -> list[_Show]:
        return [_showing(slot, self.size) for slot in self.slots]

    @cached_property
    def _parts(self) -> list[bytes]:
        return with_room(self.pieces)

    @cached_property
    def _between(self) -> Callable[[list[bytes]], Iterable[bytes]]:
        """Takes what stands between the pieces from all that is shown."""
        skipped = 0 if self.tail else len(TAIL)
        numbers = [hole - skipped if hole >= FIRST_SLOT else hole for hole in self.holes]
        return itemgetter(*numbers) if len(numbers) > 1 else itemgetter(slice(0, 1))


#: Shows a slot from the header's bits, or its bytes.
_Show = Callable[[int, bytes], Shown]


def _showing(slot: Slot | ReadSlot, size: int) -> _Show:
    """How a slot of a header of `size` bytes is shown, of numbers from its bits."""
    if not isinstance(slot, NumberSlot):
        return lambda _, head: slot.show(head)
    shift, mask = 8 * (size - slot.stop) + slot.shift, (1 << slot.bits) - 1
    form = slot.form
    if form.shown or form.flags is not None:
        known: dict[int, Shown] = {}

        def show(bits: int, _: bytes) -> Shown:
            number = bits >> shift & mask
            shown = known.get(number)
            if shown is None:
                shown = number_shown(form, number)
                if len(known) < _MOST_KNOWN:
                    known[number] = shown
            return shown

        return show
    return lambda bits, _: number_shown(form, bits >> shift & mask)
