"""Counting outside the engine's exact case, where its arithmetic overflows.

A range that was extended past what the variable can hold, or that a trim has narrowed,
makes the engine compare with bounds that no longer fit. One run is still a function of
the stored value alone, made of a few translations modulo 2**bits, so every such variable
falls into a cycle. Variables of 1 and 2 bytes have their whole path tabulated. Those of
4 bytes have it as a list of strides, runs of equal steps, each found in logarithmic time.

As the next value depends on the value alone, a value that comes again brings all that
followed it: no value comes twice in the lead and one period, and both are the least.

Source: docs/engine.md, "Where it overflows".
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scapy_server.engine.variables.sequences import Runs, Turns, Values
from scapy_server.errors import RefusedError

#: How much of an irregular path is looked at.
STRIDES = 2000


def step_back(op: str, init: int, low: int, high: int, step: int) -> int:
    """The value before `init` as the engine computes it, in 64 bits."""
    word = (1 << 64) - 1
    if op == "inc":
        room = (init - low) & word
        return (init - step if step <= room else high - (step - room - 1)) & word
    room = (high - init) & word
    return (init + step if step <= room else low + (step - room - 1)) & word


class TabulatedOrbit:
    """The path of a variable of 1 or 2 bytes, from the stored numbers."""

    distinct = distinct_from_start = True

    def __init__(self, op: str, start: int, bounds: tuple[int, int], step: int, bits: int) -> None:
        low, high = bounds
        states = np.arange(1 << bits, dtype=np.int64)
        if op == "inc":
            room, sign, base = high - states, 1, low
        else:
            room, sign, base = states - low, -1, high
        stays = (room < 0) | (step <= room)
        moved = np.where(stays, states + sign * step, base + sign * (step - room - 1))
        following = (moved & ((1 << bits) - 1)).astype(np.uint32)
        path, lead = _path(following, start)
        self._path = path
        # In the engine's 16-bit comparison a negative room counts as a wrap.
        wrapped = (room < step)[path]
        self._wraps = np.concatenate([[0], np.cumsum(wrapped)]).astype(np.uint32)
        self._turns = Turns(lead, len(path) - lead, int(self._wraps[-1] - self._wraps[lead]))
        self.turns: Turns | None = self._turns
        self.span: tuple[int, int] | None = int(path.min()), int(path.max())

    def _indices(self, run: int, count: int) -> tuple[NDArray[np.int64], Runs]:
        """The places on the path after `run`, … runs, and how many whole turns come before."""
        lead, period, _ = self._turns
        turns = max(run - lead, 0) // period
        first = run - turns * period
        indices = np.arange(first, first + count, dtype=np.int64)
        beyond = np.maximum(indices - lead, 0) // period
        return indices - beyond * period, beyond.astype(np.uint64) + np.uint64(turns)

    def values(self, run: int, count: int) -> Values:
        return self._path[self._indices(run, count)[0]]

    def follower_runs(self, run: int, count: int) -> Runs:
        indices, turns = self._indices(run, count)
        result: Runs = self._wraps[indices].astype(np.uint64) + turns * np.uint64(self._turns.wraps)
        return result


def _path(following: NDArray[np.uint32], start: int) -> tuple[NDArray[np.uint32], int]:
    """The values from `start` until one comes again, and the place where that one is.

    With n values in all, one comes again among the first n + 1. They are found by doubling:
    when the first `known` values are there and `leap` maps each value to the one `known`
    steps on, then leaping from all of them gives the next `known` ones.
    """
    count = len(following)
    path = np.empty(count + 1, np.uint32)
    path[0] = start
    known, leap = 1, following
    while known <= count:
        more = min(known, count + 1 - known)
        path[known : known + more] = leap[path[:more]]
        known += more
        if known <= count:
            leap = leap[leap]
    first = np.empty(count, np.int64)
    first[path[::-1]] = np.arange(count, -1, -1)  # the last to be stored is the first place
    end = int(np.argmax(first[path] < np.arange(count + 1)))
    return path[:end].copy(), int(first[path[end]])


class Stride(NamedTuple):
    """Consecutive values that are `increment` apart, from the run `first` on."""

    first: int
    value: int
    increment: int
    #: How often the variable has wrapped in the runs before `first`.
    wraps: int
    #: Whether every step of the stride is a wrap.
    wrapping: bool


class Piece(NamedTuple):
    """A part of a block of runs that lies within one stride."""

    place: int
    length: int
    value: int
    stride: Stride
    #: How often the variable has wrapped when the piece begins.
    wraps: int


class StridedOrbit:
    """The path of an incremented variable of 4 bytes, from the stored numbers.

    The engine wraps a value c when the room up to `high` is less than the step, compared
    without a sign: when c is one of the `step` values that end with `high`, called the gate
    here. Such a value becomes low + step - (high - c) - 1, so that within the gate the
    increment is the constant `leap` = low + step - high - 1. Every other value, above `high`
    as well, moves by `step`. All modulo 2**32.

    So the path is a list of strides: by `step` up to the first value in the gate, by `leap`
    until a value lies outside of it, by `step` again. In 8 bits, with low 0, high 9 and step
    4, the gate is 6 … 9 and leap -6, which is 250: from 1 the path is 1 5 | 9 | 3 | 7 | 1 …,
    and as 1 has been there before, everything from there on comes again.

    The trace ends when a stride enters the gate by the same value as an earlier one, or can
    be seen to stay within the gate or outside of it for ever, or after STRIDES strides.
    """

    BITS = 32
    distinct = distinct_from_start = True
    span: tuple[int, int] | None = None

    def __init__(self, start: int, low: int, high: int, step: int) -> None:
        self._modulus = 1 << self.BITS
        self._high, self._step = high, step
        self._gate = max(high - step + 1, 0)
        self._leap = (low + step - high - 1) % self._modulus
        self._strides: list[Stride] = []
        self.turns = self._trace(start)

    def _trace(self, value: int) -> Turns | None:
        seen: dict[int, int] = {}  # the strides that entered the gate, by the value
        run = wraps = 0
        while len(self._strides) < STRIDES:
            gated = self._step > 0 and self._gate <= value <= self._high
            if gated and value in seen:
                # From there on all repeats, with the same step into the gate each time, so
                # that the first time it is seen again is one period later, not several.
                again = self._strides[seen[value]]
                return self._least(Turns(again.first, run - again.first, wraps - again.wraps))
            if gated:
                seen[value] = len(self._strides)
            stride = Stride(run, value, self._leap if gated else self._step, wraps, gated)
            self._strides.append(stride)
            length = self._leaps(value) if gated else self._steps(value)
            if length is None:
                # Equal steps are at their start again after 2**bits / (the power of 2 in them).
                increment = stride.increment
                period = self._modulus // (increment & -increment) if increment else 1
                return self._least(Turns(run, period, self._wrapped(stride, period)))
            wraps += self._wrapped(stride, length)
            value = (value + length * stride.increment) % self._modulus
            run += length
        self._strides.append(Stride(run, value, 0, wraps, wrapping=False))
        return None

    def _least(self, turns: Turns) -> Turns:
        """The turns with the least lead.

        The trace notices a round where a stride enters the gate, and the round may have
        begun before. Going back side by side from the lead and from one period later, the
        values before are equal exactly as long as the increments are.
        """
        lead, period, _ = turns
        moved = lead
        while moved and self._increment_before(moved) == self._increment_before(moved + period):
            stride, later = self._stride_before(moved), self._stride_before(moved + period)
            moved -= min(moved - stride.first, moved + period - later.first)
        earlier = self._wraps_before(moved + period) - self._wraps_before(moved)
        return Turns(moved, period, earlier)

    def _stride_before(self, run: int) -> Stride:
        """The stride of which the step into `run` is a part."""
        index = bisect_right(self._strides, run - 1, key=lambda stride: stride.first) - 1
        return self._strides[index]

    def _increment_before(self, run: int) -> int:
        return self._stride_before(run).increment

    def _wraps_before(self, run: int) -> int:
        if run == 0:
            return 0
        stride = self._stride_before(run)
        return stride.wraps + self._wrapped(stride, run - stride.first)

    def _wrapped(self, stride: Stride, length: int) -> int:
        """How often the engine sees a wrap in the first `length` steps of a stride.

        Within the gate that is every step. Above `high` the engine computes the next value in
        64 bits, where it sees no bound, but whether it wrapped in 32: a step from there that
        goes on through 0 and past `high` counts.
        """
        if stride.wrapping:
            return length
        distance = (stride.value - self._high - 1) % self._modulus
        return (distance + length * self._step) // self._modulus

    def _leaps(self, value: int) -> int | None:
        """How many leaps it takes to leave the gate; None if they never do."""
        if self._leap == 0:
            return None
        width, back = self._high - self._gate, self._modulus - self._leap
        if self._leap <= width:
            return (self._high - value) // self._leap + 1
        return (value - self._gate) // back + 1 if back <= width else 1

    def _steps(self, value: int) -> int | None:
        """How many steps it takes to come into the gate; None if they never do."""
        if self._step == 0:
            return None
        after = value + self._step
        low = (self._gate - after) % self._modulus
        high = (self._high - after) % self._modulus
        first = 0 if low > high else first_multiple_within(self._step, self._modulus, low, high)
        return None if first is None else first + 1

    def _pieces(self, run: int, count: int) -> list[Piece]:
        """The strides that cover `count` runs from `run` on."""
        lead, period, per_period = self.turns or Turns(0, 0, 0)
        pieces = []
        place = 0
        while place < count:
            turns = 0
            within = run + place
            end = None
            if period and within >= lead:
                turns, rest = divmod(within - lead, period)
                within = lead + rest
                end = lead + period
            index = bisect_right(self._strides, within, key=lambda stride: stride.first) - 1
            stride = self._strides[index]
            if index + 1 < len(self._strides):
                following = self._strides[index + 1].first
                end = following if end is None else min(end, following)
            elif not period:
                raise RefusedError(
                    f"a 4-byte variable overflows so irregularly that packets after "
                    f"{stride.first} cannot be computed"
                )
            length = count - place if end is None else min(end - within, count - place)
            done = within - stride.first
            value = (stride.value + done * stride.increment) % self._modulus
            wraps = stride.wraps + turns * per_period + self._wrapped(stride, done)
            pieces.append(Piece(place, length, value, stride, wraps))
            place += length
        return pieces

    def values(self, run: int, count: int) -> Values:
        values = np.empty(count, np.uint32)
        for place, length, value, stride, _ in self._pieces(run, count):
            steps = np.arange(length, dtype=np.uint32) * np.uint32(stride.increment)
            values[place : place + length] = steps + np.uint32(value)
        result: Values = values & np.uint32(self._modulus - 1)
        return result

    def follower_runs(self, run: int, count: int) -> Runs:
        runs = np.empty(count, np.uint64)
        for place, length, value, stride, wraps in self._pieces(run, count):
            steps = np.arange(length, dtype=np.uint64)
            if not stride.wrapping:
                distance = (value - self._high - 1) % self._modulus
                steps = steps * np.uint64(self._step) + np.uint64(distance)
                steps >>= np.uint64(self.BITS)
            runs[place : place + length] = steps + np.uint64(wraps)
        return runs


def first_multiple_within(factor: int, modulus: int, low: int, high: int) -> int | None:
    """The least t >= 0 with low <= t * factor mod modulus <= high, or None.

    Takes logarithmically many steps, as Euclid's algorithm does, for
    0 <= low <= high < modulus. If no multiple of the factor lies in [low, high] itself, t
    turns are needed: t * factor = value + modulus * turns, which asks the same of
    modulus * turns modulo the factor, two smaller numbers. For 5 t mod 13 within [3, 4]: no
    multiple of 5 is there, and 13 turns mod 5 must be within [-4, -3], that is [1, 2], which
    1 turn is not (3), and 2 turns are (26 mod 5 = 1); so t = ceil((3 + 26) / 5) = 6, and
    5 * 6 = 30 = 4 + 26. A factor above half of the modulus goes down instead of up.
    """
    factor %= modulus
    if low == 0:
        return 0
    if factor == 0:
        return None
    if 2 * factor > modulus:
        return first_multiple_within(modulus - factor, modulus, modulus - high, modulus - low)
    least = -(-low // factor)
    if least * factor <= high:
        return least
    turns = first_multiple_within(modulus % factor, factor, -high % factor, -low % factor)
    return None if turns is None else -(-(low + modulus * turns) // factor)
