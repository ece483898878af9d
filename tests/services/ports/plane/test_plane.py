"""A data plane without a control plane."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from scapy_server.services.ports.kinds.loop import loop
from scapy_server.services.ports.plane import commands as c
from scapy_server.services.ports.plane.counters import Counter, Counters, Rate
from scapy_server.services.ports.plane.plane import PUSHED, TICK_SECONDS, Plane, PlaneSettings
from scapy_server.services.ports.wire.impairments import Impairments
from tests.services.ports.rig import burst, continuous, frame, stream


class Bench:
    """A plane of two ports that are wired to each other."""

    def __init__(self, wire: Impairments | None = None) -> None:
        self.counters = Counters(2)
        settings = PlaneSettings([0, 1], [1e10, 1e10])
        self.plane = Plane(settings, loop(wire or Impairments(), 1), self.counters)

    def start(self, mode: dict[str, object], port: int = 0, **start: float) -> None:
        plan = c.StreamPlan(1, stream(mode), frame())
        reply = self.plane.handle(c.Start(port, "_", 1, 1.0, 1, [plan], **start), self.plane.now)
        assert isinstance(reply, c.Done)

    def counted(self, port: int, counter: Counter) -> int:
        return int(self.counters.ports[port, counter])


def test_it_knows_when_something_is_due() -> None:
    bench = Bench()
    assert bench.plane.next_time == inf
    bench.start(burst(3, 10.0))
    assert bench.plane.next_time == 0.0
    bench.plane.advance(0.05)
    assert 0.05 < bench.plane.next_time <= 0.1
    bench.plane.advance(0.2)
    assert bench.plane.next_time == inf
    (event,) = bench.plane.take_events()
    assert isinstance(event, c.Finished)
    assert (event.port, event.profile, event.run) == (0, "_", 1)
    assert event.time == pytest.approx(0.2)


def test_it_knows_what_has_an_end() -> None:
    bench = Bench()
    bench.start(burst(3))
    assert bench.plane.is_bounded
    bench.start(continuous(10), port=1)
    assert not bench.plane.is_bounded


def test_what_has_a_duration_has_an_end() -> None:
    bench = Bench()
    bench.start(continuous(10), duration=1.0)
    assert bench.plane.is_bounded


def test_lost_time_is_not_made_up_for() -> None:
    bench = Bench()
    bench.start(continuous(100))
    bench.plane.advance(0.995)
    bench.plane.shift(1.0)
    bench.plane.advance(1.995)
    assert bench.counted(0, Counter.SENT) == 100
    bench.plane.advance(2.995)
    assert bench.counted(0, Counter.SENT) == 200


def test_packets_on_a_wire_are_waited_for() -> None:
    bench = Bench(Impairments(delay=0.5))
    bench.start(burst(1))
    bench.plane.advance(0.1)
    assert bench.plane.next_time == pytest.approx(0.5)
    bench.plane.advance(0.6)
    assert bench.counted(1, Counter.RECEIVED) == 1


def test_rates_are_measured_and_cleared() -> None:
    bench = Bench()
    bench.start(continuous(1000))
    for tick in range(1, 21):
        bench.plane.advance(tick * TICK_SECONDS)
    assert bench.counters.rates[0, Rate.TX_PPS] == pytest.approx(1000, rel=0.01)
    assert bench.counters.rates[1, Rate.RX_BPS] == pytest.approx(512_000, rel=0.01)
    bench.plane.settle()
    assert not np.any(bench.counters.rates)


def test_only_so_many_frames_wait_to_be_pushed() -> None:
    bench = Bench()
    reply = bench.plane.handle(c.Push(0, [frame()] * (PUSHED + 5), 1e-6), 0.0)
    assert reply == c.Done(0.0, PUSHED)


def test_a_bridge_hands_frames_on() -> None:
    bench = Bench()
    bench.plane.handle(c.Bridge(1, "udp"), 0.0)
    bench.start(burst(1))
    bench.plane.advance(1.0)
    assert c.Arrived(1, frame()) in bench.plane.take_events()


def test_what_it_does_not_know_is_refused() -> None:
    for command in (c.CaptureFetch(5, 1), c.CaptureStop(5), c.CaptureStatus(5)):
        assert isinstance(Bench().plane.handle(command, 0.0), c.Refused)


def test_many_packets_are_no_burden() -> None:
    bench = Bench()
    bench.start(burst(200_000, 1e6))
    bench.plane.advance(1.0)
    assert bench.counted(1, Counter.RECEIVED) == 200_000
