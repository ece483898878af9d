"""Periods and numbers of different things, against looking at them all."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.programs.cycles import (
    Cycle,
    Effort,
    Part,
    cached,
    joined,
    looked_at,
    shortest_period,
    unsaid,
)


def part(text: str, lead: int = 0) -> Part:
    """A part that shows the letters in turn, the first `lead` of them only once."""
    period = len(text) - lead

    def key(packet: int) -> str:
        return text[packet] if packet < lead else text[lead + (packet - lead) % period]

    return looked_at(Part(Cycle(lead, period, len(text), exact=False), key), Effort())


letters = st.text("abc", min_size=1, max_size=8)


@given(texts=st.lists(letters, min_size=1, max_size=3), cache=st.integers(1, 20))
def test_joined_and_cached(texts: list[str], cache: int) -> None:
    parts = [part(text) for text in texts]
    packets = list(zip(*(text * 840 for text in texts), strict=False))  # 840: all of 1 to 8
    cycle = joined(parts, Effort())
    assert cycle.exact
    assert cycle.period == shortest_period(list(packets[: math.lcm(*map(len, texts))]))
    assert cycle.different == len(set(packets))
    again = cached(cycle, parts, cache, Effort())
    assert again.period == shortest_period(list(packets[:cache]))
    assert again.different == len(set(packets[:cache]))


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
def test_looked_at(text: str, lead: int, cycle: Cycle) -> None:
    found = part(text, lead)
    assert found.cycle == cycle
    assert [found.key(packet) for packet in range(len(text))] == list(text)


def test_what_goes_before_counts() -> None:
    cycle = joined([part("xab", 1), part("cd")], Effort())
    assert (cycle.lead, cycle.period, cycle.different) == (1, 2, 3)


def test_what_cannot_be_said() -> None:
    assert joined([unsaid(5), part("ab")], Effort()) == Cycle(0, None, 10, exact=False)
    assert joined([unsaid(None), part("ab")], Effort()) == Cycle(0, None, None, exact=False)
    assert cached(Cycle(0, None, 3, False), [], 9, Effort()) == Cycle(0, 9, 3, exact=False)
    assert cached(Cycle(0, None, None, False), [], 9, Effort()) == Cycle(0, 9, 9, exact=False)


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
def test_shortest_period(keys: str, period: int) -> None:
    assert shortest_period(list(keys)) == period
