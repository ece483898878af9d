"""What the variables of a program read as in consecutive packets.

Source: docs/engine.md, "Variables", "Random numbers".
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from scapy_server.engine.bounds import RANDOM_STATE
from scapy_server.engine.variables.draws import state_after, states_at
from scapy_server.engine.variables.sequences import Runs, Values
from scapy_server.engine.variables.tuples import TupleFlows
from scapy_server.engine.variables.variable_set import (
    RandomVariable,
    Variable,
    VariableSet,
    draws_of,
    is_run_always,
)

U64 = (1 << 64) - 1


class Block:
    """What the variables read as in `count` packets from the packet `start` on."""

    def __init__(self, variables: VariableSet, start: int, count: int) -> None:
        self._variables = variables
        self._start, self._count = start, count
        self._values: dict[tuple[str, int], Values] = {}
        self._follower_runs: dict[str, Runs] = {}

    def values(self, name: str, position: int) -> Values:
        """What the instruction at a position of the program reads under a name."""
        if name == RANDOM_STATE and name not in self._variables.by_name:
            drawn = sum(other.position < position for other in self._variables.randoms)
            if (name, drawn) not in self._values:
                self._values[name, drawn] = self._generator_states(position)
            return self._values[name, drawn]
        variable = self._variables.by_name[name]
        ran = variable.position < position
        key = (name, ran)
        if key not in self._values:
            self._values[key] = self._computed(variable, ran)
        return self._values[key]

    def _computed(self, variable: Variable, ran: bool) -> Values:
        source, first = variable.source, self._start + ran
        if isinstance(source, TupleFlows):
            return source.part(variable.part, first, self._count)
        if isinstance(source, RandomVariable):
            if self._variables.steady:
                return self._steady_random(variable, source, first)
            values = self._unsteady_random(variable, source)
            return values[1:] if ran else values[:-1]
        if is_run_always(variable):
            return source.values(first, self._count)
        runs = self._runs(variable)
        runs = runs[1:] if ran else runs[:-1]
        low, high = int(runs[0]), int(runs[-1])
        result: Values = source.values(low, high - low + 1)[runs - np.uint64(low)]
        return result

    def _runs(self, variable: Variable) -> Runs:
        """How often a variable has been run before the block and after each of its packets."""
        head = variable.head
        if head is None or is_run_always(variable):
            result: Runs = np.arange(self._count + 1, dtype=np.uint64) + np.uint64(self._start)
            return result
        if variable.name not in self._follower_runs:
            runs = self._runs(head)
            if not isinstance(head.source, RandomVariable | TupleFlows):
                low, high = int(runs[0]), int(runs[-1])
                runs = head.source.follower_runs(low, high - low + 1)[runs - np.uint64(low)]
            self._follower_runs[variable.name] = runs
        return self._follower_runs[variable.name]

    def _steady_random(self, variable: Variable, source: RandomVariable, first: int) -> Values:
        """The values when every packet draws equally often."""
        shared = self._variables
        earlier = sum(draws_of(v) for v in shared.randoms if v.position < variable.position)
        drawn = max(first - 1, 0) * shared.draws + earlier + 1
        state = state_after(shared.core.generator_seed, drawn)
        if first > 0:
            return source.choice.values(shared.stride.states(state, self._count))
        values = source.choice.values(shared.stride.states(state, self._count - 1))
        return np.concatenate([np.array([source.initial], values.dtype), values])

    def _unsteady_random(self, variable: Variable, source: RandomVariable) -> Values:
        """The values before the block and after each packet, when some do not draw."""
        runs = self._runs(variable)
        drawn = np.empty(len(runs), np.uint64)
        drawn[1:] = self._draws_before(variable.position)
        packets = self._variables.packets_until(variable, int(runs[0]))
        drawn[0] = self._draws_before_in(variable, packets) & U64 if packets else 0
        ran = np.concatenate([[True], runs[1:] > runs[:-1]])
        latest = np.maximum.accumulate(np.where(ran, np.arange(len(runs)), 0))
        states = states_at(self._variables.core.generator_seed, drawn[latest] + np.uint64(1))
        values = source.choice.values(states)
        values[runs == 0] = source.initial
        return values

    def _draws_before(self, position: int) -> Runs:
        """How often the generator has been drawn from when a position is reached."""
        parts = []
        for other in self._variables.randoms:
            runs = self._runs(other)
            parts.append(
                np.uint64(draws_of(other)) * (runs[1:] if other.position < position else runs[:-1])
            )
        return reduce(np.add, parts)

    def _draws_before_in(self, variable: Variable, packets: int) -> int:
        """The same for a variable's own position in the last of that many packets."""
        shared = self._variables
        return sum(
            draws_of(other) * shared.runs(other, packets - (other.position >= variable.position))
            for other in shared.randoms
        )

    def _generator_states(self, position: int) -> Values:
        seed = self._variables.core.generator_seed
        return states_at(seed, self._draws_before(position))
