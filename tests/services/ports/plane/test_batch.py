"""Packets on their way, without the sources that make them."""

from __future__ import annotations

import numpy as np

from scapy_server.services.ports.plane.batch import (
    EMPTY,
    Batch,
    Canvas,
    Numbers,
    Rows,
    Times,
    joined,
)
from scapy_server.services.ports.plane.sources import FramesSource

AB = FramesSource([b"a" * 60, b"b" * 70])
C = FramesSource([b"c" * 64])


def mixed() -> Batch:
    times = np.array([0.1, 0.2, 0.3])
    return Batch([AB, C], times, np.array([0, 1, 0]), np.array([1, 0, 0]))


def test_each_packet_has_the_bytes_and_the_length_of_its_source() -> None:
    batch = mixed()
    assert list(batch.frames()) == [b"b" * 70, b"c" * 64, b"a" * 60]
    assert batch.lengths.tolist() == [70, 64, 60]
    assert [where if isinstance(where, slice) else where.tolist() for _, where in batch.parts] == [
        [0, 2],
        [1],
    ]


def test_one_source_has_all_packets() -> None:
    batch = AB.batch(0.5)
    assert batch.parts == [(batch.sources[0], slice(None))]


def test_some_packets_are_taken_in_another_order_and_twice() -> None:
    taken = mixed().taken(np.array([2, 2, 0]), np.array([1.0, 2.0, 3.0]))
    assert [frame[:1] for frame in taken.frames()] == [b"a", b"a", b"b"]
    assert taken.times.tolist() == [0.3, 0.3, 0.1]
    assert taken.arrivals is not None
    again = taken.taken(np.array([2]))
    assert again.arrivals is not None
    assert again.arrivals.tolist() == [3.0]


def test_nothing_arrives_before_it_is_taken() -> None:
    late = mixed().arrived_by(0.2)
    assert late.arrivals is not None
    assert late.arrivals.tolist() == [0.2, 0.2, 0.3]
    later = late.arrived_by(0.25)
    assert later.arrivals is not None
    assert later.arrivals.tolist() == [0.25, 0.25, 0.3]
    assert late.sent_at(np.array([5.0, 6.0, 7.0])).arrivals is None


def test_of_equal_times_the_first_batch_comes_first() -> None:
    whole = joined([EMPTY, C.batch(0.2), mixed()])
    assert whole.times.tolist() == [0.1, 0.2, 0.2, 0.3]
    assert [len(frame) for frame in whole.frames()] == [70, 64, 64, 60]
    assert whole.slots.tolist() == [1, 0, 2, 1]
    assert joined([EMPTY, EMPTY]) is EMPTY
    alone = mixed()
    assert joined([EMPTY, alone]) is alone


def test_no_packets_have_no_bytes() -> None:
    assert len(EMPTY) == 0
    assert EMPTY.rows.shape == (0, 0)
    assert list(EMPTY.frames()) == []


class Counting:
    """A source that counts how often rows were prepared for it; each packet has its number."""

    flow = meter = -1
    longest = 2
    template: bytes | None = None

    def __init__(self) -> None:
        self.prepared = 0

    def lengths(self, numbers: Numbers) -> Numbers:
        return np.full(len(numbers), 2, np.int64)

    def prepare(self, rows: Rows) -> None:
        self.prepared += 1
        rows[:] = ord("x")

    def fill(self, rows: Rows, numbers: Numbers, times: Times) -> None:
        rows[:, 1] = numbers

    def batch(self, *numbers: int) -> Batch:
        count = len(numbers)
        return Batch([self], np.zeros(count), np.zeros(count, np.int64), np.array(numbers))


def test_a_canvas_is_prepared_once_for_packets_of_one_source() -> None:
    canvas, source = Canvas(), Counting()
    for numbers in ((1, 2, 3), (4, 5), (6, 7, 8)):
        assert canvas.rows(source.batch(*numbers)).tolist() == [[120, each] for each in numbers]
    assert source.prepared == 1
    assert canvas.rows(source.batch(*range(9))).shape == (9, 2)
    assert canvas.rows(mixed()).tolist() == mixed().rows.tolist()
    assert canvas.rows(C.batch(0.0)).tolist() == [[ord("c")] * 64]
    assert canvas.rows(source.batch(9)).tolist() == [[120, 9]]
    assert source.prepared == 3


def test_a_canvas_takes_bytes_that_are_there() -> None:
    batch = Counting().batch(1)
    assert Canvas().rows(batch) is not batch.rows
    assert Canvas().rows(batch) is batch.rows
