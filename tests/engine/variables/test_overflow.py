"""Counting that overflows: every path against its literal steps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.engine.variables.overflow import (
    StridedOrbit,
    TabulatedOrbit,
    first_multiple_within,
)
from scapy_server.errors import RefusedError
from tests.engine.oracle import forward

BYTE = st.integers(0, 255)


class ByteOrbit(StridedOrbit):
    """The 4-byte rules in 8 bits, where every path can be walked to its end."""

    BITS = 8


def path(op: str, value: int, bounds: tuple[int, int], step: int, runs: int) -> list[int]:
    values = []
    for _ in range(runs):
        values.append(value)
        value = forward(op, value, *bounds, step) & 0xFF
    return values


def first_again(values: list[int]) -> tuple[int, int]:
    """(lead, period) of the first value that comes again."""
    seen: dict[int, int] = {}
    for run, value in enumerate(values):
        if value in seen:
            return seen[value], run - seen[value]
        seen[value] = run
    raise AssertionError("no byte comes again")


@given(BYTE, BYTE, BYTE, BYTE, st.integers(0, 700))
def test_strided_orbit(start: int, low: int, high: int, step: int, run: int) -> None:
    orbit = ByteOrbit(start, low, high, step)
    values = path("inc", start, (low, high), step, run + 60)
    assert orbit.values(run, 60).tolist() == values[run:]
    wraps = [sum((high - old) % 256 < step for old in values[: run + more]) for more in range(60)]
    assert orbit.follower_runs(run, 60).tolist() == wraps
    assert orbit.turns is not None
    lead, period, per_period = orbit.turns
    assert (lead, period) == first_again(path("inc", start, (low, high), step, 257))
    round_of = path("inc", start, (low, high), step, lead + period)[lead:]
    assert per_period == sum((high - old) % 256 < step for old in round_of)
    later = lead + period * (1 << 40)
    assert orbit.values(later, 60).tolist() == orbit.values(lead, 60).tolist()


@given(st.sampled_from(["inc", "dec"]), BYTE, st.tuples(BYTE, BYTE), BYTE, st.integers(0, 700))
def test_tabulated_orbit(op: str, start: int, bounds: tuple[int, int], step: int, run: int) -> None:
    low, high = bounds
    orbit = TabulatedOrbit(op, start, (low, high), step, 8)
    values = path(op, start, (low, high), step, run + 60)
    assert orbit.values(run, 60).tolist() == values[run:]
    rooms = [high - old if op == "inc" else old - low for old in values]
    wraps = [sum(room < step for room in rooms[: run + more]) for more in range(60)]
    assert orbit.follower_runs(run, 60).tolist() == wraps
    assert orbit.turns is not None
    assert orbit.turns[:2] == first_again(path(op, start, bounds, step, 257))


@given(st.integers(2, 80), st.data())
def test_first_multiple_within(modulus: int, data: st.DataObject) -> None:
    factor = data.draw(st.integers(0, modulus - 1))
    low = data.draw(st.integers(0, modulus - 1))
    high = data.draw(st.integers(low, modulus - 1))
    hits = [t for t in range(modulus) if low <= t * factor % modulus <= high]
    found = first_multiple_within(factor, modulus, low, high)
    assert found == (hits[0] if hits else None)


def test_far_away_at_once() -> None:
    """0 to 2**32 - 1 by 3, extended by 2: it wraps after 1.4 billion runs."""
    orbit = StridedOrbit((1 << 32) - 2, 0, 1, 3)
    assert orbit.values(0, 3).tolist() == [(1 << 32) - 2, 1, 2]
    assert orbit.turns is not None
    lead, period, wraps = orbit.turns
    assert wraps == 1
    far = (1 << 62) - (1 << 62) % period + lead
    assert orbit.values(far, 50).tolist() == orbit.values(lead, 50).tolist()


def test_too_irregular() -> None:
    """0 to 2**32 - 1 on 64 cores: near packets can be had, far ones are refused."""
    step = (1 << 22) + 12_345
    span = -(-(1 << 32) // step) * step
    orbit = StridedOrbit(5, 0, span - 1 - (1 << 32), 64 * step)
    assert orbit.turns is None
    assert orbit.values(0, 2).tolist() == [5, 5 + 64 * step - span + (1 << 32)]
    with pytest.raises(RefusedError, match="overflows so irregularly"):
        orbit.values(1 << 60, 10)
