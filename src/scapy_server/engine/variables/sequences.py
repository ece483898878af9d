"""What every variable is: values and wraps as functions of how often it has been run.

A variable has been *run* r times when r packets have advanced it; r = 0 shows the value
that the engine starts from. `values(run, count)` are the values shown after run, run + 1,
… runs, and `follower_runs(run, count)` how often the next variable of its chain has then
been run. Both are computed from the run numbers alone, for any run up to 2**63.

Source: docs/engine.md, "Counting", "Lists", "Chains".
"""

from __future__ import annotations

from math import gcd
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: uint32 for variables of up to 4 bytes, uint64 for those of 8.
Values: TypeAlias = NDArray[Any]
#: uint64.
Runs: TypeAlias = NDArray[Any]


class Turns(NamedTuple):
    """How something goes round: after `lead` it repeats every `period`.

    In one period the variable starts over `wraps` times, which is how often the next one
    of its chain is run. The unit is runs for a variable alone, packets within a chain.
    """

    lead: int
    period: int
    wraps: int


class Sequence(Protocol):
    """The values of one variable."""

    #: Of the place in the sequence. None where it takes too long to find out.
    turns: Turns | None
    #: The least and the largest value once it has been run, where they are known.
    span: tuple[int, int] | None

    @property
    def distinct(self) -> bool:
        """Whether no value comes twice in one period."""
        ...

    @property
    def distinct_from_start(self) -> bool:
        """Whether none comes twice in lead and period together."""
        ...

    def values(self, run: int, count: int) -> Values:
        """The values after `run`, `run` + 1, … runs."""
        ...

    def follower_runs(self, run: int, count: int) -> Runs:
        """How often the follower has been run after `run`, `run` + 1, … runs."""
        ...


class Positions:
    """(origin + run * step) mod span for consecutive runs, exact up to a span of 2**64."""

    def __init__(self, origin: int, step: int, span: int) -> None:
        self.origin, self.step, self.span = origin, step, span
        self.dtype: type[np.uint32] | type[np.uint64] = np.uint32 if span <= 1 << 31 else np.uint64
        self._multiples = np.zeros(1, self.dtype)
        # With g = gcd(span, step), span / g steps are the first ones that add up to a
        # multiple of the span, and go round it step / g times: 10 places by 4 are
        # 0 4 8 2 6 and then 0, after two rounds. Without a step nothing ever wraps.
        common = gcd(span, step)
        self.turns = Turns(0, span // common, step // common) if step else Turns(0, 1, 0)

    def at(self, run: int, count: int) -> Values:
        """The positions after `run`, `run` + 1, … runs."""
        while len(self._multiples) < count:
            known = len(self._multiples)
            shift = known * self.step % self.span
            self._multiples = np.concatenate([self._multiples, self._shifted(known, shift)])
        return self._shifted(count, (self.origin + run * self.step) % self.span)

    def _shifted(self, count: int, shift: int) -> Values:
        multiples = self._multiples[:count]
        if self.span <= 1 << 63:  # the sum does not overflow; x - span does, when x < span
            moved = multiples + self.dtype(shift)
            shifted: Values = np.minimum(moved, moved - self.dtype(self.span))
        else:
            room = self.dtype((self.span - shift) & 0xFFFFFFFFFFFFFFFF)
            wraps = (multiples >= room) if shift else np.zeros(count, bool)
            shifted = np.where(wraps, multiples - room, multiples + self.dtype(shift))
        return shifted

    def wraps(self, run: int, count: int) -> Runs:
        """How often the position has wrapped after `run`, `run` + 1, … runs."""
        counts = np.empty(count, np.uint64)
        counts[0] = (self.origin + run * self.step) // self.span
        np.cumsum(self.at(run + 1, count - 1) < self.step, dtype=np.uint64, out=counts[1:])
        counts[1:] += counts[0]
        return counts


class Counting:
    """inc or dec over a range, within the engine's exact case.

    `bounds` are those of the range as the engine extends it; `step` is below its size.
    """

    distinct = distinct_from_start = True

    def __init__(self, op: str, bounds: tuple[int, int], init: int, step: int, size: int) -> None:
        low, high = bounds
        span = high - low + 1
        self._down = op == "dec"
        self._start = high if self._down else low
        first = high - init if self._down else init - low
        self._positions = Positions((first - step) % span, step, span)
        self._dtype: type[np.uint32] | type[np.uint64] = np.uint32 if size <= 4 else np.uint64
        self.turns: Turns | None = self._positions.turns
        self.span: tuple[int, int] | None = bounds

    def values(self, run: int, count: int) -> Values:
        positions = self._positions.at(run, count).astype(self._dtype, copy=False)
        start = self._dtype(self._start)
        result: Values = start - positions if self._down else start + positions
        return result

    def follower_runs(self, run: int, count: int) -> Runs:
        return self._positions.wraps(run, count)


class ListWalking:
    """inc or dec over the indices of a list; `position` is the one that run 1 shows."""

    def __init__(self, op: str, values: Values, position: int, step: int, size: int) -> None:
        count = len(values)
        self._values = values[::-1] if op == "dec" else values
        before = (position - step) % count
        self._positions = Positions(before, step, count)
        index = count - 1 - before if op == "dec" else before
        self._initial = index & ((1 << 8 * size) - 1)
        _, period, wraps = self._positions.turns
        # The start shows an index. It is part of the round only if the entry there, which is
        # the one that ends the round, happens to be that number: 2 1 0 by 1 starts with 2.
        starts_in_round = self._initial == int(self._values[before])
        self.turns: Turns | None = Turns(0 if starts_in_round else 1, period, wraps)
        # It comes by every entry whose distance to the first is a multiple of count / period.
        entries = self._values[before % (count // period) :: count // period]
        shown = set(entries.tolist())
        self.distinct = len(shown) == period
        self.distinct_from_start = self.distinct and (starts_in_round or self._initial not in shown)
        self.span: tuple[int, int] | None = int(entries.min()), int(entries.max())

    def values(self, run: int, count: int) -> Values:
        values = self._values[self._positions.at(run, count)]
        if run == 0 and count:
            values[0] = self._initial
        return values

    def follower_runs(self, run: int, count: int) -> Runs:
        return self._positions.wraps(run, count)
