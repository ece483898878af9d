"""Internet checksums over ranges of a frame, computed again after its slots are written.

Source: RFC 1071, sections 1 and 2.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from scapy_server.packet.layers.number_form import NumberForm
from scapy_server.packet.plans.slots import Shown, number_shown


class Checksum(msgspec.Struct, frozen=True):
    """An Internet checksum of two bytes at `at`.

    It covers the ranges of the frame, with the field itself counted as zero, and
    `constant`, the sum of all that stays as it is: the rest of a pseudo header.
    """

    at: int
    ranges: tuple[tuple[int, int], ...]
    constant: int
    form: NumberForm
    never_zero: bool = False

    def fill(self, frame: bytearray) -> Shown:
        """Compute the checksum, write it into the frame and show it."""
        frame[self.at : self.at + 2] = b"\0\0"
        number = -(self.constant + word_sum(frame, self.ranges)) % 65535
        if number == 0 and self.never_zero:
            number = 65535
        frame[self.at : self.at + 2] = number.to_bytes(2, "big")
        return number_shown(self.form, number)


def word_sum(frame: bytearray, ranges: tuple[tuple[int, int], ...]) -> int:
    """The ranges' one's-complement sum of 16-bit words, up to multiples of 65535.

    Such addition is addition modulo 65535, so a range is summed as one long number.
    """
    total = 0
    for start, stop in ranges:
        number = int.from_bytes(frame[start:stop], "big")
        total += number << 8 if (stop - start) & 1 else number
    return total % 65535


def joined(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The same in fewer ranges: whole words, and what follows them at once, are one."""
    found: list[tuple[int, int]] = []
    for start, stop in ranges:
        if found and found[-1][1] == start and (start - found[-1][0]) % 2 == 0:
            found[-1] = found[-1][0], stop
        else:
            found.append((start, stop))
    return tuple(found)
