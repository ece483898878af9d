"""After how many packets variables show the same again."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server.engine.variables.blocks import Block
from scapy_server.engine.variables.sequences import Turns
from scapy_server.engine.variables.turns import (
    chain_turns,
    drawn_turns,
    joined,
    random_turns,
    state_turns,
)
from scapy_server.engine.variables.variable_set import VariableSet
from tests.engine.test_rules import flow_var
from tests.engine.variables.test_blocks import variables

LARGE = 1 << 31


def digit(name: str, last: int, step: int = 1, **more: Any) -> Any:
    return flow_var(name=name, init_value=0, min_value=0, max_value=last, step=step, **more)


def shown(made: VariableSet, name: str, count: int) -> list[int]:
    return [int(value) for value in Block(made, 0, count).values(name, 99)]


@pytest.mark.parametrize(
    ("instructions", "name", "lead", "period"),
    [
        ([digit("a", 9)], "a", 0, 10),
        ([digit("a", 9, next_var="b"), digit("b", 3)], "b", 0, 40),
        ([digit("a", 2, next_var="b"), digit("b", 3, next_var="c"), digit("c", 4)], "c", 0, 60),
        ([flow_var(name="a", value_list=[5, 6, 7], step=2)], "a", 1, 3),
    ],
)
def test_chains_turn_like_the_digits_of_a_counter(
    instructions: list[Any], name: str, lead: int, period: int
) -> None:
    made = variables(instructions)
    turns = chain_turns(made, made.by_name[name])
    assert turns is not None
    assert (turns.lead, turns.period) == (lead, period)
    seen = shown(made, name, 2 * period)
    assert seen[:period] == seen[period:]
    assert chain_turns(made, made.by_name[name]) is turns


def test_the_worked_example() -> None:
    made = variables([digit("a", 11, 4, next_var="b"), digit("b", 3)])
    first, second = (chain_turns(made, made.by_name[name]) for name in "ab")
    assert first == Turns(0, 3, 1)
    assert second == Turns(0, 12, 1)


def test_draws_repeat_when_all_that_draw_do() -> None:
    random = digit("r", 9, op="random")
    alone = variables([random])
    assert drawn_turns(alone, 100) == (0, 100)
    both = variables([random, random | {"name": "s"}])
    assert drawn_turns(both, 100) == (0, 50)
    assert state_turns(variables([digit("a", 9)])) == (0, 1)


def test_one_that_draws_less_often_repeats_later() -> None:
    made = variables([digit("a", 4, next_var="r"), digit("r", 9, op="random")])
    found = random_turns(made, made.by_name["r"])
    assert found is not None
    lead, period = found
    assert period % 5 == 0
    assert lead >= 0
    alone = random_turns(
        variables([digit("r", 9, op="random")]),
        variables([digit("r", 9, op="random")]).by_name["r"],
    )
    assert alone is not None
    assert period == 5 * alone[1]


def test_several_together() -> None:
    assert joined([]) == (0, 1)
    assert joined([Turns(2, 4, 1), Turns(5, 6, 1)]) == (5, 12)
    assert joined([Turns(0, 4, 1), None]) is None
