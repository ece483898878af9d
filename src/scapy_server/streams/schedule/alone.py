"""A stretch of a queue in which one stream sends, beside housekeeping and at most one stop.

What is sent is then a running sum, and how the heap is arranged after it can be told without
playing it. Of two events that come and go, the one that was pushed first is popped first
where they are equal; after the first such event, a third one that is later than both lies
behind the first.

Source: docs/profiles.md, "Order and time".
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scapy_server.streams.schedule.merging import Stretch, Times
from scapy_server.streams.schedule.nodes import HOUSEKEEPING, Entry, Event, Node

#: A stretch is worth it from so many packets on.
LEAST_PACKETS, MOST_PACKETS = 32, 1 << 14
#: So often housekeeping comes in one stretch, at most.
MOST_HOUSEKEEPING = 1 << 16
_MOST_ENTRIES = 3


@dataclass
class _Members:
    """The entries of the heap by what they are."""

    stream: Entry | None = None
    housekeeping: Entry | None = None
    resting: Entry | None = None


def alone(heap: list[Entry], most: int, until: float) -> Stretch | None:
    """Up to `most` packets before a time; None where more goes on, or too few can be had."""
    members = _members(heap)
    if members is None or members.stream is None or members.housekeeping is None:
        return None
    (time, tie, node), resting = members.stream, members.resting
    assert isinstance(node, Node)
    kept_from = members.housekeeping[0]
    stop = math.inf if resting is None else resting[0]
    before = min(until, stop - 2 * HOUSEKEEPING, kept_from + (MOST_HOUSEKEEPING - 2) * HOUSEKEEPING)
    pays = time + LEAST_PACKETS * node.gap < before and node.steady >= LEAST_PACKETS
    if not pays or node.gap <= 0:
        return None
    room = int(min(node.steady, most, MOST_PACKETS, (before - time) / node.gap + 2))
    due = _sums(time, node.gap, room)
    # What then waits must still come before the stop.
    count = min(int(np.searchsorted(due[:room], before)), int(np.searchsorted(due, stop)) - 1)
    if count < LEAST_PACKETS or due[count - 1] == due[count]:
        return None
    handled = min(float(due[count]), before)
    kept = _sums(kept_from, HOUSEKEEPING, int(max(handled - kept_from, 0) / HOUSEKEEPING) + 2)
    rounds = int(np.searchsorted(kept, handled))
    first = _is_first(due[: count + 1], kept[: rounds + 1], heap[0][2] is node)
    node.left -= count
    waiting: list[Entry] = [
        (float(due[count]), tie, node),
        (float(kept[rounds]), *members.housekeeping[1:]),
    ]
    if not first:
        waiting.reverse()
    if resting is not None:
        waiting.insert(1, resting)
    sent = due[: count if node.visible else 0]
    flows = np.full(len(sent), node.number, np.uint32)
    return Stretch(sent, flows, count, rounds, (float(due[count - 1]), node), waiting)


def _members(heap: list[Entry]) -> _Members | None:
    """The entries, if there is not more than one of a kind."""
    if len(heap) > _MOST_ENTRIES:
        return None
    found = _Members()
    for entry in heap:
        event = entry[2]
        if not event.steady:
            kind = "resting"
        else:
            kind = "housekeeping" if isinstance(event, Event) else "stream"
        if getattr(found, kind) is not None:
            return None
        setattr(found, kind, entry)
    return found


def _sums(first: float, gap: float, count: int) -> Times:
    """A number, and `count` more, each by a gap larger than the one before."""
    sums = np.full(count + 1, gap)
    sums[0] = first
    np.add.accumulate(sums, out=sums)
    return sums


def _is_first(due: Times, kept: Times, stood_first: bool) -> bool:
    """Whether the last of some times of a stream is popped before the last one of others.

    Of equal ones it is that whose time before was popped first, and so on back to the first
    ones, which were there already.
    """
    count = min(len(due), len(kept))
    mine, others = due[::-1][:count], kept[::-1][:count]
    differing = np.flatnonzero(mine != others)
    if len(differing):
        return bool(mine[differing[0]] < others[differing[0]])
    if len(due) != len(kept):
        # The shorter row's first one was there before the other's was pushed.
        return len(due) < len(kept)
    return stood_first
