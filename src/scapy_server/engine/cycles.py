"""After how many packets what varies comes again, and how many different ones there are.

A `Part` is something that varies on its own; of several side by side the period is the
least common multiple of theirs. How many different packets there are follows from the
parts' numbers, unless parts show something twice within a period: only then values are
looked at one by one, as long as `Effort` lasts; after that the numbers are upper bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from scapy_server import limits
from scapy_server.engine.variables.sequences import Values

#: Consecutive numbers from 0 that are equal where what they stand for is.
Ids: TypeAlias = NDArray[np.int64]


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
    """`period` packets after which the packets repeat, after `lead` that do not come again.

    `different` counts the packets that differ. Where `exact` is False all are upper bounds,
    and None where there is none. What is `drawn` from the random generator repeats only
    when the generator does, as the period then says.
    """

    lead: int
    period: int | None
    different: int | None
    exact: bool = True
    drawn: bool = False

    @property
    def never_twice(self) -> bool:
        """Whether all packets of a period differ and nothing comes before."""
        return self.exact and not self.lead and self.different == self.period


@dataclass(frozen=True)
class Part:
    """Something that varies on its own: its cycle, and what it shows.

    `shown(first, count)` are columns of numbers, a row for each of the packets from the
    first on; two packets are equal where all columns are.
    """

    cycle: Cycle
    shown: Callable[[int, int], Sequence[Values]]
    columns: int = 1


def unsaid(most: int | None, lead: int = 0, period: int | None = None) -> Part:
    """A part of which no more can be said; with a period it is that of what it is drawn from."""
    cycle = Cycle(lead, period, most, exact=False, drawn=period is not None)
    return Part(cycle, lambda _, count: [np.zeros(count, np.int64)])


def compared(part: Part, effort: Effort) -> Part:
    """The part with its values compared one by one, if its cycle is known only from above."""
    lead, period = part.cycle.lead, part.cycle.period
    if part.cycle.exact or part.cycle.drawn or period is None:
        return part
    if not effort.allows((lead + period) * part.columns):
        return part
    ids = ids_of(part.shown(0, lead + period))
    cycle = cycle_of(ids, lead)

    def shown(first: int, count: int) -> Sequence[Values]:
        packets = np.arange(first, first + count)
        return [ids[np.where(packets < lead, packets, lead + (packets - lead) % period)]]

    return Part(cycle, shown)


def ids_of(columns: Sequence[NDArray[Any]]) -> Ids:
    """One number for each row of some columns, equal for equal rows."""
    ids: Ids = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        _, numbered = np.unique(column, return_inverse=True)
        # Both are below the number of rows, so that their pair fits into 64 bits.
        _, ids = np.unique(ids * (int(numbered.max(initial=0)) + 1) + numbered, return_inverse=True)
    return ids


def cycle_of(ids: Ids, lead: int) -> Cycle:
    """The cycle of what repeats after `lead` and the rest of the ids, with the least numbers."""
    period = least_period(ids[lead:])
    while lead and ids[lead - 1] == ids[lead - 1 + period]:
        lead -= 1
    return Cycle(lead, period, len(np.unique(ids)))


def least_period(ids: Ids) -> int:
    """The least divisor of their number after which some ids, taken as a round, repeat.

    All periods of a round are multiples of the least one, so that every prime factor that
    can be taken out of a period and leaves a period may be taken out, in any order.
    """
    period, factor = len(ids), 2
    while factor <= period:
        smaller = period // factor
        if period % factor == 0 and np.array_equal(ids[smaller:], ids[:-smaller]):
            period = smaller
            ids = ids[: max(period, 1)]
        else:
            factor += 1
    return period


def joined(parts: Iterable[Part], effort: Effort) -> Cycle:
    """The cycle of parts that vary side by side.

    Packets are equal where every part shows the same, so that the least period of all is
    the least common multiple of the least periods, and the least lead the longest of them.
    If no part shows anything twice in its period, its place in the period can be told from
    what it shows, and so no packet comes twice either: 3 addresses beside 4 ports are 12
    packets, 4 beside 6 are also 12. Parts with coprime periods meet in every combination,
    so that the numbers of what groups of them show multiply: ABB beside CD is 2 times 2. Only
    AAB beside CCDDEE, with periods 3 and 6, must be looked at.
    """
    varying = [part for part in parts if part.cycle.different != 1]
    most = _product(part.cycle.different for part in varying)
    drawn = any(part.cycle.drawn for part in varying)
    periods = [part.cycle.period for part in varying if part.cycle.period is not None]
    if len(varying) == 1:
        return varying[0].cycle
    if len(periods) < len(varying):
        return Cycle(0, None, most, exact=False, drawn=drawn)
    lead = max((part.cycle.lead for part in varying), default=0)
    period = math.lcm(*periods)
    if all(part.cycle.never_twice for part in varying):
        return Cycle(0, period, period)
    bound = lead + period if most is None else min(most, lead + period)
    if not all(part.cycle.exact for part in varying):
        return Cycle(lead, period, most if drawn else bound, exact=False, drawn=drawn)
    clusters = _clusters(varying)
    if len(clusters) > 1 and not lead:
        cycles = [joined(cluster, effort) for cluster in clusters]
        different = _product(cycle.different for cycle in cycles)
        return Cycle(0, period, different, all(cycle.exact for cycle in cycles))
    if not effort.allows((lead + period) * sum(part.columns for part in varying)):
        return Cycle(lead, period, bound, exact=False)
    columns = [column for part in varying for column in part.shown(0, lead + period)]
    return Cycle(lead, period, len(np.unique(ids_of(columns))))


def _product(numbers: Iterable[int | None]) -> int | None:
    product = 1
    for number in numbers:
        if number is None:
            return None
        product *= number
    return product


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
        clusters = [*(cluster for cluster in clusters if cluster not in near), merged]
    return clusters


def cached(cycle: Cycle, cache: int) -> Cycle:
    """The cycle when the first `cache` packets are sent again and again.

    If all packets of a period differ, the first one comes again only after whole periods:
    where the cache cuts one off, what is sent repeats after the cache and no earlier.
    """
    if cycle.never_twice and cycle.period is not None:
        if cache % cycle.period == 0:
            return cycle
        return Cycle(0, cache, min(cache, cycle.period))
    most = cache if cycle.different is None else min(cache, cycle.different)
    return Cycle(0, cache, most, exact=False)
