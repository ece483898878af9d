"""Writing variables into the packets of a block.

Source: semantics sections 4.1 and 4.2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scapy_server.engine.program import WriteMask, WriteVar
from scapy_server.engine.sequences import Values

Rows = NDArray[np.uint8]


def field(rows: Rows, offset: int, width: int, order: str) -> NDArray[Any]:
    """The integers at an offset of every packet, as a view; `order` is "<" or ">"."""
    if width == 1:
        return rows[:, offset]
    return rows[:, offset : offset + width].view(f"{order}u{width}")[:, 0]


class PlainWrite:
    """value + add_value, in either byte order."""

    def __init__(self, item: WriteVar, size: int) -> None:
        self.name = item.name
        self.bytes = range(item.pkt_offset, item.pkt_offset + size)
        self.reads: range = range(0)
        self._order = ">" if item.is_big_endian else "<"
        self._add = item.add_value

    def apply(self, rows: Rows, values: Values) -> None:
        if self._add:
            word = values.dtype.type
            values = values + word(self._add & int(np.iinfo(word).max))
        target = field(rows, self.bytes.start, len(self.bytes), self._order)
        np.copyto(target, values, casting="unsafe")


class MaskedWrite:
    """(value + add_value) shifted, into the bits of the mask.

    A big-endian field is as wide as the cast size and takes the upper half of 8-byte
    variables; a little-endian one is as wide as the variable and takes the lower half.
    """

    def __init__(self, item: WriteMask, size: int) -> None:
        self.name = item.name
        width = item.pkt_cast_size if item.is_big_endian else min(size, 4)
        self.bytes = range(item.pkt_offset, item.pkt_offset + width)
        self.reads = self.bytes
        self._order = ">" if item.is_big_endian else "<"
        self._upper_half = item.is_big_endian and size == 8
        self._item = item

    def apply(self, rows: Rows, values: Values) -> None:
        item, word = self._item, np.uint32
        if self._upper_half:
            values = values >> np.uint64(32)
        bits = values.astype(word) + word(item.add_value & 0xFFFFFFFF)
        bits = bits << word(item.shift) if item.shift > 0 else bits >> word(-item.shift)
        target = field(rows, self.bytes.start, len(self.bytes), self._order)
        kept = target.astype(word) & word(~item.mask & 0xFFFFFFFF)
        np.copyto(target, kept | bits & word(item.mask), casting="unsafe")
