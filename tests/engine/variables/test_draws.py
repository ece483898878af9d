"""Random numbers, at once and one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.engine.variables.draws import Choice, RandomLimited, Stride, state_after
from tests.engine.oracle import Generator, RandomLimit

SIZES = st.sampled_from([1, 2, 4, 8])


@given(st.integers(0, (1 << 32) - 1), st.integers(0, 60), SIZES)
def test_raw_numbers(seed: int, skipped: int, size: int) -> None:
    generator = Generator(seed)
    for _ in range(skipped):
        generator.raw(size)
    choice = Choice(size, 0, (1 << 8 * size) - 2, None)
    states = Stride(choice.draws).states(state_after(seed, skipped * choice.draws + 1), 20)
    span = (1 << 8 * size) - 1
    assert choice.values(states).tolist() == [generator.raw(size) % span for _ in range(20)]


@given(SIZES, st.integers(1, 30), st.integers(0, 1 << 33), st.integers(0, 3), st.integers(0, 9))
def test_repeatable(size: int, limit: int, seed: int, low: int, width: int) -> None:
    raw = {"size": size, "limit": limit, "seed": seed, "min_value": low, "max_value": low + width}
    literal = RandomLimit(raw, 0, 1)
    values = [literal.value]
    for _ in range(2 * limit):
        literal.run()
        values.append(literal.value)
    sequence = RandomLimited(size, low, low + width, limit, seed)
    assert sequence.values(0, 2 * limit + 1).tolist() == values
    assert sequence.turns is not None
    assert sequence.turns.lead == (values[0] != values[limit])
    assert sequence.distinct == (len(set(values[1 : limit + 1])) == limit)
    once = values[: sequence.turns.lead + limit]
    assert sequence.distinct_from_start == (len(set(once)) == len(once))


@pytest.mark.parametrize(
    ("values", "span", "different"), [(None, (3, 9), 7), ([5, 2, 5], (2, 5), 2)]
)
def test_what_can_be_chosen(
    values: list[int] | None, span: tuple[int, int], different: int
) -> None:
    listed = None if values is None else np.array(values, np.uint32)
    choice = Choice(1, 3, 9, listed)
    assert (choice.span, choice.different) == (span, different)
