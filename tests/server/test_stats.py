from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.schema.status import MethodStatus
from scapy_server.server.stats import NO_METHOD, WINDOW_SECONDS, Stats, percentiles


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([], None),
        ([0.001], {"p50": 1.0, "p90": 1.0, "p99": 1.0, "max": 1.0}),
        ([i / 1000 for i in range(1, 101)], {"p50": 50.0, "p90": 90.0, "p99": 99.0, "max": 100.0}),
        ([0.003, 0.001, 0.002], {"p50": 2.0, "p90": 3.0, "p99": 3.0, "max": 3.0}),
    ],
)
def test_percentiles(seconds: list[float], expected: dict[str, float] | None) -> None:
    assert percentiles(seconds) == expected


@given(st.lists(st.floats(0, 100), min_size=1))
def test_percentiles_are_values_that_occurred(seconds: list[float]) -> None:
    found = percentiles(seconds)
    assert found is not None
    assert list(found.values()) == sorted(found.values())
    assert set(found.values()) <= {round(1000 * each, 3) for each in seconds}


def test_totals_by_method_and_code() -> None:
    stats = Stats()
    stats.answered("ping", None, 0.0, 0.001)
    stats.answered("ping", None, 0.0, 0.003)
    stats.answered("ping", -32098, 0.0, 0.002)
    stats.answered(None, -32700, 0.0, 0.001)
    assert stats.by_method(1.0) == {
        NO_METHOD: MethodStatus(1, {"-32700": 1}, {"p50": 1.0, "p90": 1.0, "p99": 1.0, "max": 1.0}),
        "ping": MethodStatus(3, {"-32098": 1}, {"p50": 2.0, "p90": 3.0, "p99": 3.0, "max": 3.0}),
    }


def test_latencies_are_those_of_the_last_minutes() -> None:
    stats = Stats()
    stats.answered("ping", None, 0.0, 9.0)
    stats.answered("ping", None, WINDOW_SECONDS, 0.001)
    assert stats.latencies["ping"].percentiles(WINDOW_SECONDS + 1) == {
        "p50": 1.0,
        "p90": 1.0,
        "p99": 1.0,
        "max": 1.0,
    }
    assert stats.latencies["ping"].percentiles(3 * WINDOW_SECONDS) is None
    assert sum(stats.latencies["ping"].buckets) == 2


def test_no_more_than_the_last_latencies_are_looked_at() -> None:
    stats = Stats()
    for number in range(5000):
        stats.answered("ping", None, 0.0, 0.001 * (number < 3000))
    assert stats.latencies["ping"].percentiles(1.0) == {"p50": 0, "p90": 0, "p99": 0, "max": 0}


def test_restarts_keep_the_last_reasons() -> None:
    stats = Stats()
    for number in range(60):
        stats.restarted(number, "died", f"reason {number}")
    assert stats.restarts == {"died": 60}
    assert stats.last_restarts[-1].reason == "reason 59"
    assert len(stats.last_restarts) == 50
