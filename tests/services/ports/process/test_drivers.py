"""The clocks that move a data plane, in this process and one round at a time."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from math import inf

import pytest

from scapy_server.services.ports.kinds.loop import loop
from scapy_server.services.ports.kinds.null import Null
from scapy_server.services.ports.plane import commands as c
from scapy_server.services.ports.plane.batch import Batch
from scapy_server.services.ports.plane.counters import Counter, Counters
from scapy_server.services.ports.plane.line import Line
from scapy_server.services.ports.plane.plane import AT_ONCE, Plane, PlaneSettings
from scapy_server.services.ports.process.channel import Channel, ChannelClosed, Order, news, orders
from scapy_server.services.ports.process.drivers import Driver, RealTime, VirtualTime
from scapy_server.services.ports.wire.impairments import Impairments
from tests.running import PATIENCE
from tests.services.ports.rig import burst, continuous, frame, stream


class Driven:
    """A driver, and the control plane's end of its channel."""

    def __init__(
        self, kind: type[Driver], control: Channel, plane: Channel, lines: Sequence[Line]
    ) -> None:
        self.control = control
        self.counters = Counters(2)
        clock = time.monotonic if kind is RealTime else None
        settings = PlaneSettings([0, 1], [1e10, 1e10])
        self.plane = Plane(settings, lines, self.counters, clock)
        self.driver = kind(self.plane, plane, self.counters)
        self.heard: list[object] = []

    def order(self, command: c.Command, **more: float) -> None:
        self.control.send(Order(command, **more))

    def start(self, mode: dict[str, object]) -> None:
        self.order(c.Start(0, "_", 1, 1.0, 1, [c.StreamPlan(1, stream(mode), frame())]))

    def until(self, kind: type) -> None:
        """Turn until something of this kind was told."""
        self.turn_until(lambda: any(isinstance(each, kind) for each in self.heard))

    def turn_until(self, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < end, self.heard
            self.driver.turn()
            self.heard += self.control.receive()

    def count(self, port: int, counter: Counter) -> int:
        return int(self.counters.ports[port, counter])


@contextmanager
def driven(kind: type[Driver], lines: Sequence[Line] = ()) -> Iterator[Driven]:
    one, other = socket.socketpair()
    with one, other:
        wires = lines or loop(Impairments(), 1)
        yield Driven(kind, Channel(one, news), Channel(other, orders), wires)


@pytest.mark.parametrize("kind", [RealTime, VirtualTime])
def test_a_burst_is_sent_received_and_its_end_told(kind: type[Driver]) -> None:
    with driven(kind) as bench:
        bench.start(burst(20, 1000.0))
        bench.until(c.Finished)
        assert isinstance(bench.heard[0], c.Done)
        # All is counted when the end is told, though no turn follows.
        assert bench.count(0, Counter.SENT) == bench.count(1, Counter.RECEIVED) == 20


def test_virtual_time_hurries_through_ten_minutes() -> None:
    with driven(VirtualTime) as bench:
        bench.start(burst(600, 1.0))
        bench.until(c.Finished)
        assert bench.count(0, Counter.SENT) == 600
        assert bench.counters.clock[0] > 590


@pytest.mark.parametrize("rate", [1e4, 1e6, 1e9, 1e300])
def test_virtual_time_hears_commands_whatever_the_rate(rate: float) -> None:
    """It moves on in steps of a number of packets, not only of a time."""
    with driven(VirtualTime) as bench:
        bench.start(burst(300_000, rate))
        bench.until(c.Done)
        sent = steps(bench)
        bench.until(c.Finished)
        assert sent[-1] == 300_000
        assert max(b - a for a, b in pairwise(sent)) < 4 * AT_ONCE


@pytest.mark.parametrize("rate", [1e9, 1e300])
def test_virtual_time_without_an_end_gives_up_what_takes_too_long(rate: float) -> None:
    with driven(VirtualTime, [Slow(), Null()]) as bench:
        bench.start(continuous(rate))
        bench.until(c.Done)
        sent = steps(bench)
        bench.turn_until(lambda: len(sent) > 100)
        assert max(b - a for a, b in pairwise(sent)) < 4 * AT_ONCE
        assert bench.plane.now < 0.1


def steps(bench: Driven) -> list[int]:
    """How many packets have been sent after each step that is taken from now on."""
    sent = [bench.count(0, Counter.SENT)]
    advance = bench.plane.advance

    def counted(now: float, rounds: float = inf) -> None:
        advance(now, rounds)
        sent.append(bench.count(0, Counter.SENT))

    bench.plane.advance = counted  # type: ignore[method-assign]
    return sent


def test_virtual_time_is_that_of_the_order_while_nothing_is_sent() -> None:
    with driven(VirtualTime) as bench:
        bench.order(c.Queue(0), now=123.0)
        bench.until(c.Frames)
        assert bench.plane.now == bench.counters.clock[0] == 123.0


def test_virtual_time_without_an_end_goes_as_the_wall_does() -> None:
    with driven(VirtualTime) as bench:
        bench.start(continuous(1000))
        bench.until(c.Done)
        bench.turn_until(lambda: bench.count(0, Counter.SENT) >= 10)
        assert bench.plane.now < time.monotonic()


def test_real_time_is_the_clock_of_the_machine() -> None:
    with driven(RealTime) as bench:
        before = time.monotonic()
        bench.order(c.Queue(0))
        bench.until(c.Frames)
        assert before <= bench.counters.clock[0] <= time.monotonic()


class Slow(Null):
    """Takes half a millisecond for whatever it is given."""

    def send(self, batch: Batch) -> int:
        time.sleep(0.0005)
        return super().send(batch)


def test_what_is_asked_for_too_fast_is_sent_as_fast_as_can_be() -> None:
    """Lost time is not made up for, but what a turn takes is time in which others come due."""
    count, rate = 60_000, 1e7
    with driven(RealTime, [Slow(), Null()]) as bench:
        turns = 0
        bench.start(burst(count, rate))
        while not any(isinstance(each, c.Finished) for each in bench.heard):
            bench.driver.turn()
            bench.heard += bench.control.receive()
            turns += 1
        assert bench.count(0, Counter.SENT) == count
        assert turns <= 2 * count / (rate * 0.0005) + 10


def test_a_turn_is_over_although_more_is_due() -> None:
    with driven(RealTime) as bench:
        bench.order(c.Stretch(60.0))
        bench.start(burst(1_000_000, 1e9))
        bench.turn_until(lambda: bench.count(0, Counter.SENT) > 0)
        assert bench.count(0, Counter.SENT) <= 3 * AT_ONCE  # and two ticks may have come


def test_it_ends_with_its_control_plane() -> None:
    with driven(RealTime) as bench:
        bench.control.close()
        with pytest.raises(ChannelClosed):
            bench.driver.run()


def test_how_busy_it_was_is_kept_for_some_periods() -> None:
    with driven(RealTime) as bench:
        for worked in (0.25, 0.75):
            bench.driver._measured = time.monotonic() - 1.0
            bench.driver._book(worked)
        now, before, *earlier = bench.counters.loads.tolist()
        # Measuring takes a moment itself, which makes a period longer.
        assert 0 < before <= 25 < now <= 75
        assert earlier == [0.0] * 18


def test_waiting_for_the_wall_is_no_work() -> None:
    with driven(VirtualTime) as bench:
        bench.start(continuous(20))
        bench.turn_until(lambda: bench.count(0, Counter.SENT) > 0)
        bench.driver._measured, bench.driver._worked = time.monotonic(), 0.0
        bench.turn_until(lambda: bench.counters.loads[0] > 0)
        assert bench.counters.loads[0] < 80
