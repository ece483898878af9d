"""After how many packets a stream repeats, and how many different packets it has.

What a program shows in the packet is split into parts that do not depend on each other: a
chain of variables, or a tuple. Each part has its period and its number of different
values; the period of all is the least common multiple. Only what cannot be said in closed
form (values that come twice in a period) is looked at value by value, up to a bound; beyond
it the numbers are upper bounds (`exact` is False).

All this is for one core that sends the whole stream.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from scapy_server import limits
from scapy_server.field_engine.compiled import Compiled, Step
from scapy_server.field_engine.effects import Effect, effects
from scapy_server.field_engine.instructions import (
    FlowVariable,
    RepeatableRandom,
    TrimPacket,
    TupleGenerator,
    WriteMaskVariable,
    WriteVariable,
)
from scapy_server.field_engine.places import padded_length
from scapy_server.field_engine.tuple_flows import TupleFlows
from scapy_server.field_engine.walks import Link, Walk, walk_of
from scapy_server.packet.layout import BuiltPacket

ENUMERATED = limits.FIELD_ENGINE_ENUMERATED_PACKETS


@dataclass(frozen=True)
class Cycle:
    """`period` packets after which the packets repeat (after `lead` that do not come again).

    A period of None: it is random, or cannot be said. `different` counts the packets that differ.
    Where `exact` is False both are upper bounds.
    """

    lead: int
    period: int | None
    different: int | None
    exact: bool = True


@dataclass(frozen=True)
class Part:
    """Something that varies on its own: its cycle, and what it shows in packet k."""

    cycle: Cycle
    key: Callable[[int], object]

    @property
    def never_twice(self) -> bool:
        """Whether all that is shown within a period differs."""
        return self.cycle.exact and self.cycle.different == self.cycle.period


@dataclass(frozen=True)
class Observation:
    """A variable as the packet shows it: `shown` maps its value to bits of the packet.

    `faithful`: different values show differently.
    """

    variable: str
    late: bool
    shown: Callable[[int], int]
    faithful: bool


@dataclass(frozen=True)
class Varying:
    """A program over its packet, ready to be asked for cycles of some of the packet's bits."""

    compiled: Compiled
    packet: BuiltPacket

    def cycle(self, bits: int | None = None) -> Cycle:
        """The cycle of the packets, or of some bits of them; the cache counts."""
        parts = self._parts(self._observations(bits))
        cycle = joined(parts)
        if self.compiled.cache:
            cycle = _cached(cycle, parts, self.compiled.cache)
        if self._hides_writes(bits):
            cycle = Cycle(cycle.lead, cycle.period, cycle.different, exact=False)
        return cycle

    def uncached_cycle(self) -> Cycle:
        """The cycle of the packets as it would be without a cache."""
        return joined(self._parts(self._observations(None)))

    def values_of(self, name: str) -> Cycle:
        """The cycle of one variable, in packets."""
        return joined(self._parts([Observation(name, False, int, True)]))

    def _observations(self, wanted: int | None) -> list[Observation]:
        made = {
            name: position
            for position, step in enumerate(self.compiled.steps)
            for name in step.instruction.defines
        }
        found = []
        hidden = 0
        for effect in reversed(list(effects(self.compiled, self.packet))):
            visible = effect.bits & ~hidden
            hidden |= effect.bits
            if wanted is not None:
                visible &= wanted
            if effect.variable is not None and visible:
                late = made.get(effect.variable, -1) > effect.position
                found.append(self._observed(effect, visible, late))
        if wanted is None:
            found += self._lengths()
        return found

    def _observed(self, effect: Effect, visible: int, late: bool) -> Observation:
        assert effect.variable is not None
        faithful = visible == effect.bits and _is_faithful(effect, self._range(effect.variable))
        return Observation(
            effect.variable, late, lambda value: effect.written(value) & visible, faithful
        )

    def _lengths(self) -> list[Observation]:
        trims = [
            s.instruction for s in self.compiled.steps if isinstance(s.instruction, TrimPacket)
        ]
        length = padded_length(self.packet)
        return [
            Observation(
                trim.fv_name,
                False,
                lambda value: value if 0 < value < length else length,
                faithful=False,
            )
            for trim in trims[-1:]
        ]

    def _hides_writes(self, wanted: int | None) -> bool:
        """Whether a trim may cut off bytes that a variable is written to."""
        if not any(isinstance(step.instruction, TrimPacket) for step in self.compiled.steps):
            return False
        shortest = 8 * (padded_length(self.packet) - 60)
        return any(
            effect.variable is not None and effect.bits & ((1 << shortest) - 1)
            for effect in effects(self.compiled, self.packet)
            if wanted is None or effect.bits & wanted
        )

    def _range(self, name: str) -> tuple[int, int] | None:
        step = self.compiled.variables.get(name)
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
        by_source: dict[int, list[Observation]] = {}
        chains = _chains(self.compiled)
        for observation in observations:
            step = self.compiled.variables.get(observation.variable)
            source = -1 if step is None else chains[step.index][0].index
            by_source.setdefault(source, []).append(observation)
        return [self._part(source, shown, chains) for source, shown in by_source.items()]

    def _part(
        self, source: int, shown: list[Observation], chains: Mapping[int, list[Step]]
    ) -> Part:
        if source < 0:
            return _random_part(None)
        head = chains[source][0].instruction
        if isinstance(head, TupleGenerator):
            return _tuple_part(head, shown)
        return self._chain_part(shown, chains)

    def _chain_part(self, shown: list[Observation], chains: Mapping[int, list[Step]]) -> Part:
        links: dict[str, Link] = {}
        steps: list[Step] = []
        for observation in shown:
            chain = chains[self.compiled.variables[observation.variable].index]
            steps = max(steps, chain, key=len)
        walks: list[Walk] = []
        for step in steps:
            variable = step.instruction
            assert isinstance(variable, FlowVariable | RepeatableRandom)
            walk = walk_of(variable, self._trim_length(variable.name))
            if walk is None:
                return _random_part(_most_values(steps, shown))
            links[variable.name] = Link(variable.name, tuple(walks), walk)
            walks.append(walk)
        cycles = [links[observation.variable].cycle() for observation in shown]
        lead, period = max(cycle[0] for cycle in cycles), max(cycle[1] for cycle in cycles)
        faithful = {observation.variable for observation in shown if observation.faithful}
        if faithful.issuperset(links) and all(walk.distinct for walk in walks) and not lead:
            return Part(Cycle(0, period, period), _key(shown, links))
        deepest = links[shown[0].variable]
        if len(shown) == 1 and faithful and deepest.walk.distinct and not lead:
            moved = not deepest.before or deepest.moves(period + 1) > deepest.moves(1)
            different = deepest.walk.period if moved else 1
            return Part(Cycle(0, period if different > 1 else 1, different), _key(shown, links))
        return _looked_at(lead, period, period, _key(shown, links))

    def _trim_length(self, name: str) -> int | None:
        trims = (
            isinstance(step.instruction, TrimPacket) and step.instruction.fv_name == name
            for step in self.compiled.steps
        )
        return padded_length(self.packet) if any(trims) else None


def _chains(compiled: Compiled) -> dict[int, list[Step]]:
    """Of each step that makes variables, the chain up to it, by its number in the program."""
    made = compiled.variables
    chains: dict[int, list[Step]] = {}
    for step in compiled.steps:
        if step.instruction.defines and step.index not in chains:
            chains[step.index] = [step]
        follower = getattr(step.instruction, "next_var", None)
        if follower is not None:
            chains[made[follower].index] = [*chains[step.index], made[follower]]
    return chains


def _key(shown: list[Observation], links: Mapping[str, Link]) -> Callable[[int], object]:
    return lambda packet: tuple(
        observation.shown(links[observation.variable].value(packet)) for observation in shown
    )


def _random_part(most: int | None) -> Part:
    return Part(Cycle(0, None, most, exact=False), lambda packet: None)


def _most_values(steps: list[Step], shown: list[Observation]) -> int | None:
    """How many values the shown variables of a chain can have together at most."""
    product = 1
    names = {observation.variable for observation in shown}
    for step in steps:
        variable = step.instruction
        if names.isdisjoint(variable.defines):
            continue
        if isinstance(variable, RepeatableRandom):
            product *= min(variable.maximum - variable.min_value + 1, variable.limit)
        elif isinstance(variable, FlowVariable) and variable.value_list is not None:
            product *= len(set(variable.value_list))
        elif isinstance(variable, FlowVariable):
            low, high = variable.padded_range
            product *= high - low + 1
    return product


def _tuple_part(generator: TupleGenerator, shown: list[Observation]) -> Part:
    flows = TupleFlows(generator)
    parts = {observation: observation.variable.rpartition(".")[2] for observation in shown}

    def key(packet: int) -> object:
        return tuple(
            observation.shown(flows.value(part, packet + 1 - observation.late))
            for observation, part in parts.items()
        )

    lead, period, different = flows.cycle(frozenset(parts.values()))
    if (
        all(observation.faithful for observation in shown)
        and len({observation.late for observation in shown}) == 1
    ):
        return Part(Cycle(lead, period, different), key)
    return _looked_at(lead + 1, period, period + lead + 1, key)


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
    return low >= 0 and high < 1 << 32 and not varying << write.shift & ~write.mask


def _looked_at(lead: int, period: int, most: int, key: Callable[[int], object]) -> Part:
    """A part whose values are compared one by one, where there are not too many."""
    if lead + period > ENUMERATED:
        return Part(Cycle(lead, period, most, exact=False), key)
    keys = [key(packet) for packet in range(lead + period)]
    shortest = shortest_period(keys[lead:])
    while lead and keys[lead - 1] == keys[lead - 1 + shortest]:
        lead -= 1
    return Part(Cycle(lead, shortest, len(set(keys))), key)


def shortest_period(keys: list[object]) -> int:
    """The least p that divides the length and after which a cyclic sequence repeats."""
    borders = [0] * len(keys)
    border = 0
    for index in range(1, len(keys)):
        while border and keys[index] != keys[border]:
            border = borders[border - 1]
        border += keys[index] == keys[border]
        borders[index] = border
    period = len(keys) - border
    return period if len(keys) % period == 0 else len(keys)


def joined(parts: list[Part]) -> Cycle:
    """The cycle of parts that vary side by side."""
    varying = [part for part in parts if part.cycle.different != 1]
    if any(part.cycle.period is None for part in varying):
        most = _product(part.cycle.different for part in varying)
        return Cycle(0, None, most, exact=False)
    lead = max((part.cycle.lead for part in varying), default=0)
    period = math.lcm(*(part.cycle.period or 1 for part in varying))
    exact = all(part.cycle.exact for part in varying)
    if len(varying) > 1 and exact and (lead or not all(map(_never_twice, varying))):
        return _counted(varying, lead, period)
    different = _product(part.cycle.different for part in varying)
    if len(varying) > 1 and different is not None:
        different = min(different, lead + period)
    if len(varying) > 1 and exact:
        different = period
    return Cycle(lead, period, different, exact)


def _never_twice(part: Part) -> bool:
    return part.never_twice


def _product(numbers: Iterable[int | None]) -> int | None:
    product = 1
    for number in numbers:
        if number is None:
            return None
        product *= number
    return product


def _counted(varying: list[Part], lead: int, period: int) -> Cycle:
    """Parts that show something twice: apart where periods are coprime, else one by one."""
    if not lead:
        clusters = _clusters(varying)
        if len(clusters) > 1:
            cycles = [joined(cluster) for cluster in clusters]
            different = _product(cycle.different for cycle in cycles)
            return Cycle(0, period, different, all(cycle.exact for cycle in cycles))
    if lead + period > ENUMERATED:
        most = _product(part.cycle.different for part in varying)
        bound = lead + period if most is None else min(most, lead + period)
        return Cycle(lead, period, bound, exact=False)
    keys = {tuple(part.key(packet) for part in varying) for packet in range(lead + period)}
    return Cycle(lead, period, len(keys))


def _clusters(parts: list[Part]) -> list[list[Part]]:
    """The parts in groups, such that periods of different groups are coprime."""
    clusters: list[list[Part]] = []
    for part in parts:
        period = part.cycle.period or 1
        near = [
            cluster
            for cluster in clusters
            if any(math.gcd(period, other.cycle.period or 1) > 1 for other in cluster)
        ]
        merged = [part, *(other for cluster in near for other in cluster)]
        clusters = [cluster for cluster in clusters if cluster not in near] + [merged]
    return clusters


def _cached(cycle: Cycle, parts: list[Part], cache: int) -> Cycle:
    """The cycle when the first `cache` packets are sent again and again."""
    if cycle.period is None:
        most = cache if cycle.different is None else min(cache, cycle.different)
        return Cycle(0, cache, most, exact=False)
    if not cycle.lead and cycle.exact and cycle.different == cycle.period:
        if cache % cycle.period == 0:
            return cycle
        return Cycle(0, cache, min(cache, cycle.period))
    keys: list[object] = [tuple(part.key(packet) for part in parts) for packet in range(cache)]
    return Cycle(0, shortest_period(keys), len(set(keys)))
