from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from scapy_server.streams.division import divide
from scapy_server.streams.schedule import CoreSchedule
from scapy_server.streams.stream import Stream
from tests.streams.support import burst, bursts, continuous, stream


def started(*streams: Stream, duration: float = 0.0) -> CoreSchedule:
    core = CoreSchedule()
    shares = divide(streams, 1.0, 1e10, (0,))[0]
    flows = [(share.stream.stream_id, share) for share in shares]
    core.start(0, flows, duration=duration)
    return core


def take(core: CoreSchedule, most: int, until: float = math.inf) -> tuple[list[float], list[int]]:
    times, flows = core.take(most, until)
    return times.tolist(), flows.tolist()


def test_three_equal_streams_come_as_the_heap_has_them() -> None:
    core = started(stream(3), stream(2), stream(1))
    _, flows = take(core, 15)
    assert flows == [3, 1, 2, 3, 1, 2, 1, 2, 3, 2, 3, 1, 3, 1, 2]
    mode = continuous(1000)
    core = started(stream(3, mode=mode), stream(2, mode=mode), stream(1, mode=mode))
    assert take(core, 9)[1] == [3, 1, 2, 1, 2, 3, 2, 3, 1]


def test_times_are_running_sums() -> None:
    times, _ = take(started(stream(mode=continuous(3))), 7)
    assert times[-1] == 1.9999999999999998


def test_events_before_a_time() -> None:
    core = started(stream())
    assert take(core, 100, until=0.02)[0] == [0.0, 0.01]
    assert core.next_time <= 0.02
    assert take(core, 1, until=0.03)[0] == [0.02]
    assert core.running


def test_a_chain_ends_at_its_last_packet() -> None:
    core = started(
        stream(1, mode=burst(3, 10), isg=1000, next_stream_id=2),
        stream(2, mode=burst(4, 20), isg=5000, self_start=False),
    )
    times, flows = take(core, 100)
    assert flows == [1] * 3 + [2] * 4
    assert times[3] == ((0.001 + 0.1 + 0.1) + 0.005) + 0.0
    assert not core.running
    assert core.ended(0) == times[-1]
    assert core.next_time == math.inf
    assert take(core, 5) == ([], [])


def test_actions_count_runs_and_are_never_refilled() -> None:
    ring = (
        stream(1, mode=burst(1, 10), next_stream_id=2, action_count=3),
        stream(2, mode=burst(1, 10), next_stream_id=1, self_start=False),
    )
    assert take(started(*ring), 100)[1] == [1, 2, 1, 2, 1]
    itself = stream(1, mode=burst(2, 10), next_stream_id=1, action_count=2)
    assert take(started(itself), 100)[1] == [1] * 4


def test_bursts_without_end() -> None:
    times, _ = take(started(stream(mode=bursts(3, 0, 2000, 1000))), 7)
    assert [round(time * 1000) for time in times] == [0, 1, 2, 4, 5, 6, 8]


def test_a_paused_stream_counts_down_and_sends_nothing() -> None:
    core = started(
        stream(1, mode=burst(5), start_paused=True, next_stream_id=2),
        stream(2, mode=burst(1), self_start=False),
    )
    times, flows = take(core, 100)
    assert (times, flows) == ([0.4], [2])


def test_pausing_and_resuming_keep_the_pending_time() -> None:
    core = started(stream(1), stream(2))
    assert len(take(core, 100, until=0.02)[0]) == 4
    core.pause(0, True, (1,))
    assert set(take(core, 100, until=0.05)[1]) == {2}
    core.pause(0, False, (1,))
    times, flows = take(core, 400, until=0.14)
    first = [time for time, flow in zip(times, flows, strict=True) if flow == 1]
    assert first[0] == 0.02 + 0.1
    assert first[1] == first[0] + 0.01


def test_speeding_up_acts_from_the_next_packet_on() -> None:
    core = started(stream(1))
    assert take(core, 100, until=0.015)[0] == [0.0, 0.01]
    core.scale(0, 2.0)
    assert take(core, 2)[0] == [0.02, 0.02 + 0.01 / 2.0]
    core.set_gap(0, 1, 1.0)
    (pending, following), _ = take(core, 2)
    assert following == pending + 1.0


def test_a_duration_ends_all() -> None:
    core = started(stream(1), duration=0.1)
    assert len(take(core, 100)[0]) == 11
    assert core.ended(0) == 0.1


def test_stopping_is_at_once_and_starting_is_anew() -> None:
    core = started(stream(1))
    take(core, 3)
    core.stop(0, 0.025)
    assert core.ended(0) == 0.025
    assert take(core, 3) == ([], [])
    shares = divide([stream(1)], 1.0, 1e10, (0,))[0]
    core.start(1, [(7, shares[0])], at=5.0)
    assert take(core, 2) == ([5.0, 5.0 + 0.01], [7, 7])
    core.stop(0, 9.0)
    assert core.ended(0) == 0.025
    assert core.ended(99) is None


def test_long_waits_are_passed_over_in_steps() -> None:
    slow = stream(1, mode=burst(3, 0.001))
    core = started(slow, stream(2, mode=burst(4, 0.0015)))
    found: list[float] = []
    calls = 0
    while core.running:
        found += take(core, 100)[0]
        calls += 1
    assert found[-1] == 1 / 0.001 + 1 / 0.001
    assert calls > 20
    assert core.handled > 2000 * 1000 // 64


def test_what_only_takes_time_is_not_started() -> None:
    core = started(stream(1, flags=11))
    assert not core.running
    assert core.ended(0) is None


@given(st.integers(1, 40), st.integers(1, 40))
def test_a_limit_stops_what_sends(limit: int, most: int) -> None:
    core = started(stream(1), stream(2, mode=continuous(33)))
    core.limit = limit
    sent = 0
    while core.running:
        sent += len(take(core, most)[0])
    assert sent == limit
