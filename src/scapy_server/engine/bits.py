"""Sets of bits of a packet, written as integers.

The packet is read as one big-endian number of its length, so that byte 0 is the most
significant one and a field's bits are a run of ones.
"""

from __future__ import annotations


def span(begin: int, end: int, length: int) -> int:
    """The bits of the bytes from `begin` up to, not including, `end`."""
    end = min(end, length)
    return 0 if begin >= end else placed((1 << 8 * (end - begin)) - 1, end - begin, begin, length)


def field_span(first_bit: int, count: int, length: int) -> int:
    """The bits of a field, counted from the start of the packet."""
    return ((1 << count) - 1) << (8 * length - first_bit - count)


def placed(value: int, size: int, byte: int, length: int, is_big: bool = True) -> int:
    """A value of `size` bytes at that byte of a packet of `length` bytes."""
    if not is_big:
        value = int.from_bytes(value.to_bytes(size, "little"), "big")
    return value << 8 * (length - byte - size)


def taken(bits: int, size: int, byte: int, length: int, is_big: bool = True) -> int:
    """The other way round: the value of the `size` bytes at that byte."""
    value = bits >> 8 * (length - byte - size) & ((1 << 8 * size) - 1)
    return value if is_big else int.from_bytes(value.to_bytes(size, "little"), "big")
