"""How a layer of a known structure is shown: its JSON, cut where such layers differ.

A frame's shape seldom comes again, its layers' shapes do: the same IP header stands below
thousands of things. So what a captured frame is shown as is put together of plans for its
layers. This module is plain data and arithmetic, without Scapy.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import add, le
from typing import NamedTuple

from scapy_server.packet.plans.plan import Slot, bytes_shown

#: What a plan takes besides its bytes, and each thing shown.
_OVERHEAD, _SHOWN_OVERHEAD = 8192, 512
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

    def plus(self, other: Cost) -> Cost:
        """What both take."""
        return Cost(*map(add, self, other))

    def is_within(self, bounds: Cost) -> bool:
        """Whether none of it is more than a bound."""
        return all(map(le, self, bounds))


@dataclass(frozen=True, slots=True)
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
    slots: tuple[Slot, ...]
    tail: bool
    goes_on: tuple[bool, bool] | None
    pieces: tuple[bytes, ...]
    holes: tuple[int, ...]
    cost: Cost

    @property
    def bytes_taken(self) -> int:
        """What it takes, in bytes."""
        return _OVERHEAD + sum(map(len, self.pieces)) + _SHOWN_OVERHEAD * len(self.slots)

    def show(self, frame: bytes, start: int, end: int) -> bytes:
        """The JSON of the `LayerResult` of frame[start:end]."""
        stop = start + self.size
        head = bytearray(frame[start:stop])
        shown: list[bytes] = [b"%d" % start, b"", b"", b"", b""]
        if self.tail:
            size = end - stop
            shown[1:] = *bytes_shown(frame[stop:end]), b"%d" % size, b"%d" % (8 * size)
        for slot in self.slots:
            shown += slot.show(head)
        parts = [b""] * (2 * len(self.holes) + 1)
        parts[::2] = self.pieces
        parts[1::2] = [shown[hole] for hole in self.holes]
        return b"".join(parts)
