"""Rewrites: how frames of one structure are shown and changed, as plain data and arithmetic."""

from __future__ import annotations

from typing import Any

import msgspec

from scapy_server.packet.plans.plan import OVERHEAD, Reply
from scapy_server.packet.plans.slots import Slot


class Line(msgspec.Struct, frozen=True):
    """The JSON of a `Summary`, cut where frames of a structure differ.

    `parts` are texts as JSON has them, without quotes, and the numbers of what is shown
    between them; what is `checked` besides must be shown too, for not all numbers are for
    this plan. `end` is what follows the line, and `work` what it takes to read a frame for it.
    """

    parts: tuple[bytes | int, ...]
    checked: tuple[int, ...]
    end: bytes
    work: int

    def join(self, slots: tuple[Slot, ...], frame: bytearray) -> bytes:
        """The whole JSON; raises if the frame is not for this plan."""
        for number in self.checked:
            slots[number].show(frame)
        line = [
            part if isinstance(part, bytes) else slots[part].show(frame)[1][1:-1]
            for part in self.parts
        ]
        return b"".join((b'{"info":"', *line, self.end))


class Laid(msgspec.Struct, frozen=True):
    """What changes make of a frame besides writing slots: another frame around what it shows.

    `frame` has all that the changes and the structure say. Of the old frame it takes the bits
    under `head`, which keep their distance to its start, and those under `tail`, which keep
    that to its end.
    """

    frame: bytes
    head: bytes
    tail: bytes

    def over(self, frame: bytes) -> bytearray:
        """The changed frame, before slots are written."""
        old, new = (int.from_bytes(data, "big") for data in (frame, self.frame))
        head, tail = (int.from_bytes(mask, "big") for mask in (self.head, self.tail))
        further = 8 * (len(self.frame) - len(frame))
        first = old & head
        new |= old & tail | (first << further if further >= 0 else first >> -further)
        return bytearray(new.to_bytes(len(self.frame), "big"))


class Rewrite(msgspec.Struct, frozen=True, tag="rewriting"):
    """How frames of one structure are changed.

    A frame has the structure if its bits under `mask` are `structure`: everything that
    steers its dissection. All other fields are `shown` from its bytes, after the given
    values are written by the `slots`; given values that steer are `fixed`. The numbers that
    are written over must be for this plan too: `replaced`. Nothing is computed again. `line`
    makes the line on a frame without changes, if that depends on nothing else, and `work` is what
    it takes to read and show such a frame.
    """

    mask: bytes
    structure: bytes
    slots: tuple[tuple[int, Slot], ...]
    shown: tuple[Slot, ...]
    reply: Reply
    line: Line | None = None
    fixed: tuple[tuple[int, Any], ...] = ()
    replaced: tuple[Slot, ...] = ()
    laid: Laid | None = None
    work: int = 0

    @property
    def size(self) -> int:
        """What it takes, in bytes, with its mask and structure as numbers too."""
        laid = 0 if self.laid is None else len(self.laid.frame) + 2 * len(self.mask)
        return OVERHEAD + 4 * len(self.mask) + laid + self.reply.size

    def is_for(self, frame: bytes) -> bool:
        """Whether a frame has the structure."""
        if len(frame) != len(self.mask):
            return False
        bits, mask = int.from_bytes(frame, "big"), int.from_bytes(self.mask, "big")
        return bits & mask == int.from_bytes(self.structure, "big")

    def summary(self, frame: bytes) -> bytes | None:
        """The JSON of the line on a frame of the structure, None if it is not for this plan."""
        if self.line is None:
            return None
        try:
            return self.line.join(self.shown, bytearray(frame))
        except Exception:  # as of a `Plan`
            return None

    def result(self, frame: bytes, given: list[Any]) -> bytes | None:
        """The JSON of the result for a frame of the structure; None if a value is not plain."""
        for position, value in self.fixed:
            if given[position] != value or type(given[position]) is not type(value):
                return None
        changed = bytearray(frame)
        try:
            for slot in self.replaced:
                slot.show(changed)
            if self.laid is not None:
                changed = self.laid.over(frame)
            for position, slot in self.slots:
                slot.write(changed, given[position])
            shown = [text for slot in self.shown for text in slot.show(changed)]
            return self.reply.join(shown, changed)
        except Exception:  # as of a `Plan`
            return None
