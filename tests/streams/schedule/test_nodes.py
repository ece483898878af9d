from __future__ import annotations

from heapq import heapify, heappop

from scapy_server.streams.division import divide
from scapy_server.streams.schedule.nodes import ENDLESS, FIRST, Event, Group, Node
from tests.streams.support import burst, continuous, stream


def node(**changes: object) -> Node:
    (share,) = divide([stream(1, **changes)], 1.0, 1e10, (0,))[0]
    return Node(3, share, Group(0))


def test_all_but_the_last_packet_of_a_burst_only_lead_to_the_next() -> None:
    made = node(mode=burst(5))
    assert made.steady == 0
    made.enter()
    assert (made.left, made.steady, made.bursts) == (5, 4, 1)
    endless = node(mode=continuous(10))
    endless.enter()
    assert endless.steady == ENDLESS - 1


def test_housekeeping_comes_again_and_stops_do_not() -> None:
    assert Event(None).steady == ENDLESS
    assert Event(Group(0)).steady == 0


def test_entries_of_one_time_are_neither_less() -> None:
    events = [Event(None) for _ in range(3)]
    entries = [(1.0, event.tie, event) for event in events]
    assert not any(one < other for one in entries for other in entries if one is not other)
    heap = [*entries, FIRST]
    heapify(heap)
    assert heappop(heap) is FIRST


def test_pausing_keeps_the_gap_for_later() -> None:
    made = node(mode=continuous(10))
    made.pause(True)
    assert (made.gap, made.visible) == (0.1, False)
    made.set_gap(0.5)
    assert made.gap == 0.1
    made.pause(False)
    assert (made.gap, made.visible) == (0.5, True)
