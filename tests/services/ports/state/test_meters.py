"""Which streams are counted one by one."""

from __future__ import annotations

import numpy as np

from scapy_server import limits
from scapy_server.services.ports.plane.counters import Counters
from scapy_server.services.ports.state.meters import NONE, Meters, Name


def test_a_stream_keeps_its_place_and_its_count() -> None:
    meters, counted = Meters(), np.zeros((4, 2), np.int64)
    one, other = Name("_", 1), Name("red", 1)
    assert meters.places([one, other], {one, other}, counted) == [0, 1]
    assert meters.places([other, one], {one, other}, counted) == [1, 0]
    counted[0] += 10, 640
    assert {name: sent.tolist() for name, sent in meters.counted(counted)} == {
        one: [10, 640],
        other: [0, 0],
    }


def test_who_gets_the_place_of_another_begins_at_nothing() -> None:
    meters, counted = Meters(), np.zeros((1, 2), np.int64)
    gone, new = Name("_", 1), Name("_", 2)
    meters.places([gone], {gone}, counted)
    counted[0] += 10, 640
    assert meters.places([new], {gone, new}, counted) == [NONE]
    assert meters.places([new], {new}, counted) == [0]
    counted[0] += 1, 64
    assert [(name, sent.tolist()) for name, sent in meters.counted(counted)] == [(new, [1, 64])]


def test_there_are_so_many_places() -> None:
    meters, counted = Meters(), Counters(1).streams[0]
    most = int(limits.METERED_STREAMS)
    names = [Name("_", number) for number in range(most + 1)]
    assert meters.places(names, set(names), counted) == [*range(most), NONE]
