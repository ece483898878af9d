"""Where a field lies in its layer: known, absent, or there without a known place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Place:
    """Bits of one field from the start of its layer.

    One that was not read has `present` False and no bits. One that is there, but whose place
    could not be seen, has `known` False and no bits.
    """

    bit_offset: int
    bit_length: int
    present: bool
    known: bool = True

    @property
    def end(self) -> int:
        """The first bit behind it."""
        return self.bit_offset + self.bit_length


def unknown_place() -> Place:
    """The place of a field that is there, nobody knows where."""
    return Place(0, 0, True, known=False)
