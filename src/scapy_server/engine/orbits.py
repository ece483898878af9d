"""Counting outside the engine's exact case, where its arithmetic overflows.

A range that was extended past what the variable can hold, or that a trim has narrowed,
makes the engine compare with bounds that no longer fit. One run is still a function of
the stored value alone, made of a few translations modulo 2**bits, so every such variable
falls into a cycle. Variables of 1 and 2 bytes have their whole path tabulated. Those of
4 bytes have it as a list of runs of equal strides, each found in logarithmic time.

Source: semantics section 1.1.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from scapy_server.engine.sequences import Runs, Values
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
        period = len(path) - lead
        self._cycle = (lead, period, int(self._wraps[-1] - self._wraps[lead]))
        self.cycle: tuple[int, int, int] | None = self._cycle

    def _indices(self, run: int, count: int) -> tuple[NDArray[np.int64], Runs]:
        lead, period, _ = self._cycle
        turns = max(run - lead, 0) // period
        first = run - turns * period
        indices = np.arange(first, first + count, dtype=np.int64)
        beyond = np.maximum(indices - lead, 0) // period
        return indices - beyond * period, beyond.astype(np.uint64) + np.uint64(turns)

    def values(self, run: int, count: int) -> Values:
        return self._path[self._indices(run, count)[0]]

    def follower_runs(self, run: int, count: int) -> Runs:
        indices, turns = self._indices(run, count)
        result: Runs = self._wraps[indices].astype(np.uint64) + turns * np.uint64(self._cycle[2])
        return result


def _path(following: NDArray[np.uint32], start: int) -> tuple[NDArray[np.uint32], int]:
    """The values from `start` until one comes again, and the place where that one is."""
    count = len(following)
    path = np.empty(count + 1, np.uint32)
    path[0] = start
    known, leap = 1, following  # `leap` goes as many steps as are known
    while known <= count:
        more = min(known, count + 1 - known)
        path[known : known + more] = leap[path[:more]]
        known += more
        if known <= count:
            leap = leap[leap]
    first = np.empty(count, np.int64)
    first[path[::-1]] = np.arange(count, -1, -1)
    end = int(np.argmax(first[path] < np.arange(count + 1)))
    return path[:end].copy(), int(first[path[end]])


class StridedOrbit:
    """The path of an incremented variable of 4 bytes, from the stored numbers.

    Above `high`, and as long as it does not pass it, the value moves by `step`; from the
    last `step` values up to `high` it moves by another constant. The path is kept as
    strides (first run, value, increment, wraps so far), until one starts as an earlier did.
    """

    BITS = 32

    def __init__(self, start: int, low: int, high: int, step: int) -> None:
        self._modulus = 1 << self.BITS
        self._high, self._step = high, step
        self._gate = max(high - step + 1, 0)
        self._leap = (low + step - high - 1) % self._modulus
        self._strides = [(0, start, 0, 0)]
        self.cycle = self._trace(start)

    def _in_gate(self, value: int) -> bool:
        return self._step > 0 and self._gate <= value <= self._high

    def _trace(self, value: int) -> tuple[int, int, int] | None:
        self._strides.clear()
        seen: dict[int, int] = {}
        run = wraps = 0
        while len(self._strides) < STRIDES:
            gated = self._in_gate(value)
            if gated and value in seen:
                first, _, _, before = self._strides[seen[value]]
                return first, run - first, wraps - before
            increment = self._leap if gated else self._step
            if gated:
                seen[value] = len(self._strides)
            self._strides.append((run, value, increment, wraps))
            length = self._leaps(value) if gated else self._steps(value)
            if length is None:
                period = self._modulus // (increment & -increment) if increment else 1
                return run, period, period if gated else self._crossings(value, period)
            wraps += length if gated else self._crossings(value, length)
            value = (value + length * increment) % self._modulus
            run += length
        self._strides.append((run, value, 0, wraps))
        return None

    def _crossings(self, value: int, length: int) -> int:
        """How often `length` steps from `value` pass `high`, where the engine sees a wrap."""
        return ((value - self._high - 1) % self._modulus + length * self._step) // self._modulus

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

    def _at(self, run: int, count: int) -> list[tuple[int, int, int, int, int]]:
        """Pieces (place, length, value, increment, wraps) that cover the runs."""
        lead, period, per_period = self.cycle or (0, 0, 0)
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
            index = bisect_right(self._strides, within, key=lambda stride: stride[0]) - 1
            first, value, increment, wraps = self._strides[index]
            if index + 1 < len(self._strides):
                end = self._strides[index + 1][0]
            elif not period:
                raise RefusedError(
                    f"a 4-byte variable overflows so irregularly that packets after {first} "
                    "cannot be computed"
                )
            length = count - place if end is None else min(end - within, count - place)
            value = (value + (within - first) * increment) % self._modulus
            done = within - first
            total = wraps + turns * per_period
            if self._in_gate(self._strides[index][1]):
                total += done
            else:
                total += self._crossings(self._strides[index][1], done)
            pieces.append((place, length, value, increment, total))
            place += length
        return pieces

    def values(self, run: int, count: int) -> Values:
        values = np.empty(count, np.uint32)
        for place, length, value, increment, _ in self._at(run, count):
            steps = np.arange(length, dtype=np.uint32) * np.uint32(increment)
            values[place : place + length] = steps + np.uint32(value)
        result: Values = values & np.uint32(self._modulus - 1)
        return result

    def follower_runs(self, run: int, count: int) -> Runs:
        runs = np.empty(count, np.uint64)
        for place, length, value, _, wraps in self._at(run, count):
            steps = np.arange(length, dtype=np.uint64)
            if not self._in_gate(value):
                distance = (value - self._high - 1) % self._modulus
                steps = steps * np.uint64(self._step) + np.uint64(distance)
                steps >>= np.uint64(self.BITS)
            runs[place : place + length] = steps + np.uint64(wraps)
        return runs


def first_multiple_within(factor: int, modulus: int, low: int, high: int) -> int | None:
    """The least t >= 0 with low <= t * factor mod modulus <= high, or None.

    Takes logarithmically many steps, as Euclid's algorithm does, for
    0 <= low <= high < modulus.
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
