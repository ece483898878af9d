"""A stretch of the queue at once: as long as every event only leads to its stream's next one.

The events of each stream are a running sum, and those of all streams are sorted by time. That
is their order except where times are equal, and these come as the heap has them; so the heap
is played as well, with nothing in it but times. Between equal times it is known what will be
popped, and only pushed what follows it. Among equal times what is popped is looked at: numbers
that are equal are still objects of their own.

A stretch ends before the first event that does anything else: the last packet of a burst, the
stop of a profile, a dead stream.

Source: docs/profiles.md, "Order and time".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from scapy_server.streams.schedule.heaps import settle
from scapy_server.streams.schedule.nodes import Entry, Node

#: A stretch is worth it from so many events on, and so many more for each stream.
LEAST_EVENTS, LEAST_EACH = 256, 4
_SHORT = 64

Times = NDArray[np.float64]
Flows = NDArray[np.uint32]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Stretch:
    """What a stretch came to: the packets that are sent, in order, and the queue after it.

    `handled` counts events of streams, also those that send nothing, `kept` those of
    housekeeping; `last` is the time of the last event of a stream, and the stream.
    """

    times: Times
    flows: Flows
    handled: int
    kept: int
    last: tuple[float, Node] | None
    heap: list[Entry]


def merged(heap: list[Entry], most: int, until: float) -> Stretch | None:
    """Up to `most` events of streams before a time; None where too few are to be had at once."""
    if most < LEAST_EVENTS:
        return None
    queue = _Queue(heap)
    runs = queue.runs(most, until)
    if runs is None:
        return None
    order = runs.order(queue.horizon(runs, until))
    order = order[: queue.end_of_stretch(runs, order, most)]
    return None if len(order) < LEAST_EVENTS else queue.played(runs, order)


class _Runs:
    """For each entry of the queue its next events, and behind them the one that then waits.

    `times` are those of the first entry, in order, then those of the second, and so on;
    `owners` are the entries that they belong to; `firsts` is where an entry's times begin,
    and `waiting` the place of its last one.
    """

    def __init__(self, pending: Times, gaps: Times, counts: Places) -> None:
        self.waiting = np.cumsum(counts + 1) - 1
        self.firsts = self.waiting - counts
        self.owners = np.repeat(np.arange(len(counts)), counts + 1)
        self.times = times = np.repeat(gaps, counts + 1)
        times[self.firsts] = pending
        for row in np.flatnonzero(counts > _SHORT).tolist():
            own = times[self.firsts[row] : self.waiting[row] + 1]
            np.add.accumulate(own, out=own)
        # The sums of short runs grow side by side.
        rows = np.flatnonzero((counts <= _SHORT) & (counts > 0))
        for number in range(1, int(counts[rows].max(initial=0)) + 1):
            rows = rows[counts[rows] >= number]
            places = self.firsts[rows] + number
            times[places] += times[places - 1]

    def order(self, horizon: float) -> Places:
        """The places of the times before the horizon, by time."""
        inside = np.flatnonzero(self.times < horizon)
        order: Places = inside[np.argsort(self.times[inside])]
        return order


class _Queue:
    """The entries of a heap, as arrays in the heap's order."""

    def __init__(self, heap: list[Entry]) -> None:
        self.heap = heap
        events = [event for _, _, event in heap]
        self.pending = np.array([time for time, _, _ in heap])
        self.gaps = np.array([event.gap for event in events])
        self.steady = np.array([event.steady for event in events], np.int64)
        #: Which entries are streams, and not housekeeping.
        self.counted = np.array([isinstance(event, Node) for event in events], np.bool_)
        self.resting = float(self.pending[self.steady == 0].min(initial=math.inf))

    def runs(self, most: int, until: float) -> _Runs | None:
        """As many events as fill about `most`; None if they are few."""
        moving = self.steady > 0
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            rate = (1 / self.gaps[moving]).sum()
            lasts = (self.pending + self.gaps * self.steady)[moving]
            filled = float(self.pending.min() + most / rate)
            end = min(until, self.resting, float(lasts.min(initial=math.inf)), filled)
            reached = np.ceil((end - self.pending) / self.gaps)
        inside = moving & (self.pending < end)
        counts = np.where(inside, np.minimum(reached, self.steady), 0).astype(np.int64)
        if int(counts[self.counted].sum()) < LEAST_EVENTS + LEAST_EACH * len(counts):
            return None
        return _Runs(self.pending, self.gaps, counts)

    def horizon(self, runs: _Runs, until: float) -> float:
        """All events before this time are in the runs, and only lead to the next one."""
        return min(until, self.resting, float(runs.times[runs.waiting].min()))

    def end_of_stretch(self, runs: _Runs, order: Places, most: int) -> int:
        """How many events may be handled at once: not too many, and no equal times by halves.

        Where time stands still, a stream's next event is among those of the same time; such
        are left to be handled one by one.
        """
        times = runs.times[order]
        end = len(order)
        counted = np.cumsum(self.counted[runs.owners[order]])
        if end and int(counted[-1]) > most:
            end = int(np.searchsorted(counted, most, "left")) + 1
        still = np.flatnonzero(runs.times[order + 1] == times)
        if len(still):
            end = min(end, int(still[0]))
        return end if end == len(order) else int(np.searchsorted(times, times[end], "left"))

    def played(self, runs: _Runs, order: Places) -> Stretch:
        """Handle the events at some places."""
        play = _Play(runs, order, self.pending.tolist())
        order, owners = play.order, runs.owners[play.order]
        events = [event for _, _, event in self.heap]
        counts = np.bincount(owners, minlength=len(events))
        handled = kept = 0
        for event, count in zip(events, counts.tolist(), strict=True):
            if isinstance(event, Node):
                event.left -= count
                handled += count
            else:
                kept += count
        shown = np.array([isinstance(e, Node) and e.visible for e in events], np.bool_)[owners]
        numbers = np.array([e.number if isinstance(e, Node) else 0 for e in events], np.uint32)
        place = int(np.flatnonzero(self.counted[owners])[-1]) if handled else -1
        last = events[int(owners[place])]
        return Stretch(
            runs.times[order[shown]],
            numbers[owners[shown]],
            handled,
            kept,
            (float(runs.times[order[place]]), last) if isinstance(last, Node) else None,
            self._heap_after(play.heap, play.due(runs.firsts + counts)),
        )

    def _heap_after(self, times: list[float], waiting: list[float]) -> list[Entry]:
        """The queue, from the times in the heap and the time that each entry waits for."""
        owner_of = {id(time): row for row, time in enumerate(waiting)}
        rows = [owner_of[id(time)] for time in times]
        return [(t, *self.heap[row][1:]) for t, row in zip(times, rows, strict=True)]


class _Play:
    """The heap of a queue while events are handled: `heap` its times, `order` what came out.

    `order` holds places of the runs' times, by time; those of equal times are put right.
    """

    def __init__(self, runs: _Runs, order: Places, pending: list[float]) -> None:
        self.order = order.copy()
        self.heap = list(pending)
        self._runs, self._pending = runs, pending
        #: What each event pushes. Objects of their own, also where they are equal.
        self._pushed: list[float] = runs.times[order + 1].tolist()
        self._turns = np.empty(len(runs.times), np.int64)
        self._turns[order] = np.arange(len(order))
        self._play(runs.times[order], runs.owners[order])

    def due(self, places: Places) -> list[float]:
        """The objects in the heap that stand for the events at some places of the runs."""
        owners = self._runs.owners[places]
        standing = self._runs.firsts[owners] == places
        # What a stream's event before pushed, or what was there already.
        found = np.where(standing, ~owners, self._turns[places - 1])
        return [self._pushed[n] if n >= 0 else self._pending[~n] for n in found.tolist()]

    def _play(self, times: Times, owners: Places) -> None:
        equal = np.zeros(len(times) + 1, np.bool_)
        equal[1:-1] = times[1:] == times[:-1]
        tied = equal[1:] | equal[:-1]
        turns = np.flatnonzero(tied)
        self._turn_of = dict(zip(map(id, self.due(self.order[turns])), turns.tolist(), strict=True))
        starts = np.flatnonzero(tied & ~equal[:-1])
        ends = np.flatnonzero(tied & ~equal[1:]) + 1
        # A run is one entry's events in a row, none of them at the time of another's.
        begins = np.ones(len(times) + 1, np.bool_)
        begins[1:-1] = (owners[1:] != owners[:-1]) | tied[1:] | tied[:-1]
        lasts = np.flatnonzero(begins[1:])
        if 2 * len(lasts) > len(times):
            self._play_singly(starts.tolist(), ends.tolist())
        else:
            self._play_runs(lasts, starts, ends)

    def _play_singly(self, starts: Sequence[int], ends: Sequence[int]) -> None:
        heap, pushed, done = self.heap, self._pushed, 0
        for start, end in zip([*starts, len(pushed)], [*ends, len(pushed)], strict=True):
            for due in pushed[done:start]:
                heappop(heap)
                heappush(heap, due)
            self._play_equal(start, end)
            done = end

    def _play_runs(self, lasts: Places, starts: Places, ends: Places) -> None:
        """Handle runs at once; `lasts` are the turns of their last events."""
        heap, pushed, done = self.heap, self._pushed, 0
        turns: list[int] = lasts.tolist()
        more: list[int] = (np.diff(lasts, prepend=-1) - 1).tolist()
        runs = [*np.searchsorted(lasts, starts).tolist(), len(turns)]
        bounds = zip([*starts.tolist(), len(pushed)], [*ends.tolist(), len(pushed)], strict=True)
        for run, (start, end) in zip(runs, bounds, strict=True):
            for rounds, turn in zip(more[done:run], turns[done:run], strict=True):
                heappop(heap)
                if rounds:
                    settle(heap, rounds, -math.inf)
                heappush(heap, pushed[turn])
            self._play_equal(start, end)
            done = run + end - start

    def _play_equal(self, start: int, end: int) -> None:
        """Handle the events of some turns, which are at one time."""
        if start == end:
            return
        popped = []
        for _ in range(end - start):
            turn = self._turn_of[id(heappop(self.heap))]
            popped.append(turn)
            heappush(self.heap, self._pushed[turn])
        self.order[start:end] = self.order[popped]
