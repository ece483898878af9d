"""Packets on their way: when each is sent, and which it is; their bytes only when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Times: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = NDArray[np.int64]
Rows: TypeAlias = NDArray[np.uint8]


class Source(Protocol):
    """Whose packets they are: makes the bytes of any of its packets.

    `flow` is the place of its counters, -1 if it has none, and `meter` that of those which are a
    stream's own; `longest` is the length of its longest packet. `template` is a packet that all
    others are told from where they arrive, None where each must be looked at.
    """

    flow: int
    meter: int
    longest: int
    template: bytes | None

    def lengths(self, numbers: Numbers) -> Numbers:
        """The lengths of packets, without FCS."""
        ...

    def prepare(self, rows: Rows) -> None:
        """Write what its packets have in common into rows as wide as the longest."""
        ...

    def fill(self, rows: Rows, numbers: Numbers, times: Times) -> None:
        """Turn prepared rows, or such that it has filled, into packets sent at these times."""
        ...


@dataclass(frozen=True)
class Batch:
    """Packets in the order in which they are sent.

    `times` is when each is sent, `slots` whose packet it is, an index into `sources`, and
    `numbers` which of that source's packets. `arrivals` is when each arrives, once it has.
    """

    sources: Sequence[Source]
    times: Times
    slots: Numbers
    numbers: Numbers
    arrivals: Times | None = None

    def __len__(self) -> int:
        return len(self.times)

    @cached_property
    def parts(self) -> list[tuple[Source, NDArray[Any] | slice]]:
        """Each source that has packets here, and where they are."""
        if len(self.sources) == 1:
            return [(self.sources[0], slice(None))]
        counts = np.bincount(self.slots, minlength=len(self.sources))
        return [
            (self.sources[slot], np.flatnonzero(self.slots == slot))
            for slot in np.flatnonzero(counts).tolist()
        ]

    @cached_property
    def lengths(self) -> Numbers:
        """The length of each packet, without FCS."""
        lengths = np.empty(len(self), np.int64)
        for source, where in self.parts:
            lengths[where] = source.lengths(self.numbers[where])
        return lengths

    @cached_property
    def rows(self) -> Rows:
        """The bytes of all packets; those past the end of one mean nothing."""
        width = max((source.longest for source, _ in self.parts), default=0)
        rows: Rows = np.empty((len(self), width), np.uint8)
        for source, where in self.parts:
            if isinstance(where, slice):
                source.prepare(rows)
                source.fill(rows, self.numbers, self.times)
            else:
                block = np.empty((len(where), source.longest), np.uint8)
                source.prepare(block)
                source.fill(block, self.numbers[where], self.times[where])
                rows[where, : source.longest] = block
        return rows

    def frame(self, index: int) -> bytes:
        """The bytes of one packet."""
        return self.rows[index, : self.lengths[index]].tobytes()

    def sent_at(self, times: Times) -> Batch:
        """The same packets, sent at other times."""
        return Batch(self.sources, times, self.slots, self.numbers)

    def arrived_by(self, now: float) -> Batch:
        """The same packets, none of which has arrived before now."""
        arrivals = self.times if self.arrivals is None else self.arrivals
        return Batch(self.sources, self.times, self.slots, self.numbers, np.maximum(arrivals, now))

    def frames(self) -> Iterator[bytes]:
        """The bytes of all packets, one by one."""
        return (self.frame(index) for index in range(len(self)))

    def taken(self, chosen: NDArray[Any], arrivals: Times | None = None) -> Batch:
        """Some of these packets, in another order or twice, arriving at times of their own."""
        if arrivals is None and self.arrivals is not None:
            arrivals = self.arrivals[chosen]
        return Batch(
            self.sources, self.times[chosen], self.slots[chosen], self.numbers[chosen], arrivals
        )


class Canvas:
    """Rows for batches one after the other, where it stays what all packets of a source share."""

    def __init__(self) -> None:
        self._rows: Rows = np.empty((0, 0), np.uint8)
        self._source: Source | None = None

    def rows(self, batch: Batch) -> Rows:
        """The bytes of all packets; they are there until those of another batch are."""
        if len(batch.parts) != 1 or "rows" in vars(batch):
            return batch.rows
        (source, _), count = batch.parts[0], len(batch)
        if source is not self._source or count > len(self._rows):
            self._rows = np.empty((count, source.longest), np.uint8)
            self._source = source
            source.prepare(self._rows)
        rows = self._rows[:count]
        source.fill(rows, batch.numbers, batch.times)
        return rows


_NOTHING = np.empty(0, np.int64)
EMPTY = Batch((), np.empty(0), _NOTHING, _NOTHING)


def joined(batches: Sequence[Batch]) -> Batch:
    """Several batches as one, in order of time; of equal times those of the first come first."""
    batches = [batch for batch in batches if len(batch)]
    if len(batches) <= 1:
        return batches[0] if batches else EMPTY
    sources: list[Source] = []
    slots = []
    for batch in batches:
        slots.append(batch.slots + len(sources))
        sources += batch.sources
    times = np.concatenate([batch.times for batch in batches])
    order = np.argsort(times, kind="stable")
    numbers = np.concatenate([batch.numbers for batch in batches])
    return Batch(sources, times[order], np.concatenate(slots)[order], numbers[order])
