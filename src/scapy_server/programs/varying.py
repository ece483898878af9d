"""What varies in the packets of a program: its cycles, without making a packet.

What a program shows in the packet is split into parts that do not depend on each other, a
chain of variables or a tuple each. A part has a period and a number of different values in
closed form (`walks`, `tuple_flows`) as long as the packet shows its variables faithfully:
different values as different bits. All this is for one core that sends the whole stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from scapy_server.engine.bounds import PADDED_FRAME_BYTES
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs.compiled import Compiled, Step
from scapy_server.programs.cycles import Cycle, Effort, Part, cached, joined, looked_at, unsaid
from scapy_server.programs.effects import Effect, effective_mask, effects
from scapy_server.programs.instructions import (
    FlowVariable,
    RepeatableRandom,
    TrimPacket,
    TupleGenerator,
    WriteMaskVariable,
    WriteVariable,
)
from scapy_server.programs.places import padded_length
from scapy_server.programs.tuple_flows import TupleFlows
from scapy_server.programs.walks import Link, Walk, walk_of


@dataclass(frozen=True)
class Observation:
    """A variable as the packet shows it: `shown` maps its value to bits of the packet.

    `late`: the packet shows what the variable held one packet before. `faithful`:
    different values show differently.
    """

    variable: str
    late: bool
    shown: Callable[[int], int]
    faithful: bool


class Varying:
    """A program over its packet, ready to be asked for cycles."""

    def __init__(self, compiled: Compiled, packet: BuiltPacket) -> None:
        self._cache = compiled.cache
        self._steps = compiled.steps
        self._made = dict(compiled.variables)
        self._chains = _chains(compiled.steps, self._made)
        self._effects = tuple(effects(compiled, packet))
        self._length = padded_length(packet)
        trims = [s.instruction for s in self._steps if isinstance(s.instruction, TrimPacket)]
        self._trimmed_by = [trim.fv_name for trim in trims]
        self._walks: dict[str, Walk | None] = {}
        self._effort = Effort()

    def cycle(self, bits: int | None = None) -> Cycle:
        """The cycle of the packets, or of some bits of them; the cache counts."""
        parts = self._parts(self._observations(bits))
        cycle = joined(parts, self._effort)
        if self._cache:
            cycle = cached(cycle, parts, self._cache, self._effort)
        if self._hides_writes(bits):
            cycle = Cycle(cycle.lead, cycle.period, cycle.different, exact=False)
        return cycle

    def uncached_cycle(self) -> Cycle:
        """The cycle of the packets as it would be without a cache."""
        return joined(self._parts(self._observations(None)), self._effort)

    def values_of(self, name: str) -> Cycle:
        """The cycle of one variable, in packets."""
        return joined(self._parts([Observation(name, False, int, True)]), self._effort)

    def _observations(self, wanted: int | None) -> list[Observation]:
        """What the packet shows of each variable; what is overwritten later is not shown."""
        positions = {step.index: position for position, step in enumerate(self._steps)}
        found = []
        hidden = 0
        for effect in reversed(self._effects):
            visible = effect.bits & ~hidden
            hidden |= effect.bits
            if wanted is not None:
                visible &= wanted
            if effect.variable is not None and visible:
                maker = self._made.get(effect.variable)
                late = maker is not None and positions[maker.index] > effect.position
                found.append(self._observed(effect, visible, late))
        if wanted is None and self._trimmed_by:
            found.append(self._observed_length(self._trimmed_by[-1]))
        return _enough(found)

    def _observed(self, effect: Effect, visible: int, late: bool) -> Observation:
        assert effect.variable is not None
        faithful = visible == effect.bits and _is_faithful(effect, self._range(effect.variable))
        return Observation(
            effect.variable, late, lambda value: effect.written(value) & visible, faithful
        )

    def _observed_length(self, name: str) -> Observation:
        def shown(value: int) -> int:
            return value if 0 < value < self._length else self._length

        return Observation(name, False, shown, faithful=False)

    def _hides_writes(self, wanted: int | None) -> bool:
        """Whether a trim may cut off bytes that a variable is written to."""
        if not self._trimmed_by:
            return False
        may_go = (1 << 8 * (self._length - PADDED_FRAME_BYTES)) - 1
        if wanted is not None:
            may_go &= wanted
        return any(effect.variable is not None and effect.bits & may_go for effect in self._effects)

    def _range(self, name: str) -> tuple[int, int] | None:
        """The least and the largest value of a variable, where it keeps to a range."""
        step = self._made.get(name)
        match step.instruction if step else None:
            case FlowVariable(value_list=None) as variable if not variable.has_untouched_range:
                return variable.padded_range
            case RepeatableRandom() as variable:
                return variable.min_value, variable.maximum
            case TupleGenerator() as variable if name.endswith(".ip"):
                return variable.ip_min, variable.ip_max
            case _:
                return None

    def _parts(self, observations: Iterable[Observation]) -> list[Part]:
        by_source: dict[int | None, list[Observation]] = {}
        for observation in observations:
            step = self._made.get(observation.variable)
            source = None if step is None else self._chains[step.index][0].index
            by_source.setdefault(source, []).append(observation)
        return [self._part(source, shown) for source, shown in by_source.items()]

    def _part(self, source: int | None, shown: list[Observation]) -> Part:
        if source is None:
            return unsaid(None)  # the state of the random generator itself
        head = self._chains[source][0].instruction
        if isinstance(head, TupleGenerator):
            return self._tuple_part(TupleFlows(head), shown)
        return self._chain_part(shown)

    def _tuple_part(self, flows: TupleFlows, shown: list[Observation]) -> Part:
        parts = [(observation, observation.variable.rpartition(".")[2]) for observation in shown]

        def key(packet: int) -> object:
            return tuple(
                observation.shown(flows.value(part, packet + 1 - observation.late))
                for observation, part in parts
            )

        lead, period, different = flows.cycle(frozenset(part for _, part in parts))
        same_time = len({observation.late for observation in shown}) == 1
        if same_time and all(observation.faithful for observation in shown):
            return Part(Cycle(lead, period, different), key, len(shown))
        bounds = Cycle(lead + 1, period, lead + 1 + period, exact=False)
        return looked_at(Part(bounds, key, len(shown)), self._effort)

    def _chain_part(self, shown: list[Observation]) -> Part:
        chains = (self._chains[self._made[item.variable].index] for item in shown)
        steps = max(chains, key=len)
        links = self._links(steps)
        if links is None:
            return unsaid(_most_values(steps, shown))

        def key(packet: int) -> object:
            return tuple(item.shown(links[item.variable].value(packet)) for item in shown)

        cycles = [links[item.variable].cycle() for item in shown]
        lead, period = max(lead for lead, _, _ in cycles), max(period for _, period, _ in cycles)
        faithful = {item.variable for item in shown if item.faithful}
        distinct = not lead and all(links[name].walk.distinct for name in faithful)
        if distinct and faithful.issuperset(links):
            return Part(Cycle(0, period, period), key, len(shown))
        last = links[shown[0].variable]
        if distinct and faithful and len(shown) == 1:
            moved = not last.before or last.moves(period + 1) > last.moves(1)
            different = last.walk.period if moved else 1
            return Part(Cycle(0, period if different > 1 else 1, different), key)
        bounds = Cycle(lead, period, lead + period, exact=False)
        return looked_at(Part(bounds, key, len(shown) * len(steps)), self._effort)

    def _links(self, steps: list[Step]) -> dict[str, Link] | None:
        """The variables of a chain; None if one of them is random."""
        links: dict[str, Link] = {}
        before: list[Walk] = []
        for step in steps:
            walk = self._walk(step)
            if walk is None:
                return None
            (name,) = step.instruction.defines
            links[name] = Link(name, tuple(before), walk)
            before.append(walk)
        return links

    def _walk(self, step: Step) -> Walk | None:
        variable = step.instruction
        assert isinstance(variable, FlowVariable | RepeatableRandom)
        if variable.name not in self._walks:
            trims = variable.name in self._trimmed_by
            self._walks[variable.name] = walk_of(variable, self._length if trims else None)
        return self._walks[variable.name]


def _chains(steps: Iterable[Step], made: Mapping[str, Step]) -> dict[int, list[Step]]:
    """Of each step that makes variables, the chain up to it, by its number in the program."""
    chains: dict[int, list[Step]] = {}
    for step in steps:
        if step.instruction.defines and step.index not in chains:
            chains[step.index] = [step]
        follower = getattr(step.instruction, "next_var", None)
        if follower is not None:
            chains[made[follower].index] = [*chains[step.index], made[follower]]
    return chains


def _enough(observations: list[Observation]) -> list[Observation]:
    """The observations without those of variables that another one shows faithfully."""
    faithful = {(item.variable, item.late): item for item in observations if item.faithful}
    return [item for item in observations if faithful.get((item.variable, item.late), item) is item]


def _most_values(steps: list[Step], shown: list[Observation]) -> int:
    """How many values the shown variables of a chain can have together at most."""
    product = 1
    names = {observation.variable for observation in shown}
    for depth, step in enumerate(steps):
        variable = step.instruction
        if names.isdisjoint(variable.defines):
            continue
        count = 1
        if isinstance(variable, RepeatableRandom):
            count = min(variable.maximum - variable.min_value + 1, variable.limit)
        elif isinstance(variable, FlowVariable) and variable.value_list is not None:
            count = len(set(variable.value_list))
        elif isinstance(variable, FlowVariable):
            low, high = variable.padded_range
            count = high - low + 1
        product *= count + (depth > 0)  # a follower shows something else until it is moved
    return product


def _is_faithful(effect: Effect, values: tuple[int, int] | None) -> bool:
    """Whether a write shows different values of the variable differently."""
    write = effect.step.instruction
    if isinstance(write, WriteVariable):
        return True
    assert isinstance(write, WriteMaskVariable)
    if values is None or effect.size == 8 or write.shift < 0:
        return False
    low, high = (value + write.add_value for value in values)
    varying = (1 << (low ^ high).bit_length()) - 1
    mask = effective_mask(write, effect.size)
    return low >= 0 and high < 1 << 32 and not varying << write.shift & ~mask
