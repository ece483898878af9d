"""Times of packets. Source: the worked examples of docs/ports.md."""

from __future__ import annotations

import pytest

from scapy_server.services.ports.statistics.latency import Latency, bucket_of


@pytest.mark.parametrize(
    ("microseconds", "bucket"),
    [(9, 0), (10, 10), (19, 10), (95, 90), (100, 100), (1234, 1000), (999_999, 900_000)],
)
def test_buckets(microseconds: int, bucket: int) -> None:
    assert bucket_of(microseconds) == bucket


def test_jitter_is_that_of_the_rfc() -> None:
    latency, told = Latency(), []
    for microseconds in (10, 10, 26):
        latency.add(microseconds / 1e6)
        told.append(latency.told()["jit"])
    assert told == [0, 0, 1]


def test_average_and_maximum_are_of_periods_that_are_over() -> None:
    latency = Latency()
    for _ in range(11):
        latency.add(10e-6)
    assert latency.told()["average"] == 0
    latency.tick()
    assert latency.told() | {"jit": 0} == {
        "jit": 0,
        "average": 10.0,
        "total_max": 0,
        "total_min": 10,
        "last_max": 10,
        "histogram": {"10": 11},
    }
    latency.add(30e-6)
    latency.tick()
    assert latency.told()["average"] == 20.0
    assert (latency.told()["total_max"], latency.told()["last_max"]) == (30, 30)


def test_an_empty_period_changes_nothing() -> None:
    latency = Latency()
    latency.add(10e-6)
    latency.tick()
    latency.tick()
    assert latency.told()["last_max"] == 10


def test_a_second_is_lost_from_the_histogram() -> None:
    latency = Latency()
    latency.add(1.2)
    assert latency.told()["histogram"] == {}
