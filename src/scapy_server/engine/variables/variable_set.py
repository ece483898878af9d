"""The variables of a program on one core.

A `VariableSet` holds one `Variable` per instruction that defines one, each with what it is
made of: a sequence, a tuple, or draws from the generator that all random ones share.

Source: docs/engine.md, "Variables", "Random numbers", "Several cores".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from scapy_server.engine.bounds import PADDED_FRAME_BYTES
from scapy_server.engine.variables.draws import THREAD_FACTOR, Choice, RandomLimited, Stride
from scapy_server.engine.variables.overflow import StridedOrbit, TabulatedOrbit, step_back
from scapy_server.engine.variables.sequences import Counting, ListWalking, Sequence, Turns, Values
from scapy_server.engine.variables.tuples import TupleFlows, share_of
from scapy_server.engine.vm import FlowVar, RandLimit, Trim, TupleVar, Vm


@dataclass(frozen=True)
class DataPlaneCore:
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

Source: TypeAlias = Sequence | RandomVariable | TupleFlows


@dataclass(frozen=True)
class Variable:
    """A variable, the place of its instruction, and what it follows in a chain."""

    name: str
    size: int
    position: int
    source: Source
    head: Variable | None = None

    @property
    def chain(self) -> tuple[Variable, ...]:
        """The variables that it follows, the first one at first, and itself."""
        return (*(self.head.chain if self.head is not None else ()), self)

    @property
    def part(self) -> str:
        """Which part of its tuple it is."""
        return self.name.rpartition(".")[2]


def value_lists(program: Vm) -> dict[str, Values]:
    """The value lists of a program by the names of their variables, for all cores to share."""
    return {
        item.name: np.array(item.value_list, np.uint32 if item.size <= 4 else np.uint64)
        for item in program.instructions
        if isinstance(item, FlowVar) and item.value_list is not None
    }


class VariableSet:
    """All variables of a program on one core; `lists` are its `value_lists`."""

    def __init__(
        self, program: Vm, length: int, core: DataPlaneCore, lists: Mapping[str, Values]
    ) -> None:
        self.core = core
        self.by_name: dict[str, Variable] = {}
        self.randoms: list[Variable] = []
        #: What `turns` has found out, in packets.
        self.chain_turns: dict[str, Turns | None] = {}
        trims = [item.name for item in program.instructions if isinstance(item, Trim)]
        previous: Variable | None = None
        for position, item in enumerate(program.instructions):
            head, previous = previous, None
            if isinstance(item, TupleVar):
                flows = TupleFlows(item, core.index, core.count)
                for name, size in item.sizes.items():
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
        self.draws = sum(draws_of(variable) for variable in self.randoms)
        self.stride = Stride(self.draws)
        #: Whether each packet draws the same number of times.
        self.steady = all(is_run_always(variable) for variable in self.randoms)

    @property
    def tabulated(self) -> int:
        """How many variables overflow so that their whole path is kept."""
        return sum(isinstance(v.source, TabulatedOrbit) for v in self.by_name.values())

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


def draws_of(variable: Variable) -> int:
    """How many draws one run of a variable takes."""
    return variable.source.choice.draws if isinstance(variable.source, RandomVariable) else 0


def _source(item: FlowVar | RandLimit, core: DataPlaneCore, length: int, trims: int) -> Source:
    split = core.count > 1 and item.split_to_cores
    if isinstance(item, RandLimit):
        limit, seed = item.limit, item.seed
        if split:
            limit = share_of(limit, core.index, core.count)
            seed = seed * (core.index + 1) * THREAD_FACTOR
        return RandomLimited(item.size, item.min_value, item.max_value, limit, seed)
    low, high = item.padded_range
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


def _list_source(item: FlowVar, values: Values, core: DataPlaneCore) -> Source:
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
    # Eight bytes hold every range that is not refused, and no trim reads them.
    if item.size == 8 or (high <= largest and low <= init <= high and step < high - low + 1):
        return Counting(item.op, (low, high), init, step, item.size)
    start = step_back(item.op, init, low, high, step) & largest
    low, high, step = low & largest, high & largest, step & largest
    if item.size <= 2:
        return TabulatedOrbit(item.op, start, (low, high), step, 8 * item.size)
    return StridedOrbit(start, low, high, step)
