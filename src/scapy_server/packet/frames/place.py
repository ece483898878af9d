"""Where a field lies in its layer: known, absent, or there without a known place."""

from __future__ import annotations

import msgspec


class Place(msgspec.Struct):
    """Bits of one field from the start of its layer.

    One that was not read has `present` False and no bits. One that is there, but whose place
    could not be seen, has `known` False and no bits. `scattered` are the bits of a number that
    does not stand in network order, the most significant first; where these are not one whole
    piece the place is not known, and can be written nevertheless.
    """

    bit_offset: int
    bit_length: int
    present: bool
    known: bool = True
    scattered: tuple[int, ...] = ()

    @property
    def first(self) -> int:
        """The first bit that is its own; no bit of the layer's where the place is not known."""
        if self.scattered:
            return min(self.scattered)
        return self.bit_offset if self.known else -1

    @property
    def end(self) -> int:
        """The first bit behind it."""
        return self.bit_offset + self.bit_length

    def move(self, bits: int) -> None:
        """Let it lie so many bits further on."""
        self.bit_offset += bits
        self.scattered = tuple(bit + bits for bit in self.scattered)

    def number(self, data: bytes | bytearray) -> int:
        """The number in its bits, of the layer's own bytes."""
        if self.scattered:
            number = 0
            for bit in self.scattered:
                number = number << 1 | data[bit // 8] >> 7 - bit % 8 & 1
            return number
        number = int.from_bytes(data[self.bit_offset // 8 : (self.end + 7) // 8], "big")
        return number >> -self.end % 8 & (1 << self.bit_length) - 1

    def put(self, data: bytearray, number: int, start: int = 0) -> None:
        """Write a number into its bits; the layer begins at byte `start` of the data."""
        if self.scattered:
            for power, bit in enumerate(reversed(self.scattered)):
                at, mask = start + bit // 8, 0x80 >> bit % 8
                data[at] = data[at] & ~mask | mask * (number >> power & 1)
            return
        first, stop = start + self.bit_offset // 8, start + (self.end + 7) // 8
        shift = -self.end % 8
        mask = (1 << self.bit_length) - 1 << shift
        before = int.from_bytes(data[first:stop], "big")
        data[first:stop] = (before & ~mask | number << shift & mask).to_bytes(stop - first, "big")


def unknown_place() -> Place:
    """The place of a field that is there, nobody knows where."""
    return Place(0, 0, True, known=False)
