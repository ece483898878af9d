"""The schedule against the literal simulator: any streams, cores, durations and blocks."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scapy_server.errors import RefusedError
from scapy_server.streams.division import divide
from scapy_server.streams.schedule import Schedule, alone, cores, merging
from scapy_server.streams.traffic import Traffic
from tests.properties import times
from tests.streams import literal
from tests.streams.generated import cases
from tests.streams.recordings import traffic_of
from tests.streams.support import burst, stream

Events = list[tuple[float, int, int]]


def started(case: dict[str, Any]) -> Traffic | None:
    """The traffic of a case; None if the engine refuses it."""
    try:
        return traffic_of(case)
    except RefusedError:
        return None


def by_core(traffic: Traffic, cores: int, most: int) -> dict[int, Events]:
    schedule = traffic.schedule
    found: dict[int, Events] = {core: [] for core in range(cores)}
    last = (0.0, 0)
    for block in schedule.blocks(most):
        for time, number in zip(block.times.tolist(), block.flows.tolist(), strict=True):
            flow = schedule.flows[number]
            assert last <= (time, flow.share.core), "by time, then by core"
            last = time, flow.share.core
            found[flow.share.core].append((time, flow.group, flow.share.stream.stream_id))
    return found


def check(case: dict[str, Any], most: int) -> None:
    traffic = started(case)
    if traffic is None:
        return
    expected = literal.run(case)
    found = by_core(traffic, case["cores"], most)
    for core, (sent, ended) in expected.items():
        assert found[core] == [packet[:3] for packet in sent]
        ends = [traffic.schedule.ended(group) for group in range(len(case["groups"]))]
        assert [end.get(core) for end in ends] == ended


@settings(max_examples=times(2))
@given(cases(), st.sampled_from([1, 7, 1000, 1 << 14]))
def test_any_schedule_is_what_the_literal_form_sends(case: dict[str, Any], most: int) -> None:
    check(case, most)


@settings(max_examples=times(2))
@given(cases(), st.sampled_from([3, 50, 1 << 14]), st.sampled_from([1, 2, 9]))
def test_stretches_of_any_length_are_what_the_literal_form_sends(
    case: dict[str, Any], most: int, least: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "LEAST_EVENTS", least)
        patch.setattr(merging, "LEAST_EACH", 0)
        patch.setattr(alone, "LEAST_PACKETS", least)
        patch.setattr(cores, "LONGEST_PATIENCE", 1)
        check(case, most)


@given(cases(most=6000), st.sampled_from([700, 1 << 14]))
def test_long_schedules_are_what_the_literal_form_sends(case: dict[str, Any], most: int) -> None:
    check(case, most)


def schedule_of(*streams: Any, cores: int = 1, duration: float = 0.0) -> Schedule:
    schedule = Schedule()
    schedule.start(0, divide(streams, 1.0, 1e10, range(cores)), duration=duration)
    return schedule


def test_packets_come_in_blocks_until_a_time() -> None:
    schedule = schedule_of(stream(1), cores=2)
    block = schedule.take(until=0.035)
    assert block.times.tolist() == [0.0, 0.01, 0.02, 0.03]
    assert [schedule.flows[n].share.core for n in block.flows] == [0, 1, 0, 1]
    assert block.indexes.tolist() == [0, 0, 1, 1]
    assert len(schedule.take(until=0.035)) == 0
    assert schedule.next_time >= 0.035
    assert schedule.running


def test_commands_act_as_of_the_time_asked_for() -> None:
    schedule = schedule_of(stream(1), stream(2), cores=2)
    schedule.take(until=0.02)
    schedule.pause(0, True, (1,))
    paused = schedule.take(until=0.05)
    assert {schedule.flows[n].share.stream.stream_id for n in paused.flows} == {2}
    schedule.scale(0, 10.0)
    schedule.set_gap(0, 2, 0.5)
    schedule.stop(0, 0.06)
    assert set(schedule.ended(0).values()) == {0.06}
    assert not schedule.running
    assert schedule.next_time == math.inf


def test_all_blocks_of_what_ends() -> None:
    schedule = schedule_of(stream(1, mode=burst(5)), duration=0.025)
    assert sum(len(block) for block in schedule.blocks(most=1)) == 3
    assert schedule.ended(0) == {0: 0.025}


def test_time_may_stand_still() -> None:
    schedule = Schedule()
    schedule.start(0, divide([stream(1)], math.inf, 1e10, (0, 1)))
    block = schedule.take(100)
    assert set(block.times.tolist()) == {0.0}
    assert {schedule.flows[n].share.core for n in block.flows} == {0}


@pytest.mark.parametrize("limit", [1, 5, 8])
def test_a_limit_is_shared_by_the_cores_that_send(limit: int) -> None:
    schedule = schedule_of(stream(1), cores=3)
    schedule.limit(limit)
    counts = {0: 0, 1: 0, 2: 0}
    for block in schedule.blocks():
        for number in block.flows:
            counts[schedule.flows[number].share.core] += 1
    assert counts == {0: max(1, limit // 3) + limit % 3} | dict.fromkeys((1, 2), max(1, limit // 3))
