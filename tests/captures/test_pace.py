"""Time stamps: exact for any packet, whatever the rate."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.captures.pace import MICROSECONDS, NANOSECONDS, Pace
from scapy_server.errors import RefusedError


@given(
    st.fractions(min_value=0, max_value=10**7, max_denominator=10**9),
    st.integers(0, (1 << 63) - 50),
    st.sampled_from([MICROSECONDS, NANOSECONDS]),
)
def test_ticks_are_exact(gap: Fraction, start: int, per_second: int) -> None:
    pace = Pace(gap)
    base, ticks = pace.ticks(start, 50, per_second)
    exact = [int(index * pace.gap * per_second) for index in range(start, start + 50)]
    assert [base + int(tick) for tick in ticks] == exact


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("1000", Fraction(1, 1000)),
        ("2.5", Fraction(2, 5)),
        ("14.88M", Fraction(1, 14_880_000)),
        ("1k", Fraction(1, 1000)),
        ("1/3", Fraction(3)),
        ("1e6", Fraction(1, 1_000_000)),
    ],
)
def test_rates(text: str, gap: Fraction) -> None:
    assert Pace.of_rate(text).gap == gap


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("10us", Fraction(1, 100_000)),
        ("1.5ms", Fraction(3, 2000)),
        ("67ns", Fraction(67, NANOSECONDS)),
        ("2s", Fraction(2)),
        ("0.001", Fraction(1, 1000)),
        ("0", Fraction(0)),
    ],
)
def test_gaps(text: str, gap: Fraction) -> None:
    assert Pace.of_gap(text).gap == gap


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "fast", "1/0", "1e999999999", "nan", "inf", "9" * 99]
)
def test_no_rates(text: str) -> None:
    with pytest.raises(RefusedError):
        Pace.of_rate(text)


@pytest.mark.parametrize("text", ["", "-1us", "1h", "1e9999us", "99999999999"])
def test_no_gaps(text: str) -> None:
    with pytest.raises(RefusedError):
        Pace.of_gap(text)


def test_a_refused_gap_is_quoted_whole() -> None:
    with pytest.raises(RefusedError, match=r"a time such as 10us.*, not '5 hours'"):
        Pace.of_gap("5 hours")
