from __future__ import annotations

import math
from heapq import heappop, heappush

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.streams.schedule import alone as module
from scapy_server.streams.schedule.alone import alone
from scapy_server.streams.schedule.nodes import Entry, Event, Node
from tests.streams.schedule.test_merging import node, queue


def literally(heap: list[Entry], count: int) -> tuple[list[float], list[Entry]]:
    """The next packets one by one, and what comes before anything later than the last one."""
    sent: list[float] = []
    heap = list(heap)
    while len(sent) < count or heap[0][0] < min(t for t, _, e in heap if isinstance(e, Node)):
        time, tie, event = heappop(heap)
        if isinstance(event, Node):
            sent.append(time)
        heappush(heap, (time + event.gap, tie, event))
    return sent, heap


@given(
    st.sampled_from([0.001, 0.0005, 0.002, 0.0001, 0.01, 1e-6, 0.00033]),
    st.sampled_from([0.0, 0.001, 0.002, 0.0005]),
    st.sampled_from([math.inf, 0.05, 0.3]),
    st.integers(1, 400),
)
def test_one_stream_beside_housekeeping(gap: float, start: float, stop: float, most: int) -> None:
    heap = queue([node(7, gap)], [start], stop)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LEAST_PACKETS", 2)
        stretch = alone(heap, most, math.inf)
    if stretch is None:
        assert most < 2 or stop < 0.1
        return
    sent, after = literally(heap, stretch.handled)
    assert stretch.times.tolist() == sent
    assert set(stretch.flows.tolist()) == {7}
    settled = literally(stretch.heap, 0)[1]
    assert [(time, event) for time, _, event in settled] == [(t, e) for t, _, e in after]
    assert stretch.handled <= most
    assert max(sent) < stop


def test_more_than_one_stream_or_stop_is_not_alone() -> None:
    assert alone(queue([node(1), node(2)], [0.0, 0.0]), 1000, math.inf) is None
    heap = queue([node(1)], [0.0], stop=1.0)
    second = Event(heap[0][2].group)
    assert alone([*heap, (2.0, second.tie, second)], 1000, math.inf) is None
    assert alone(queue([], [], stop=1.0), 1000, math.inf) is None
    assert alone(queue([node(1)], [0.0])[:1], 1000, math.inf) is None


def test_too_few_packets_are_left_to_be_handled_one_by_one() -> None:
    assert alone(queue([node(1)], [0.0]), 1000, 0.01) is None
    assert alone(queue([node(1)], [0.0]), 5, math.inf) is None
    assert alone(queue([node(1, 0.0)], [0.0]), 1000, math.inf) is None
    assert alone(queue([node(1, 1e-30)], [1.0]), 1000, math.inf) is None
    assert alone(queue([node(1, packets=20)], [0.0]), 1000, math.inf) is None


def test_what_is_paused_sends_nothing() -> None:
    quiet = node(1)
    quiet.pause(True)
    stretch = alone(queue([quiet], [0.0]), 100, math.inf)
    assert stretch is not None
    assert len(stretch.times) == 0
    assert stretch.handled == 100
