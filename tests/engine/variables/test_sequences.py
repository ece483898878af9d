"""Counting and lists, against the literal steps of the engine."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.engine.cycles import cycle_of, ids_of
from scapy_server.engine.variables.sequences import Counting, ListWalking, Sequence
from tests.engine.oracle import Counter, ListWalk

OPS = st.sampled_from(["inc", "dec"])


def check(sequence: Sequence, literal: Any, run: int) -> None:
    """Compare values and wraps, and what is said of them, with a variable that is stepped."""
    values, wraps = [literal.value], [0]
    for _ in range(run + 40):
        wraps.append(wraps[-1] + literal.run())
        values.append(literal.value)
    assert sequence.values(run, 40).tolist() == values[run : run + 40]
    assert sequence.follower_runs(run, 40).tolist() == wraps[run : run + 40]
    assert sequence.turns is not None
    lead, period, per_period = sequence.turns
    assert wraps[lead + period] - wraps[lead] == per_period
    assert sequence.distinct == (len(set(values[lead : lead + period])) == period)
    once = values[: lead + period]
    assert sequence.distinct_from_start == (len(set(once)) == len(once))
    assert sequence.span is not None
    assert sequence.span[0] <= min(values[1:])
    assert sequence.span[1] >= max(values[1:])
    if sequence.distinct:
        shortest = cycle_of(ids_of([np.array(once)]), lead)
        assert (shortest.lead, shortest.period) == (lead, period)


@given(OPS, st.integers(0, 90), st.integers(1, 30), st.integers(1, 40), st.data())
def test_counting(op: str, low: int, span: int, step: int, data: st.DataObject) -> None:
    high = low + span - 1
    init = data.draw(st.integers(low, high))
    step = step if span % step == 0 else 1
    raw = {"size": 1, "op": op, "min_value": low, "max_value": high, "init_value": init}
    literal = Counter(raw | {"step": step}, 0, 1, 0, 60)
    check(Counting(op, (low, high), init, step % span, 1), literal, data.draw(st.integers(0, 99)))


@given(OPS, st.lists(st.integers(0, 9), min_size=1, max_size=8), st.data())
def test_lists(op: str, values: list[int], data: st.DataObject) -> None:
    step = data.draw(st.integers(1, len(values)))
    literal = ListWalk({"size": 1, "op": op, "value_list": values, "step": step}, 0, 1)
    walk = ListWalking(op, np.array(values, np.uint32), 0, step % len(values), 1)
    check(walk, literal, data.draw(st.integers(0, 99)))
