"""Writing variables into the packets of a block.

Source: docs/engine.md, "Writes".
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scapy_server.engine import bits
from scapy_server.engine.variables.sequences import Values
from scapy_server.engine.vm import Vm, WriteMask, WriteVar

Rows = NDArray[np.uint8]


def field(rows: Rows, offset: int, width: int, order: str) -> NDArray[Any]:
    """The integers at an offset of every packet, as a view; `order` is "<" or ">"."""
    if width == 1:
        return rows[:, offset]
    return rows[:, offset : offset + width].view(f"{order}u{width}")[:, 0]


class PlainWrite:
    """value + add_value, in either byte order.

    `mask` are the bits of the field that it sets, all of them.
    """

    reads = range(0)

    def __init__(self, item: WriteVar, size: int) -> None:
        self.name = item.name
        self.bytes = range(item.pkt_offset, item.pkt_offset + size)
        self.mask = (1 << 8 * size) - 1
        self.is_big = item.is_big_endian
        self._add = item.add_value

    def apply(self, rows: Rows, values: Values) -> None:
        """Write a value into each packet."""
        target = field(rows, self.bytes.start, len(self.bytes), ">" if self.is_big else "<")
        np.copyto(target, self.written(values), casting="unsafe")

    def written(self, values: Values) -> Values:
        """What is written of the values; its low bytes are the field's."""
        if self._add:
            word = values.dtype.type
            values = values + word(self._add & int(np.iinfo(word).max))
        return values

    def tells_apart(self, low: int, high: int) -> bool:
        """Whether different values within that range are written differently."""
        return True


class MaskedWrite:
    """(value + add_value) shifted, into the bits of the mask.

    A big-endian field is as wide as the cast size and takes the upper half of 8-byte
    variables; a little-endian one is as wide as the variable and takes the lower half.
    `mask` are the bits of the field that it sets.
    """

    def __init__(self, item: WriteMask, size: int) -> None:
        self.name = item.name
        width = item.pkt_cast_size if item.is_big_endian else min(size, 4)
        self.bytes = range(item.pkt_offset, item.pkt_offset + width)
        self.reads = self.bytes
        self.mask = item.mask & ((1 << 8 * width) - 1)
        self.is_big = item.is_big_endian
        self._half = size == 8
        self._item = item

    def apply(self, rows: Rows, values: Values) -> None:
        """Write a value into each packet, beside the bits that stay."""
        target = field(rows, self.bytes.start, len(self.bytes), ">" if self.is_big else "<")
        kept = target.astype(np.uint32) & np.uint32(~self.mask & 0xFFFFFFFF)
        np.copyto(target, kept | self.written(values), casting="unsafe")

    def written(self, values: Values) -> Values:
        """What is written of the values, 0 outside of the mask."""
        result: Values = self.moved(values) & np.uint32(self.mask)
        return result

    def moved(self, values: Values) -> Values:
        """The values with what is added, shifted, before the mask is applied."""
        item, word = self._item, np.uint32
        if self._half and self.is_big:
            values = values >> np.uint64(32)
        sums = values.astype(word) + word(item.add_value & 0xFFFFFFFF)
        moved: Values = sums << word(item.shift) if item.shift > 0 else sums >> word(-item.shift)
        return moved

    def reached(self, largest: int) -> int:
        """The bits of the field, within the mask or not, that values up to one can come to."""
        moved = int(self.moved(np.array([largest], np.uint64))[0])
        return (1 << moved.bit_length()) - 1 & ~((1 << max(self._item.shift, 0)) - 1)

    def tells_apart(self, low: int, high: int) -> bool:
        """Whether different values within that range are sure to be written differently.

        They are if every bit in which they can differ comes to lie within the mask, and none
        is lost before: two numbers from `low` to `high` agree in all bits above the highest
        one in which these two differ. 96 to 111 differ in their lowest 4 bits only, so that
        the mask 0x0f tells them apart.
        """
        low, high = low + self._item.add_value, high + self._item.add_value
        if self._half or self._item.shift < 0 or low < 0 or high >= 1 << 32:
            return False
        varying = (1 << (low ^ high).bit_length()) - 1
        return not varying << self._item.shift & ~self.mask


VariableWrite = PlainWrite | MaskedWrite


def writes_of(program: Vm) -> list[tuple[int, VariableWrite]]:
    """What a program writes of its variables, with the places of the instructions."""
    sizes = program.sizes
    found: list[tuple[int, VariableWrite]] = []
    for position, item in enumerate(program.instructions):
        if isinstance(item, WriteVar):
            found.append((position, PlainWrite(item, sizes[item.name])))
        elif isinstance(item, WriteMask):
            found.append((position, MaskedWrite(item, sizes[item.name])))
    return found


def bits_of(write: VariableWrite, length: int) -> int:
    """The bits of a packet of that length that a write sets."""
    return bits.placed(write.mask, len(write.bytes), write.bytes.start, length, write.is_big)
