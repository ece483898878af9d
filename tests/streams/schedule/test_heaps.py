from __future__ import annotations

import math
from heapq import heapify, heappop, heappush

from hypothesis import given
from hypothesis import strategies as st

from scapy_server.streams.schedule.heaps import WATCHED_HEAP, settle


@given(
    st.lists(st.floats(0, 9), max_size=20) | st.just([float(n) for n in range(WATCHED_HEAP + 9)]),
    st.integers(0, 300),
)
def test_the_rest_of_a_heap_moves_as_if_all_were_pushed_and_popped(
    times: list[float], rounds: int
) -> None:
    heapify(times)
    literal = list(times)
    for _ in range(rounds):
        heappush(literal, -math.inf)
        heappop(literal)
    settle(times, rounds, -math.inf)
    assert times == literal
