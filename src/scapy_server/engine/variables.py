"""The variables of a program on one core, and their values over a block of packets.

A `VariableSet` holds one `Variable` per instruction that defines one; a `Block` of it
answers what a variable reads as in each of some consecutive packets, before or after its
instruction has run there.

Source: semantics sections 1, 2 and 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TypeAlias

import numpy as np

from scapy_server.engine.bounds import PADDED_FRAME_BYTES, RANDOM_STATE
from scapy_server.engine.check import U64, bounds
from scapy_server.engine.orbits import StridedOrbit, TabulatedOrbit, step_back
from scapy_server.engine.program import (
    FlowVar,
    Program,
    RandLimit,
    Trim,
    TupleVar,
)
from scapy_server.engine.random_numbers import (
    THREAD_FACTOR,
    Choice,
    RandomLimited,
    Stride,
    state_after,
    states_at,
)
from scapy_server.engine.sequences import (
    Counting,
    ListWalking,
    Runs,
    Sequence,
    Values,
)
from scapy_server.engine.tuples import TupleFlows


@dataclass(frozen=True)
class Core:
    """Which of how many data-plane cores renders, and what its generator starts from."""

    index: int
    count: int
    random_seed: int
    thread_id: int

    @property
    def generator_seed(self) -> int:
        return self.random_seed * (self.thread_id + 1) * THREAD_FACTOR & 0xFFFFFFFF


@dataclass(frozen=True)
class RandomVariable:
    """A variable that draws from the shared generator; `initial` shows until it has."""

    choice: Choice
    initial: int


#: Packets are numbered below 2**63, and so a variable is run at most that often.
LAST_RUN = 1 << 63

#: (lead, period, wraps in it), in packets.
ChainCycle: TypeAlias = tuple[int, int, int]
Source: TypeAlias = Sequence | RandomVariable | TupleFlows


@dataclass(frozen=True)
class Variable:
    """A variable, the place of its instruction, and what it follows in a chain."""

    name: str
    size: int
    position: int
    source: Source
    head: Variable | None = None


def value_lists(program: Program) -> dict[str, Values]:
    """The value lists of a program by the names of their variables, for all cores to share."""
    return {
        item.name: np.array(item.value_list, np.uint32 if item.size <= 4 else np.uint64)
        for item in program.instructions
        if isinstance(item, FlowVar) and item.value_list is not None
    }


class VariableSet:
    """All variables of a program on one core; `lists` are its `value_lists`."""

    def __init__(
        self, program: Program, length: int, core: Core, lists: Mapping[str, Values]
    ) -> None:
        self.core = core
        self.by_name: dict[str, Variable] = {}
        self.randoms: list[Variable] = []
        #: What `period` has found out.
        self.chain_cycles: dict[str, ChainCycle | None] = {}
        trims = [item.name for item in program.instructions if isinstance(item, Trim)]
        previous: Variable | None = None
        for position, item in enumerate(program.instructions):
            head, previous = previous, None
            if isinstance(item, TupleVar):
                flows = TupleFlows(item, core.index, core.count)
                for part, size in (("ip", 4), ("port", 2), ("flow_limit", 4)):
                    name = f"{item.name}.{part}"
                    self.by_name[name] = Variable(name, size, position, flows)
            elif isinstance(item, FlowVar | RandLimit):
                values = lists.get(item.name)
                if isinstance(item, FlowVar) and values is not None:
                    source = _list_source(item, values, core)
                else:
                    source = _source(item, core, length, trims.count(item.name))
                variable = Variable(item.name, item.size, position, source, head)
                self.by_name[item.name] = variable
                if isinstance(source, RandomVariable):
                    self.randoms.append(variable)
                previous = variable if item.next_var else None
        self.draws = sum(_draws(variable) for variable in self.randoms)
        self.stride = Stride(self.draws)
        #: Whether each packet draws the same number of times.
        self.steady = all(is_run_always(variable) for variable in self.randoms)

    @property
    def tabulated(self) -> int:
        """How many variables overflow so that their whole path is kept."""
        return sum(isinstance(v.source, TabulatedOrbit) for v in self.by_name.values())

    def size(self, name: str) -> int:
        """The bytes of what can be read under a name."""
        return self.by_name[name].size if name in self.by_name else 4

    def position(self, name: str) -> int:
        """The place of the instruction that defines what is read under a name."""
        return self.by_name[name].position if name in self.by_name else -1

    def runs(self, variable: Variable, packets: int) -> int:
        """How often a variable has been run when that many packets were."""
        if variable.head is None:
            return packets
        before = self.runs(variable.head, packets)
        source = variable.head.source
        if isinstance(source, RandomVariable | TupleFlows):
            return before
        return int(source.follower_runs(before, 1)[0])

    def packets_until(self, variable: Variable, runs: int) -> int | None:
        """The least number of packets after which a variable has been run that often."""
        low, high = 0, LAST_RUN
        if self.runs(variable, high) < runs:
            return None
        while low < high:
            middle = (low + high) // 2
            if self.runs(variable, middle) < runs:
                low = middle + 1
            else:
                high = middle
        return low


def is_run_always(variable: Variable) -> bool:
    """Whether a variable is run in every packet: it follows nothing, or random ones only."""
    head = variable.head
    return head is None or (isinstance(head.source, RandomVariable) and is_run_always(head))


def _draws(variable: Variable) -> int:
    return variable.source.choice.draws if isinstance(variable.source, RandomVariable) else 0


def _source(item: FlowVar | RandLimit, core: Core, length: int, trims: int) -> Source:
    split = core.count > 1 and item.split_to_cores
    if isinstance(item, RandLimit):
        limit, seed = item.limit, item.seed
        if split:
            extra = limit % core.count if core.index == 0 else 0
            limit = max(limit // core.count + extra, 1)
            seed = seed * (core.index + 1) * THREAD_FACTOR
        return RandomLimited(item.size, item.min_value, item.max_value, limit, seed)
    low, high = bounds(item)
    span, init = high - low + 1, item.span[1]
    step = item.step % span
    if split:
        moved = core.index * step
        init = (
            low + (init - low + moved) % span
            if item.op == "inc"
            else high - (high - init + moved) % span
        )
        step = core.count * step % span
    for _ in range(trims):
        low, high = max(min(low, length), PADDED_FRAME_BYTES), min(high, length)
    if item.is_random:
        return RandomVariable(Choice(item.size, low, high, None), item.span[1])
    return _counting_source(item, low, high, init, step)


def _list_source(item: FlowVar, values: Values, core: Core) -> Source:
    count = len(values)
    if item.is_random:
        initial = (count - 1) & ((1 << 8 * item.size) - 1)
        return RandomVariable(Choice(item.size, 0, 0, values), initial)
    # The engine keeps the step over the indices in the variable's own width.
    width = 0xFF if item.size == 1 else 0xFFFF
    step = item.step % count & width
    position = 0
    if core.count > 1 and item.split_to_cores:
        position = core.index * step % count
        step = core.count * step % count & width
    return ListWalking(item.op, values, position, step, item.size)


def _counting_source(item: FlowVar, low: int, high: int, init: int, step: int) -> Source:
    largest = (1 << 8 * item.size) - 1
    if high <= largest and low <= init <= high and step < high - low + 1:
        return Counting(item.op, (low, high), init, step, item.size)
    start = step_back(item.op, init, low, high, step) & largest
    low, high, step = low & largest, high & largest, step & largest
    if item.size <= 2:
        return TabulatedOrbit(item.op, start, (low, high), step, 8 * item.size)
    return StridedOrbit(start, low, high, step)


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
            return source.part(variable.name.rpartition(".")[2], first, self._count)
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
        earlier = sum(_draws(v) for v in shared.randoms if v.position < variable.position)
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
                np.uint64(_draws(other)) * (runs[1:] if other.position < position else runs[:-1])
            )
        return reduce(np.add, parts)

    def _draws_before_in(self, variable: Variable, packets: int) -> int:
        """The same for a variable's own position in the last of that many packets."""
        shared = self._variables
        return sum(
            _draws(other) * shared.runs(other, packets - (other.position >= variable.position))
            for other in shared.randoms
        )

    def _generator_states(self, position: int) -> Values:
        seed = self._variables.core.generator_seed
        return states_at(seed, self._draws_before(position))
