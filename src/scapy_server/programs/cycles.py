"""Periods, and numbers of different things, of several parts that vary side by side.

The period of all is the least common multiple of the parts' periods. How many different
packets there are follows from the parts' numbers, unless parts show something twice within
a period: only then values are looked at one by one, as long as `Effort` lasts; after that
the numbers are upper bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scapy_server import limits


class Effort:
    """How many values may still be looked at one by one."""

    def __init__(self, values: int = limits.FIELD_ENGINE_ENUMERATED_VALUES) -> None:
        self._left = values

    def allows(self, values: int) -> bool:
        """Whether so many may be looked at; if so, they count."""
        if values > self._left:
            return False
        self._left -= values
        return True


@dataclass(frozen=True)
class Cycle:
    """`period` packets after which the packets repeat (after `lead` that do not come again).

    A period of None: it is random, or cannot be said. `different` counts the packets that
    differ. Where `exact` is False both are upper bounds.
    """

    lead: int
    period: int | None
    different: int | None
    exact: bool = True


@dataclass(frozen=True)
class Part:
    """Something that varies on its own: its cycle, and what it shows in packet k.

    `values` is how many values have to be looked at for one packet.
    """

    cycle: Cycle
    key: Callable[[int], object]
    values: int = 1

    @property
    def never_twice(self) -> bool:
        """Whether all that is shown within a period differs."""
        return self.cycle.exact and self.cycle.different == self.cycle.period


def unsaid(most: int | None) -> Part:
    """A part of which no more can be said than how many values it has at most."""
    return Part(Cycle(0, None, most, exact=False), lambda packet: None)


def looked_at(part: Part, effort: Effort) -> Part:
    """A part whose cycle is known only from above, with its values compared one by one."""
    lead, period = part.cycle.lead, part.cycle.period
    if period is None or not effort.allows((lead + period) * part.values):
        return part
    keys = [part.key(packet) for packet in range(lead + period)]
    shortest = shortest_period(keys[lead:])
    while lead and keys[lead - 1] == keys[lead - 1 + shortest]:
        lead -= 1
    cycle = Cycle(lead, shortest, len(set(keys)))
    return Part(cycle, lambda packet: keys[min(packet, lead + (packet - lead) % shortest)])


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


def joined(parts: Iterable[Part], effort: Effort) -> Cycle:
    """The cycle of parts that vary side by side."""
    varying = [part for part in parts if part.cycle.different != 1]
    most = _product(part.cycle.different for part in varying)
    periods = [part.cycle.period for part in varying]
    if None in periods:
        return Cycle(0, None, most, exact=False)
    lead = max((part.cycle.lead for part in varying), default=0)
    period = math.lcm(*(period for period in periods if period is not None))
    if len(varying) == 1:
        return varying[0].cycle
    if all(part.never_twice for part in varying) and not lead:
        return Cycle(0, period, period)
    bound = lead + period if most is None else min(most, lead + period)
    if not all(part.cycle.exact for part in varying):
        return Cycle(lead, period, bound, exact=False)
    clusters = _clusters(varying)
    if len(clusters) > 1 and not lead:
        cycles = [joined(cluster, effort) for cluster in clusters]
        different = _product(cycle.different for cycle in cycles)
        return Cycle(0, period, different, all(cycle.exact for cycle in cycles))
    if not effort.allows((lead + period) * sum(part.values for part in varying)):
        return Cycle(lead, period, bound, exact=False)
    keys = {tuple(part.key(packet) for part in varying) for packet in range(lead + period)}
    return Cycle(lead, period, len(keys))


def _product(numbers: Iterable[int | None]) -> int | None:
    product = 1
    for number in numbers:
        if number is None:
            return None
        product *= number
    return product


def _clusters(parts: list[Part]) -> list[list[Part]]:
    """The parts in groups, such that periods of different groups are coprime.

    What parts with coprime periods show meets in every combination.
    """
    clusters: list[list[Part]] = []
    for part in parts:
        period = part.cycle.period or 1
        near = [
            cluster
            for cluster in clusters
            if any(math.gcd(period, other.cycle.period or 1) > 1 for other in cluster)
        ]
        merged = [part, *(other for cluster in near for other in cluster)]
        clusters = [*(cluster for cluster in clusters if cluster not in near), merged]
    return clusters


def cached(cycle: Cycle, parts: list[Part], cache: int, effort: Effort) -> Cycle:
    """The cycle when the first `cache` packets are sent again and again."""
    most = cache if cycle.different is None else min(cache, cycle.different)
    if cycle.period is None:
        return Cycle(0, cache, most, exact=False)
    if not cycle.lead and cycle.exact and cycle.different == cycle.period:
        # Every packet of a period differs, so that the first comes again only after all.
        return cycle if cache % cycle.period == 0 else Cycle(0, cache, most)
    if not effort.allows(cache * sum(part.values for part in parts)):
        return Cycle(0, cache, most, exact=False)
    keys: list[object] = [tuple(part.key(packet) for part in parts) for packet in range(cache)]
    return Cycle(0, shortest_period(keys), len(set(keys)))
