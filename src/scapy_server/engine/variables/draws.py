"""The engine's random numbers, any of them at once.

The generator is s' = A s + C mod 2**32; a draw is bits 16 to 30 of the new s. After n
steps the state is a_n s + c_n, so that the states of a whole block are one product and
one sum with tables of a_n and c_n.

Source: docs/engine.md, "Random numbers".
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from scapy_server import limits
from scapy_server.engine.variables.sequences import Runs, Turns, Values

MULTIPLIER, INCREMENT = 214013, 2531011
THREAD_FACTOR = 514229
_WORD = 0xFFFFFFFF
#: After how many draws the drawn bits repeat.
DRAW_PERIOD = 1 << 31
#: After how many draws the state repeats.
STATE_PERIOD = 1 << 32
DRAWN_BITS = 15
DRAWS = {1: 1, 2: 1, 4: 2, 8: 4}

#: uint32.
States: TypeAlias = NDArray[Any]


def jump(steps: int) -> tuple[int, int]:
    """(a, c) such that `steps` steps take the state s to a s + c modulo 2**32."""
    factor, summand = 1, 0
    square, doubled = MULTIPLIER, INCREMENT
    while steps:
        if steps & 1:
            factor, summand = factor * square & _WORD, (summand * square + doubled) & _WORD
        square, doubled = square * square & _WORD, (doubled * square + doubled) & _WORD
        steps >>= 1
    return factor, summand


def state_after(seed: int, draws: int) -> int:
    """The state after that many draws from the state `seed`."""
    factor, summand = jump(draws)
    return (factor * seed + summand) & _WORD


class Stride:
    """The states at every n-th draw."""

    def __init__(self, step: int) -> None:
        self._step = step
        self._factors = np.ones(1, np.uint32)
        self._summands = np.zeros(1, np.uint32)

    def states(self, first: int, count: int) -> States:
        """The state `first` and the ones that follow it, `step` draws apart each."""
        while len(self._factors) < count:
            factor, summand = map(np.uint32, jump(len(self._factors) * self._step))
            self._summands = np.concatenate(
                [self._summands, self._summands + self._factors * summand]
            )
            self._factors = np.concatenate([self._factors, self._factors * factor])
        result: States = self._factors[:count] * np.uint32(first) + self._summands[:count]
        return result


def states_at(seed: int, draws: Runs) -> States:
    """The states after each of some numbers of draws, which do not fall and are not far apart."""
    states = np.full(len(draws), state_after(seed, int(draws[0])), np.uint32)
    beyond = draws - draws[0]
    for bit in range(int(beyond[-1]).bit_length()):
        factor, summand = map(np.uint32, jump(1 << bit))
        moved = states * factor + summand
        chosen = (beyond >> np.uint64(bit) & np.uint64(1)).astype(bool)
        states = np.where(chosen, moved, states)
    return states


def raw_values(states: States, size: int) -> Values:
    """The numbers whose first draws left these states, for a variable of that size."""
    first = states >> 16 & 0x7FFF
    if size <= 2:
        return first
    second = _next(states)
    if size == 4:
        return first << 16 | (second >> 16 & 0x7FFF)
    third = _next(second)
    fourth = _next(third)
    number = first.astype(np.uint64)
    for state in (second, third, fourth):
        number = number << np.uint64(16) | (state >> 16 & 0x7FFF)
    return number


def _next(states: States) -> States:
    result: States = states * np.uint32(MULTIPLIER) + np.uint32(INCREMENT)
    return result


class Choice:
    """How a raw number becomes a value: within a range, or out of a list."""

    def __init__(self, size: int, low: int, high: int, values: Values | None) -> None:
        self._dtype: type[np.uint32] | type[np.uint64] = np.uint32 if size <= 4 else np.uint64
        self._list = values
        self.draws = DRAWS[size] if values is None else 1
        self._size = size if values is None else 1
        self._low, self._span = low, high - low + 1 if values is None else len(values)

    @property
    def span(self) -> tuple[int, int]:
        """The least and the largest value."""
        if self._list is not None:
            return int(self._list.min()), int(self._list.max())
        return self._low, self._low + self._span - 1

    @property
    def different(self) -> int:
        """How many values there are."""
        return self._span if self._list is None else len(np.unique(self._list))

    @property
    def draw_period(self) -> int:
        """After how many draws the same values come again.

        The lower bits of the state repeat earlier than the upper ones, which shows when
        only they matter.
        """
        bits = self._span.bit_length() - 1
        if self._span == 1 << bits and bits < DRAWN_BITS:
            return 1 << (16 + bits) if bits else 1
        return DRAW_PERIOD

    def values(self, states: States) -> Values:
        """The values whose first draws left these states."""
        raw = raw_values(states, self._size)
        if self._span <= np.iinfo(raw.dtype).max:
            span = raw.dtype.type(self._span)
            raw = raw - raw // span * span  # by a constant, division is faster than remainder
        if self._list is not None:
            return self._list[raw]
        result: Values = raw.astype(self._dtype, copy=False) + self._dtype(self._low)
        return result


class RandomLimited:
    """Repeatable random: `limit` values from a seed of its own, over and over."""

    TABLE = 1 << 12

    def __init__(self, size: int, low: int, high: int, limit: int, seed: int) -> None:
        self._choice = Choice(size, low, high, None)
        self._limit, self._seed = limit, seed & _WORD
        self._stride = Stride(self._choice.draws)
        self._table = self._drawn(0, limit) if limit <= self.TABLE else None
        # Before the first run it shows 0, which is part of the round if the round ends with 0.
        starts_in_round = not self._drawn(limit - 1, 1)[0]
        self.turns: Turns | None = Turns(0 if starts_in_round else 1, limit, 1)
        self.span: tuple[int, int] | None = (low, high)

    @property
    def distinct(self) -> bool:
        """Whether no value is drawn twice; False as well where there are too many to see."""
        return len(self._round) == self._limit

    @property
    def distinct_from_start(self) -> bool:
        """The same of the 0 that shows at first and the values."""
        assert self.turns is not None
        return self.distinct and (not self.turns.lead or bool(self._round[0]))

    @cached_property
    def _round(self) -> Values:
        """The different values of a round, sorted; none where there are too many to see."""
        seen = self._limit if self._limit <= limits.FIELD_ENGINE_ENUMERATED_VALUES else 0
        return np.unique(self._drawn(0, seen))

    def _drawn(self, first: int, count: int) -> Values:
        start = state_after(self._seed, first * self._choice.draws + 1)
        return self._choice.values(self._stride.states(start, count))

    def values(self, run: int, count: int) -> Values:
        if count == 0:
            return self._drawn(0, 0)
        first = (run - 1) % self._limit
        if self._table is not None:
            places = np.arange(first, first + count)
            values = self._table[places % self._limit]
        else:
            pieces = []
            left = count
            while left:
                piece = min(left, self._limit - first)
                pieces.append(self._drawn(first, piece))
                first, left = 0, left - piece
            values = np.concatenate(pieces) if len(pieces) > 1 else pieces[0]
        if run == 0:
            values[0] = 0
        return values

    def follower_runs(self, run: int, count: int) -> Runs:
        base, rest = divmod(run, self._limit)
        runs = np.arange(rest, rest + count, dtype=np.uint64)
        limit = np.uint64(self._limit)
        result: Runs = (runs + limit - np.uint64(1)) // limit + np.uint64(base)
        return result
