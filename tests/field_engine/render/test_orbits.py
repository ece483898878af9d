"""Counting that overflows: every path against its literal steps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scapy_server.field_engine.render import orbits
from scapy_server.field_engine.render.orbits import (
    StridedOrbit,
    TabulatedOrbit,
    first_multiple_within,
)
from tests.field_engine.render.oracle import forward

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


@given(BYTE, BYTE, BYTE, BYTE, st.integers(0, 700))
def test_strided_orbit(start: int, low: int, high: int, step: int, run: int) -> None:
    orbit = ByteOrbit(start, low, high, step)
    values = path("inc", start, (low, high), step, run + 60)
    assert orbit.values(run, 60).tolist() == values[run:]
    wraps = [sum((high - old) % 256 < step for old in values[: run + more]) for more in range(60)]
    assert orbit.follower_runs(run, 60).tolist() == wraps
    lead, period, _ = orbit.cycle
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


@given(st.integers(2, 80), st.data())
def test_first_multiple_within(modulus: int, data: st.DataObject) -> None:
    factor = data.draw(st.integers(0, modulus - 1))
    low = data.draw(st.integers(0, modulus - 1))
    high = data.draw(st.integers(low, modulus - 1))
    hits = [t for t in range(modulus) if low <= t * factor % modulus <= high]
    found = first_multiple_within(factor, modulus, low, high)
    assert found == (hits[0] if hits else None)


def test_far_away_at_once() -> None:
    """A range of 2**32 values extended by one: the path wraps after 1.4 billion runs."""
    orbit = StridedOrbit((1 << 32) - 2, 0, 0, 3)
    assert orbit.values(1, 3).tolist() == [1, 4, 7]
    assert orbit.values(1 << 62, 3).tolist() == [
        int(orbit.values((1 << 62) % orbit.cycle[1] + orbit.cycle[1], 3)[n]) for n in range(3)
    ]
    assert len(orbits.StridedOrbit(5, 0, (1 << 32) - 3, (1 << 32) - 1).values(1 << 50, 10)) == 10
