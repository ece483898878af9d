"""Periods and numbers of different things, against looking at them all."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.engine.cycles import (
    Cycle,
    Effort,
    Part,
    cached,
    compared,
    ids_of,
    joined,
    least_period,
    unsaid,
)
from scapy_server.engine.variables.sequences import Values
from tests.engine.oracle import least_cycle


def part(text: str, lead: int = 0) -> Part:
    """A part that shows the letters in turn, the first `lead` of them only once."""
    letters = np.array([ord(letter) for letter in text], np.uint32)
    period = len(text) - lead

    def shown(first: int, count: int) -> list[Values]:
        packets = np.arange(first, first + count)
        return [letters[np.where(packets < lead, packets, lead + (packets - lead) % period)]]

    return compared(Part(Cycle(lead, period, len(text), exact=False), shown), Effort())


letters = st.text("abc", min_size=1, max_size=8)


@given(texts=st.lists(letters, min_size=1, max_size=3))
def test_joined(texts: list[str]) -> None:
    parts = [part(text) for text in texts]
    packets = list(zip(*(text * 840 for text in texts), strict=False))  # 840: all of 1 to 8
    cycle = joined(parts, Effort())
    assert cycle.exact
    once = packets[: math.lcm(*map(len, texts))]
    assert (cycle.lead, cycle.period) == least_cycle(once, 0)
    assert cycle.different == len(set(packets))


@pytest.mark.parametrize(
    ("cycle", "cache", "again"),
    [
        (Cycle(0, 6, 6), 12, Cycle(0, 6, 6)),
        (Cycle(0, 6, 6), 4, Cycle(0, 4, 4)),
        (Cycle(0, 6, 6), 8, Cycle(0, 8, 6)),
        (Cycle(0, 6, 5), 12, Cycle(0, 12, 5, exact=False)),
        (Cycle(1, 6, 7), 6, Cycle(0, 6, 6, exact=False)),
        (Cycle(0, None, 3, exact=False), 9, Cycle(0, 9, 3, exact=False)),
        (Cycle(0, None, None, exact=False), 9, Cycle(0, 9, 9, exact=False)),
    ],
)
def test_cached(cycle: Cycle, cache: int, again: Cycle) -> None:
    assert cached(cycle, cache) == again


@given(texts=st.lists(letters, min_size=1, max_size=3))
def test_without_effort_there_are_bounds(texts: list[str]) -> None:
    exact = joined([part(text) for text in texts], Effort())
    bound = joined([part(text) for text in texts], Effort(0))
    assert bound.period == exact.period
    assert bound.different is not None
    assert exact.different is not None
    assert bound.different >= exact.different
    assert bound.exact is False or bound == exact


@pytest.mark.parametrize(
    ("text", "lead", "cycle"),
    [
        ("abcbc", 1, Cycle(1, 2, 3)),
        ("cbcbc", 1, Cycle(0, 2, 2)),  # what goes before is part of the round
        ("aaaa", 2, Cycle(0, 1, 1)),
        ("abab", 0, Cycle(0, 2, 2)),
    ],
)
def test_compared(text: str, lead: int, cycle: Cycle) -> None:
    found = part(text, lead)
    assert found.cycle == cycle
    assert (
        ids_of(found.shown(0, len(text))).tolist()
        == ids_of([np.array([ord(letter) for letter in text])]).tolist()
    )


def test_what_goes_before_counts() -> None:
    cycle = joined([part("xab", 1), part("cd")], Effort())
    assert (cycle.lead, cycle.period, cycle.different) == (1, 2, 3)


def test_what_cannot_be_said() -> None:
    assert joined([unsaid(5), part("ab")], Effort()) == Cycle(0, None, 10, exact=False)
    assert joined([unsaid(None), part("ab")], Effort()) == Cycle(0, None, None, exact=False)
    drawn = unsaid(5, lead=2, period=7)
    assert joined([drawn, part("ab")], Effort()) == Cycle(2, 14, 10, exact=False, drawn=True)
    assert compared(drawn, Effort()) is drawn


def test_effort_is_used_up() -> None:
    effort = Effort(10)
    assert effort.allows(6)
    assert not effort.allows(5)
    assert effort.allows(4)
    assert not effort.allows(1)


@pytest.mark.parametrize(
    ("keys", "period"),
    [("a", 1), ("aaaa", 1), ("abab", 2), ("aba", 3), ("abcabc", 3), ("aabaab", 3), ("abaab", 5)],
)
def test_least_period(keys: str, period: int) -> None:
    assert least_period(ids_of([np.array([ord(key) for key in keys])])) == period
