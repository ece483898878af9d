"""When each packet of a stream is sent, exactly, without adding anything up."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from scapy_server.errors import RefusedError, shown
from scapy_server.numbers import amount, seconds

MICROSECONDS, NANOSECONDS = 1_000_000, 1_000_000_000
DEFAULT_GAP = Fraction(1, 1000)
_FINEST = 1_000_000_000_000
_LONGEST_GAP = 86_400 * 365


class Pace:
    """Packets `gap` seconds apart; packet 0 is sent at time 0."""

    def __init__(self, gap: Fraction = DEFAULT_GAP) -> None:
        if not 0 <= gap <= _LONGEST_GAP:
            raise RefusedError("the gap between packets must be from 0 to a year")
        self.gap = gap.limit_denominator(_FINEST)

    @classmethod
    def of_rate(cls, text: str) -> Pace:
        """So many packets a second, as "1000", "2.5", "1/3" or "14.88M"."""
        rate = amount(text)
        if rate is None:
            raise RefusedError(f"a rate must be a number such as 1000 or 2.5M, not {shown(text)}")
        if rate <= 0:
            raise RefusedError(f"a rate must be above 0, not {shown(text)}")
        return cls(1 / rate)

    @classmethod
    def of_gap(cls, text: str) -> Pace:
        """Packets so far apart, as "10us", "1.5ms" or "0.001" (seconds)."""
        gap = seconds(text)
        if gap is None:
            raise RefusedError(f"a gap must be a time such as 10us, 1.5ms or 2s, not {shown(text)}")
        return cls(gap)

    def ticks(self, start: int, count: int, per_second: int) -> tuple[int, NDArray[np.uint64]]:
        """When `count` packets from `start` on are sent: a base and what to add to it.

        In units of 1/`per_second` seconds, rounded down.
        """
        numerator = self.gap.numerator * per_second
        denominator = self.gap.denominator
        base, rest = divmod(start * numerator, denominator)
        if numerator * count + rest >= 1 << 64:
            numbers = [(rest + index * numerator) // denominator for index in range(count)]
            return base, np.array(numbers, np.uint64)
        steps = np.arange(count, dtype=np.uint64) * np.uint64(numerator)
        if denominator > 1:
            steps = (steps + np.uint64(rest)) // np.uint64(denominator)
        return base, steps
