"""One direction of a wire: packets go in, and come out later, less, more, or in another order.

In this order: the rate at which it takes packets, loss, delay with jitter, doubling, and
packets that are held back until a later one has passed.
"""

from __future__ import annotations

from math import inf

import numpy as np

from scapy_server.services.ports.plane.batch import EMPTY, Batch, Numbers, Times
from scapy_server.services.ports.plane.counters import FCS_BYTES
from scapy_server.services.ports.wire.impairments import Impairments

#: How long what waits for its turn at a bounded rate may wait.
_BACKLOG_SECONDS = 0.1
_OVERHEAD_BYTES = 20
#: By how many gaps a packet that is held back is overtaken.
_HELD_BACK = 3
_LONGEST_HOLD = 0.1


class Wire:
    """Holds what is on its way. `lost` counts what was lost, `in_flight` what is to come."""

    def __init__(self, impairments: Impairments, seed: int) -> None:
        self._impairments = impairments
        self._random = np.random.default_rng(seed)
        self._free_at = self._latest = self._previous = 0.0
        self._waiting: list[Batch] = []
        self.next_time = inf
        self.lost = 0

    def put(self, batch: Batch) -> None:
        """Send packets, at their times."""
        if not len(batch):
            return
        if self._impairments.is_perfect:
            self._add(batch.taken(np.arange(len(batch)), batch.times))
            return
        chosen, arrivals = self._transmitted(batch)
        chosen, arrivals = self._surviving(chosen, arrivals)
        arrivals = self._delayed(arrivals)
        chosen, arrivals = self._doubled(chosen, arrivals)
        arrivals = self._overtaken(arrivals)
        order = np.argsort(arrivals, kind="stable")
        self._add(batch.taken(chosen[order], arrivals[order]))

    def take(self, now: float) -> Batch:
        """What has come out until now, in order."""
        if self.next_time > now:
            return EMPTY
        arrived, self.next_time = [], inf
        waiting, self._waiting = self._waiting, []
        for batch in waiting:
            assert batch.arrivals is not None
            count = int(np.searchsorted(batch.arrivals, now, side="right"))
            if count:
                arrived.append(batch if count == len(batch) else batch.taken(np.arange(count)))
            if count < len(batch):
                self._add(batch.taken(np.arange(count, len(batch))))
        return merged(arrived)

    def _add(self, batch: Batch) -> None:
        if len(batch):
            assert batch.arrivals is not None
            self._waiting.append(batch)
            self.next_time = min(self.next_time, float(batch.arrivals[0]))

    def _transmitted(self, batch: Batch) -> tuple[Numbers, Times]:
        """Which packets the rate leaves room for, and when the last bit of each is sent."""
        rate = self._impairments.rate
        if not rate:
            return np.arange(len(batch)), batch.times
        seconds = (batch.lengths + FCS_BYTES + _OVERHEAD_BYTES) * 8 / rate
        chosen, arrivals = [], []
        for index, (time, needed) in enumerate(zip(batch.times, seconds, strict=True)):
            start = max(time, self._free_at)
            if start - time > _BACKLOG_SECONDS:
                self.lost += 1
                continue
            self._free_at = start + needed
            chosen.append(index)
            arrivals.append(self._free_at)
        return np.array(chosen, np.int64), np.array(arrivals)

    def _surviving(self, chosen: Numbers, arrivals: Times) -> tuple[Numbers, Times]:
        loss = self._impairments.loss
        if not loss:
            return chosen, arrivals
        kept = self._random.random(len(chosen)) >= loss
        self.lost += len(chosen) - int(kept.sum())
        return chosen[kept], arrivals[kept]

    def _delayed(self, arrivals: Times) -> Times:
        delay, jitter = self._impairments.delay, self._impairments.jitter
        if jitter:
            drawn = self._random.uniform(-jitter, jitter, len(arrivals))
            arrivals = arrivals + np.maximum(delay + drawn, 0.0)
            # Jitter alone lets no packet overtake another.
            arrivals = np.maximum.accumulate(np.maximum(arrivals, self._latest))
            self._latest = float(arrivals[-1]) if len(arrivals) else self._latest
            return arrivals
        return arrivals + delay

    def _doubled(self, chosen: Numbers, arrivals: Times) -> tuple[Numbers, Times]:
        share = self._impairments.duplicate
        if not share:
            return chosen, arrivals
        twice = 1 + (self._random.random(len(chosen)) < share)
        return np.repeat(chosen, twice), np.repeat(arrivals, twice)

    def _overtaken(self, arrivals: Times) -> Times:
        share = self._impairments.reorder
        if not share or not len(arrivals):
            return arrivals
        held = self._random.random(len(arrivals)) < share
        gaps = np.diff(arrivals, prepend=self._previous)
        self._previous = float(arrivals[-1])
        gap = min(max(float(gaps.mean()), 1e-9), _LONGEST_HOLD)
        return np.where(held, arrivals + (_HELD_BACK - 0.5) * gap, arrivals)


def merged(batches: list[Batch]) -> Batch:
    """Batches that have arrived, as one, in the order of arrival."""
    if len(batches) <= 1:
        return batches[0] if batches else EMPTY
    sources = [source for batch in batches for source in batch.sources]
    firsts = np.cumsum([0, *(len(batch.sources) for batch in batches[:-1])])
    arrivals = np.concatenate([b.arrivals for b in batches if b.arrivals is not None])
    order = np.argsort(arrivals, kind="stable")
    return Batch(
        sources,
        np.concatenate([batch.times for batch in batches])[order],
        np.concatenate([b.slots + first for b, first in zip(batches, firsts, strict=True)])[order],
        np.concatenate([batch.numbers for batch in batches])[order],
        arrivals[order],
    )
