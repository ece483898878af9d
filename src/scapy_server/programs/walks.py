"""The values that a variable takes, as functions of how often it has been moved.

A variable that has been moved n times shows `value(n)`; n = 0 is what it shows before it
is moved for the first time, as followers in a chain do. `wraps(n)` is how often it has
then started over, that is, how often the next variable of the chain has been moved.

Source: the engine's behaviour when it sends, as measured on its simulator.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from scapy_server import limits
from scapy_server.programs.instructions import FlowVariable, RepeatableRandom


class Walk(Protocol):
    """The values of one variable.

    After `lead` moves they repeat every `period` moves, in which the variable starts over
    `turns` times; `distinct` is True when no value comes twice in a period.
    """

    lead: int
    period: int
    turns: int
    distinct: bool

    def value(self, moves: int) -> int:
        """What the variable shows after so many moves."""

    def wraps(self, moves: int) -> int:
        """How often it has started over after so many moves."""


class Count:
    """Up or down through a range whose size the step divides, or constant."""

    def __init__(self, start: int, first: int, span: int, step: int, sign: int) -> None:
        self._start, self._span, self._step, self._sign = start, span, step % span, sign
        self._before = (first - self._step) % span
        divisor = math.gcd(span, self._step)
        self.lead, self.period, self.turns = 0, span // divisor, self._step // divisor
        self.distinct = True

    def value(self, moves: int) -> int:
        return self._start + self._sign * ((self._before + moves * self._step) % self._span)

    def wraps(self, moves: int) -> int:
        return (self._before + moves * self._step) // self._span


class ListWalk:
    """Through the entries of a list; before the first move it shows an index."""

    def __init__(self, values: tuple[int, ...], step: int, backwards: bool) -> None:
        self._values = values[::-1] if backwards else values
        self._positions = Count(0, 0, len(values), step, 1)
        index = self._positions.value(0)
        self._before = len(values) - 1 - index if backwards else index
        self.lead = 0 if self._values[index] == self._before else 1
        self.period, self.turns = self._positions.period, self._positions.turns
        apart = len(values) // self.period
        self.distinct = len(set(self._values[index % apart :: apart])) == self.period

    def value(self, moves: int) -> int:
        return self._values[self._positions.value(moves)] if moves else self._before

    def wraps(self, moves: int) -> int:
        return self._positions.wraps(moves)


class Draws:
    """The same random values again and again; 0 before the first move."""

    def __init__(self, variable: RepeatableRandom) -> None:
        self._values = _drawn(variable)
        self.lead, self.period, self.turns = 1, variable.limit, 1
        self.distinct = len(set(self._values)) == self.period

    def value(self, moves: int) -> int:
        return self._values[(moves - 1) % self.period] if moves else 0

    def wraps(self, moves: int) -> int:
        return -(-moves // self.period)


def _drawn(variable: RepeatableRandom) -> list[int]:
    """The values of one round: 15 random bits per draw, the upper half of the state."""
    draws = {1: 1, 2: 1, 4: 2, 8: 4}[variable.size]
    span = variable.maximum - variable.min_value + 1
    state = variable.effective_seed % (1 << 32)
    values = []
    for _ in range(variable.limit):
        raw = 0
        for _ in range(draws):
            state = (214013 * state + 2531011) % (1 << 32)
            raw = raw << 16 | (state >> 16 & 0x7FFF)
        values.append(variable.min_value + raw % span)
    return values


class Table:
    """A variable of 1 or 2 bytes whose bounds do not suit it, moved one by one until it cycles.

    The engine compares with bounds that no longer fit: a range that was extended beyond
    the variable's size, or that a trim has narrowed.
    """

    def __init__(self, variable: FlowVariable, low: int, high: int, step: int) -> None:
        down, modulus = variable.op == "dec", 1 << (8 * variable.size)
        back = _moved(variable.initial, low, high, step, not down) % modulus
        low, high, step = low % modulus, high % modulus, step % modulus
        seen: dict[int, int] = {}
        self._values: list[int] = []
        self._turns = [0]
        while back not in seen:
            seen[back] = len(self._values)
            self._values.append(back)
            room = back - low if down else high - back
            self._turns.append(self._turns[-1] + (room < step))
            back = _moved(back, low, high, step, down) % modulus
        self.lead = seen[back]
        self.period = len(self._values) - self.lead
        self.turns = self._turns[-1] - self._turns[self.lead]
        self.distinct = True

    def value(self, moves: int) -> int:
        return self._values[self._index(moves)[0]]

    def wraps(self, moves: int) -> int:
        index, rounds = self._index(moves)
        return self._turns[index] + rounds * self.turns

    def _index(self, moves: int) -> tuple[int, int]:
        if moves < self.lead:
            return moves, 0
        rounds, rest = divmod(moves - self.lead, self.period)
        return self.lead + rest, rounds


def _moved(value: int, low: int, high: int, step: int, down: bool) -> int:
    """One move as the engine computes it, the room to the bound in 64 bits without sign."""
    room = (value - low if down else high - value) % (1 << 64)
    if step <= room:
        return value - step if down else value + step
    return high - (step - room - 1) if down else low + (step - room - 1)


def walk_of(
    variable: FlowVariable | RepeatableRandom, trim_length: int | None = None
) -> Walk | None:
    """The walk of a variable, None where it is random or cannot be said.

    `trim_length` is the length of the packet that the variable trims, if it does.
    """
    if isinstance(variable, RepeatableRandom):
        return Draws(variable) if variable.limit <= limits.FIELD_ENGINE_ENUMERATED_VALUES else None
    if variable.op == "random":
        return None
    if variable.value_list is not None:
        return ListWalk(variable.value_list, variable.step, variable.op == "dec")
    return _range_walk(variable, trim_length)


def _range_walk(variable: FlowVariable, trim_length: int | None) -> Walk | None:
    low, high = variable.padded_range
    step, initial = variable.step % (high - low + 1), variable.initial
    if variable.has_untouched_range:
        return Count(initial, 0, 1, 1, 1)
    if trim_length is not None:
        low, high = max(min(low, trim_length), MINIMUM_TRIM), min(high, trim_length)
    regular = low <= initial <= high and step < high - low + 1
    if regular and high < 1 << (8 * variable.size):
        down = variable.op == "dec"
        first = high - initial if down else initial - low
        return Count(high if down else low, first, high - low + 1, step, -1 if down else 1)
    if variable.size > 2:
        return None
    return Table(variable, low, high, step)


MINIMUM_TRIM = 60


@dataclass(frozen=True)
class Link:
    """A variable at its place in a chain: the walks of those before it, and its own."""

    name: str
    before: tuple[Walk, ...]
    walk: Walk

    def moves(self, packets: int) -> int:
        """How often the variable has been moved when so many packets are made."""
        for walk in self.before:
            packets = walk.wraps(packets)
        return packets

    def value(self, packet: int) -> int:
        """What the variable shows in a packet, counted from 0."""
        return self.walk.value(self.moves(packet + 1))

    def cycle(self) -> tuple[int, int, int]:
        """(lead, period, turns in it) in packets: of this variable and those before it."""
        lead, period, moves = 0, 1, 1
        for walk in (*self.before, self.walk):
            if moves == 0:
                return lead, period, 0
            times = walk.period // math.gcd(walk.period, moves)
            lead = max(lead, self._packets_until(walk, walk.lead, lead, period))
            moves = moves * times // walk.period * walk.turns
            period *= times
        return lead, period, moves

    def _packets_until(self, walk: Walk, wanted: int, lead: int, period: int) -> int:
        """After how many packets (less one, the first) a walk of the chain is moved so often."""
        index = (*self.before, self.walk).index(walk)
        upstream = Link(self.name, self.before[:index], walk)
        low, high = 0, lead + (wanted + 1) * period + 1
        while low < high:
            middle = (low + high) // 2
            if upstream.moves(middle + 1) >= wanted:
                high = middle
            else:
                low = middle + 1
        return low
