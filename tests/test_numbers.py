from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.numbers import amount, bit_rate, count, json_count, ordinal, seconds, whole_number


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("16", 16),
        ("007", 7),
        ("-3", -3),
        ("+5", 5),
        (" 16\n", 16),
        ("0x1F", 31),
        ("0X1f", 31),
        ("-0x10", -16),
        (5, 5),
        ("", None),
        ("0x", None),
        ("4L", None),
        ("1_000", None),
        ("1e3", None),
        ("- 1", None),
        ("--1", None),
        ("0b1", None),
        ("16.5", None),
        (16.0, None),
        (True, None),
        (None, None),
        ("IPv4", None),
        ("١٢", None),
        ("9" * 3000, None),
    ],
)
def test_whole_numbers(value: object, number: int | None) -> None:
    assert whole_number(value) == number


@given(st.integers(-(2**128), 2**128))
def test_every_number_is_read_from_its_texts(number: int) -> None:
    sign = "-" if number < 0 else ""
    assert whole_number(str(number)) == number
    assert whole_number(f"{sign}0x{abs(number):X}") == number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("01", 1), ("12", 12)])
def test_ordinals(text: str, number: int) -> None:
    assert ordinal(text) == number


@pytest.mark.parametrize("text", ["", "x", "-1", "+1", " 1", "²", "1234567"])
def test_what_is_no_ordinal(text: str) -> None:
    assert ordinal(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1000", 1000),
        (" 1_000 ", 1000),
        ("10k", 10_000),
        ("2.5M", 2_500_000),
        ("1e6", 10**6),
        ("14.88M", 14_880_000),
        ("1/3", Fraction(1, 3)),
        ("4g", 4 * 10**9),
    ],
)
def test_amounts(text: str, number: Fraction | int) -> None:
    assert amount(text) == number


@pytest.mark.parametrize("text", ["", "k", "-1", "1_", "_1", "1__0", "1/0", "1e999", "0x10", "١٢"])
def test_what_is_no_amount(text: str) -> None:
    assert amount(text) is None


def test_a_count_is_a_whole_amount() -> None:
    assert (count("1.5k"), count("1.5"), count("many")) == (1500, None, None)


@pytest.mark.parametrize("number", [0, -5, 2**63 - 1])
def test_numbers_that_clients_can_hold_stay_numbers(number: int) -> None:
    assert json_count(number) == number


def test_larger_numbers_go_as_text() -> None:
    assert json_count(2**63) == "9223372036854775808"
    assert json_count(None) is None


@pytest.mark.parametrize(
    ("text", "rate"),
    [("1e10", 10**10), ("100m", 10**8), ("2.5Gbps", 2_500_000_000), ("7 bit/s", 7), ("fast", None)],
)
def test_bit_rates(text: str, rate: int | None) -> None:
    assert bit_rate(text) == rate


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("10us", Fraction(1, 100_000)),
        ("1.5 ms", Fraction(3, 2000)),
        ("2s", 2),
        ("0.001", Fraction(1, 1000)),
        ("9ns", Fraction(9, 10**9)),
        ("s", None),
        ("1h", None),
        ("", None),
    ],
)
def test_times(text: str, time: Fraction | None) -> None:
    assert seconds(text) == time
