"""The values of single variables, as measured on the engine's simulator."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server.programs.instructions import FlowVariable, RepeatableRandom
from scapy_server.programs.walks import Link, walk_of


def flow(low: int = 0, high: int = 255, first: int | None = None, **more: Any) -> FlowVariable:
    given: dict[str, Any] = {"name": "v", "size": 1, "init_value": first}
    return FlowVariable(**(given | {"min_value": low, "max_value": high} | more))


CASES: list[tuple[FlowVariable, int | None, list[int]]] = [
    # (variable, length of the packet that it trims, values from the first packet on)
    (flow(1, 7, 5), None, [5, 6, 7, 1, 2, 3, 4, 5]),
    (flow(23, 27, 24, op="dec"), None, [24, 23, 27, 26, 25, 24]),
    (flow(0, 10, step=3), None, [0, 3, 6, 9, 0, 3]),
    (flow(0, 10, 7, step=4), None, [7, 11, 3, 7, 11]),
    (flow(10, 20, op="dec", step=4), None, [20, 16, 12, 20]),
    (flow(10, 14, 12, step=7), None, [12, 12, 12]),
    (flow(value_list=(9, 0, 4, 7, 5), op="dec"), None, [5, 7, 4, 0, 9, 5]),
    (flow(value_list=(100, 200, 300, 400, 500), size=2, step=2), None, [100, 300, 500, 200, 400]),
    # the extended range ends at 259, of which one byte keeps 3
    (flow(0, 255, step=10), None, [*range(4, 255, 10), 8, 18, 28, 38]),
    # trims narrow the range, but neither the first value nor the step
    (flow(60, 1500, 62, size=2), 64, [62, 63, 64, 60, 61, 62]),
    (flow(40, 63, 57, size=2), 64, [57, 58, 59, 60, 61, 62, 63, 60]),
    (flow(64, 1563, size=2, step=500), 1000, [64, 564, 127, 627, 190, 690, 253, 753, 316, 816]),
    # outside of the untouched range: constant
    (flow(0, 0, 99), None, [99, 99, 99]),
]


@pytest.mark.parametrize(("variable", "trim", "values"), CASES, ids=str)
def test_values(variable: FlowVariable, trim: int | None, values: list[int]) -> None:
    walk = walk_of(variable, trim)
    assert walk is not None
    assert [walk.value(move) for move in range(1, len(values) + 1)] == values


@pytest.mark.parametrize(("variable", "trim", "values"), CASES, ids=str)
def test_cycles(variable: FlowVariable, trim: int | None, values: list[int]) -> None:
    walk = walk_of(variable, trim)
    assert walk is not None
    for moves in range(walk.lead, walk.lead + 20):
        assert walk.value(moves + walk.period) == walk.value(moves)
        assert walk.wraps(moves + walk.period) == walk.wraps(moves) + walk.turns


def test_repeatable_random() -> None:
    walk = walk_of(RepeatableRandom(name="r", size=1, limit=10, seed=4660))
    assert walk is not None
    drawn = [0x98, 0xBD, 0xB5, 0x07, 0x14, 0xD6, 0x03, 0x90, 0x5D, 0x88]
    assert [walk.value(move) for move in range(13)] == [0, *drawn, *drawn[:2]]
    assert [walk.wraps(moves) for moves in (0, 1, 2, 10, 11, 20, 21)] == [0, 1, 1, 1, 2, 2, 3]
    wide = walk_of(RepeatableRandom(name="r", size=4, limit=4, seed=4660))
    assert wide is not None
    assert wide.value(1) == wide.value(5) == 0x3B9864BD


@pytest.mark.parametrize(
    "variable",
    [
        flow(op="random"),
        RepeatableRandom(name="r", size=4, limit=1_000_000),
        flow(0, 2**32 - 1, size=4, step=10),  # irregular, and too long to look at
    ],
)
def test_what_cannot_be_said(variable: FlowVariable | RepeatableRandom) -> None:
    assert walk_of(variable) is None


def test_chain() -> None:
    head, tail = walk_of(flow(97, 99)), walk_of(flow(65, 67))
    assert head is not None
    assert tail is not None
    link = Link("tail", (head,), tail)
    assert [link.value(packet) for packet in range(10)] == [65] * 3 + [66] * 3 + [67] * 3 + [65]
    assert link.cycle() == (0, 9, 1)


def test_a_head_that_begins_elsewhere_leaves_its_follower_waiting() -> None:
    head, tail = walk_of(flow(97, 99, 98)), walk_of(flow(value_list=(71, 72, 73)))
    assert head is not None
    assert tail is not None
    link = Link("tail", (head,), tail)
    # until it is moved, a list shows an index
    assert [link.value(packet) for packet in range(6)] == [2, 2, 71, 71, 71, 72]
    assert link.cycle() == (2, 9, 1)


def test_a_constant_head_moves_nothing() -> None:
    head, tail = walk_of(flow(10, 14, 12, step=7)), walk_of(flow(65, 67))
    assert head is not None
    assert tail is not None
    link = Link("tail", (head,), tail)
    assert {link.value(packet) for packet in range(20)} == {67}
    assert link.cycle() == (0, 1, 0)
