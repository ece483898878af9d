"""Stretches of several streams; that they are right is tested with whole schedules as well."""

from __future__ import annotations

import math
from heapq import heappop, heappush

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.streams.division import divide
from scapy_server.streams.schedule import merging
from scapy_server.streams.schedule.merging import merged
from scapy_server.streams.schedule.nodes import HOUSEKEEPING, Entry, Event, Group, Node
from tests.streams.support import burst, continuous, stream

GAPS = st.sampled_from([0.001, 0.001, 0.002, 0.0007, 0.01, 0.0003, math.inf])


def node(number: int, gap: float = 0.001, packets: int = 0) -> Node:
    mode = burst(packets) if packets else continuous(100)
    (share,) = divide([stream(number, mode=mode)], 1.0, 1e10, (0,))[0]
    made = Node(number, share, Group(0))
    made.set_gap(gap)
    made.enter()
    return made


def queue(nodes: list[Node], starts: list[float], stop: float = math.inf) -> list[Entry]:
    heap: list[Entry] = []
    for each, start in zip(nodes, starts, strict=True):
        heappush(heap, (start, each.tie, each))
    if stop < math.inf:
        end = Event(Group(0))
        heappush(heap, (stop, end.tie, end))
    housekeeping = Event(None)
    heappush(heap, (HOUSEKEEPING, housekeeping.tie, housekeeping))
    return heap


def popped(heap: list[Entry], count: int) -> list[tuple[float, int]]:
    """What comes out one by one, without housekeeping."""
    found: list[tuple[float, int]] = []
    while len(found) < count:
        time, tie, event = heappop(heap)
        if isinstance(event, Node):
            found.append((time, event.number))
        heappush(heap, (time + event.gap, tie, event))
    return found


@given(st.lists(st.tuples(GAPS, st.sampled_from([0.0, 0.0, 0.001, 0.0042])), min_size=1))
def test_a_stretch_is_what_the_heap_has(pairs: list[tuple[float, float]]) -> None:
    nodes = [node(number, gap) for number, (gap, _) in enumerate(pairs)]
    heap = queue(nodes, [start for _, start in pairs])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "LEAST_EVENTS", 1)
        patch.setattr(merging, "LEAST_EACH", 0)
        stretch = merged(heap, 500, 1.0)
    if stretch is None or not stretch.handled:
        assert any(gap == math.inf for gap, _ in pairs)
        return
    expected = popped(heap, stretch.handled)
    assert [*zip(stretch.times.tolist(), stretch.flows.tolist(), strict=True)] == expected
    time, last = stretch.last or (0.0, None)
    assert (time, last and last.number) == expected[-1]
    assert stretch.handled <= 500
    assert order_of(stretch.heap) == order_of(heap)


def order_of(heap: list[Entry]) -> list[Event | Node]:
    """How the heap is arranged when nothing but housekeeping was handled any more."""
    heap = list(heap)
    while heap[0][0] < min(time for time, _, event in heap if isinstance(event, Node)):
        time, tie, event = heappop(heap)
        heappush(heap, (time + event.gap, tie, event))
    return [event for _, _, event in heap]


def test_it_ends_before_anything_else_happens() -> None:
    heap = queue([node(1, 1e-5, 300), node(2, 1e-5)], [0.0, 5e-6])
    stretch = merged(heap, 1 << 14, math.inf)
    assert stretch is not None
    assert stretch.flows.tolist().count(1) == 299
    heap = queue([node(1, 1e-5), node(2, 1e-5)], [0.0, 5e-6], stop=0.01)
    stretch = merged(heap, 1 << 14, math.inf)
    assert stretch is not None
    assert stretch.times.max() < 0.01
    until = merged(queue([node(1, 1e-5), node(2, 1e-5)], [0.0, 5e-6]), 1 << 14, 0.004)
    assert until is not None
    assert until.times.max() < 0.004


def test_few_events_are_left_to_be_handled_one_by_one() -> None:
    heap = queue([node(1), node(2)], [0.0, 0.0])
    assert merged(heap, 20, math.inf) is None
    assert merged(heap, 1 << 14, 0.1) is None
    assert merged(queue([node(1, 0.0), node(2)], [0.0, 0.0]), 1 << 14, math.inf) is None


def test_where_time_stands_still_a_stretch_ends() -> None:
    standing = node(1, 1e-30)
    heap = queue([standing, node(2, 1e-5)], [0.5, 0.0])
    stretch = merged(heap, 1 << 14, math.inf)
    assert stretch is None or stretch.times.max() < 0.5


@given(st.floats(0, 1e3), st.floats(1e-9, 1), st.integers(3, 200))
def test_accumulated_sums_are_those_of_adding_one_by_one(
    first: float, gap: float, count: int
) -> None:
    due = first
    literal = [due]
    for _ in range(count):
        due = due + gap
        literal.append(due)
    for counts in ([count], [count, 3], [3, count, count]):
        size = len(counts)
        runs = merging._Runs(np.full(size, first), np.full(size, gap), np.array(counts))
        for row, own in enumerate(counts):
            start = int(runs.firsts[row])
            assert runs.times[start : start + own + 1].tolist() == literal[: own + 1]
