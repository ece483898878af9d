"""The profiles that are being sent."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from scapy_server.services.ports.plane.commands import Start, StreamPlan, UpdateStreams
from scapy_server.services.ports.plane.runs import Sender
from tests.services.ports.rig import burst, continuous, frame, stream

LINE = 1e10


def start(*modes: dict[str, Any], port: int = 0, profile: str = "_", **more: Any) -> Start:
    plans = [
        StreamPlan(number, stream(mode), frame(60 + number)) for number, mode in enumerate(modes, 1)
    ]
    return Start(port, profile, 1, 1.0, 1, plans, **more)


@pytest.fixture
def sender() -> Sender:
    return Sender(1, 0, 1)


def taken(sender: Sender, until: float, port: int = 0) -> list[float]:
    batches = sender.take(10_000, until)
    return [round(time, 6) for time in batches[port].times.tolist()] if port in batches else []


def test_packets_are_due_from_the_start_on(sender: Sender) -> None:
    assert sender.next_time == inf
    assert not sender.is_running
    sender.start(start(burst(3, 10.0)), LINE, 5.0)
    assert sender.base == sender.next_time == 5.0
    assert taken(sender, 5.15) == [5.0, 5.1]
    assert taken(sender, 9.0) == [5.2]


def test_a_start_may_be_later(sender: Sender) -> None:
    sender.start(start(burst(1), at=7.0), LINE, 5.0)
    assert taken(sender, 6.9) == []
    assert taken(sender, 7.0) == [7.0]


def test_the_end_is_told_once(sender: Sender) -> None:
    sender.start(start(burst(2, 10.0)), LINE, 0.0)
    assert sender.is_bounded
    taken(sender, 1.0)
    ((run, end),) = sender.finished(1.0)
    assert (run.port, run.profile, run.number) == (0, "_", 1)
    assert end == pytest.approx(0.2, abs=0.11)
    assert sender.finished(2.0) == []
    assert not sender.is_running


def test_ports_and_their_profiles_are_apart(sender: Sender) -> None:
    sender.start(start(continuous(10)), LINE, 0.0)
    sender.start(start(continuous(10), port=1), LINE, 0.0)
    assert not sender.is_bounded
    both = sender.take(10_000, 0.35)
    assert sorted(both) == [0, 1]
    assert len(both[0]) == len(both[1]) == 4
    sender.stop(0, "_", 0.35)
    assert sorted(sender.take(10_000, 0.55)) == [1]
    sender.stop(1, "other", 0.55)
    assert sorted(sender.take(10_000, 0.75)) == [1]


def test_what_is_paused_sends_nothing_until_it_is_resumed(sender: Sender) -> None:
    sender.start(start(continuous(10), continuous(10)), LINE, 0.0)
    sender.pause(0, "_", True, [1])
    lengths = sender.take(10_000, 0.15)[0].lengths.tolist()
    assert set(lengths) == {62}
    sender.pause(0, "_", False, None)
    assert set(sender.take(10_000, 0.55)[0].lengths.tolist()) == {61, 62}


@pytest.mark.parametrize("streams", [None, [1]])
def test_a_pause_also_stops_what_was_taken_ahead_of_time(streams: list[int] | None) -> None:
    sender = Sender(1, 0, 1, ahead=0.01)
    sender.start(start(continuous(1000)), LINE, 0.0)
    before = sender.take(10_000, 0.1)[0].numbers.tolist()
    sender.pause(0, "_", True, streams)
    assert sender.take(10_000, 0.5) == {}
    sender.pause(0, "_", False, streams)
    after = sender.take(10_000, 1.0)[0].numbers.tolist()
    assert len(after) > 100
    assert before + after == list(range(len(before) + len(after)))


def test_rates_are_scaled_for_all_or_for_one(sender: Sender) -> None:
    sender.start(start(continuous(10), continuous(10)), LINE, 0.0)
    sender.scale(0, "_", 10.0)
    taken(sender, 0.2)  # the packets whose time was known before
    fast = sender.take(10_000, 1.2)[0]
    assert len(fast) == pytest.approx(200, abs=4)
    sender.update(UpdateStreams(0, "_", {1: 1.0}))
    taken(sender, 1.4)
    slower = sender.take(10_000, 2.4)[0].lengths.tolist()
    assert slower.count(61) == pytest.approx(10, abs=2)
    assert slower.count(62) == pytest.approx(100, abs=2)


def test_all_that_is_due_is_shifted(sender: Sender) -> None:
    sender.start(start(continuous(10)), LINE, 0.0)
    assert taken(sender, 0.05) == [0.0]
    sender.shift(1.0)
    assert taken(sender, 1.05) == []
    assert taken(sender, 1.15) == [1.1]


def test_ahead_it_knows_when_the_next_packet_is_due() -> None:
    sender = Sender(1, 0, 1, ahead=1.0)
    assert sender.next_packet == inf
    sender.start(start(continuous(10)), LINE, 0.0)
    assert taken(sender, 0.05) == [0.0]
    assert sender.next_packet == sender.next_time == pytest.approx(0.1)
    sender.stop(0, "_", 0.06)
    assert taken(sender, 9.0) == []
