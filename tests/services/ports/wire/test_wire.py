"""What a wire does to packets."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from scapy_server.services.ports.plane.batch import Batch
from scapy_server.services.ports.plane.sources import FramesSource
from scapy_server.services.ports.wire.impairments import Impairments
from scapy_server.services.ports.wire.wire import Wire
from tests.services.ports.rig import frame

COUNT, GAP = 10_000, 1e-4


def sent(count: int = COUNT, gap: float = GAP) -> Batch:
    times = np.arange(count, dtype=np.float64) * gap
    zeros = np.zeros(count, np.int64)
    return Batch([FramesSource([frame()])], times, zeros, np.arange(count))


def arrived(wire: Wire) -> Batch:
    return wire.take(inf)


def through(impairments: Impairments, seed: int = 1) -> Batch:
    wire = Wire(impairments, seed)
    wire.put(sent())
    return arrived(wire)


def arrivals(batch: Batch) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    assert batch.arrivals is not None
    return batch.arrivals


def test_a_perfect_wire_gives_everything_at_once() -> None:
    batch = through(Impairments())
    assert np.array_equal(batch.numbers, np.arange(COUNT))
    assert np.array_equal(arrivals(batch), batch.times)


def test_nothing_comes_before_its_time() -> None:
    wire = Wire(Impairments(delay=0.01), 1)
    wire.put(sent(10))
    assert wire.next_time == pytest.approx(0.01)
    assert len(wire.take(0.0099)) == 0
    assert len(wire.take(0.01 + 4.5 * GAP)) == 5
    assert len(wire.take(1.0)) == 5
    assert wire.next_time == inf


def test_loss_is_as_much_as_asked_for_and_the_same_again() -> None:
    wire = Wire(Impairments(loss=0.01), 1)
    wire.put(sent())
    batch = arrived(wire)
    assert wire.lost == COUNT - len(batch)
    assert 50 < wire.lost < 150  # 100 expected, and 10 is a standard deviation
    assert np.array_equal(batch.numbers, through(Impairments(loss=0.01)).numbers)
    assert not np.array_equal(batch.numbers, through(Impairments(loss=0.01), 2).numbers)


def test_jitter_keeps_the_order() -> None:
    batch = through(Impairments(delay=0.01, jitter=0.005))
    delays = arrivals(batch) - batch.times
    assert np.array_equal(batch.numbers, np.arange(COUNT))
    assert delays.min() >= 0.005 - 1e-9
    assert delays.max() > 0.011


def test_reordering_changes_the_order_alone() -> None:
    batch = through(Impairments(reorder=0.02))
    assert sorted(batch.numbers) == list(range(COUNT))
    late = np.count_nonzero(np.diff(batch.numbers) < 0)
    assert 100 < late < 300


def test_doubling() -> None:
    batch = through(Impairments(duplicate=0.02))
    assert 100 < len(batch) - COUNT < 300
    assert set(batch.numbers) == set(range(COUNT))


def test_a_rate_spreads_packets_and_drops_what_waits_too_long() -> None:
    rate = 84 * 8 / GAP  # as fast as packets come
    exact = through(Impairments(rate=rate))
    assert len(exact) == COUNT
    assert arrivals(exact)[0] == pytest.approx(GAP)
    wire = Wire(Impairments(rate=rate / 2), 1)
    wire.put(sent())
    slow = arrived(wire)
    assert len(slow) + wire.lost == COUNT
    assert len(slow) == pytest.approx(COUNT / 2, rel=0.2)
    assert np.diff(arrivals(slow)).min() > 1.99 * GAP
