"""The variables of a program on one core."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server.engine.variables.blocks import Block
from scapy_server.engine.variables.overflow import TabulatedOrbit
from scapy_server.engine.variables.variable_set import (
    DataPlaneCore,
    VariableSet,
    draws_of,
    is_run_always,
    value_lists,
)
from scapy_server.engine.vm import parse_vm
from tests.engine.oracle import Core
from tests.engine.test_rules import flow_var, rand_limit, tuple_var

SEED = 77


def made(*instructions: Any, index: int = 0, count: int = 1, length: int = 100) -> VariableSet:
    program = parse_vm({"instructions": list(instructions)})
    core = DataPlaneCore(index, count, SEED, index)
    return VariableSet(program, length, core, value_lists(program))


def test_each_definition_is_a_variable_and_a_tuple_is_three() -> None:
    found = made(flow_var(), rand_limit(name="r", size=2), tuple_var())
    assert {name: variable.size for name, variable in found.by_name.items()} == {
        "v": 1,
        "r": 2,
        "t.ip": 4,
        "t.port": 2,
        "t.flow_limit": 4,
    }
    assert [variable.position for variable in found.by_name.values()] == [0, 1, 2, 2, 2]
    assert found.by_name["t.port"].part == "port"
    assert len({id(found.by_name[f"t.{part}"].source) for part in ("ip", "port")}) == 1


def test_a_chain_is_known_from_its_end() -> None:
    found = made(
        flow_var(name="a", next_var="b"), flow_var(name="b", next_var="c"), flow_var(name="c")
    )
    last = found.by_name["c"]
    assert [variable.name for variable in last.chain] == ["a", "b", "c"]
    assert [is_run_always(variable) for variable in last.chain] == [True, False, False]


def test_how_often_a_follower_is_run_and_when() -> None:
    found = made(
        flow_var(name="a", min_value=0, init_value=0, max_value=4, next_var="b"), flow_var(name="b")
    )
    follower = found.by_name["b"]
    runs = [found.runs(follower, packets) for packets in range(12)]
    assert runs == [0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3]
    for times in (1, 2, 3):
        assert found.packets_until(follower, times) == runs.index(times)
    assert found.packets_until(follower, 1 << 63) is None


def test_what_draws_is_counted() -> None:
    random = flow_var(name="r", op="random")
    found = made(random, flow_var(), random | {"name": "s", "size": 8, "max_value": 1 << 40})
    assert [variable.name for variable in found.randoms] == ["r", "s"]
    assert found.draws == sum(draws_of(variable) for variable in found.by_name.values()) >= 2
    assert found.steady
    chained = made(flow_var(name="a", next_var="r"), random)
    assert not chained.steady


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("op", ["inc", "dec"])
def test_cores_share_a_range_unless_it_is_not_to_be_split(op: str, split: bool) -> None:
    raw = flow_var(op=op, init_value=3, min_value=0, max_value=9, split_to_cores=split)
    for index in range(3):
        core = Core(bytes(60), {"instructions": [raw]}, core=index, cores=3)
        expected = []
        for _ in range(12):
            core.packet()
            expected.append(core.readable["v"].value)
        values = Block(made(raw, index=index, count=3), 0, 12).values("v", 9)
        assert [int(value) for value in values] == expected


def test_a_trim_narrows_its_variable_to_lengths_that_can_be_sent() -> None:
    raw = flow_var(size=2, init_value=70, min_value=10, max_value=200)
    trimmed = made(raw, {"type": "trim_pkt_size", "name": "v"}, length=80)
    values = Block(trimmed, 0, 300).values("v", 9)
    assert (int(values.min()), int(values.max())) == (60, 80)


def test_one_that_overflows_its_size_is_tabulated() -> None:
    overflowing = flow_var(init_value=0, min_value=0, max_value=255, step=10)
    assert isinstance(made(overflowing).by_name["v"].source, TabulatedOrbit)
    assert made(overflowing, flow_var(name="w")).tabulated == 1


def test_each_core_has_a_generator_of_its_own() -> None:
    seeds = {DataPlaneCore(index, 3, SEED, index).generator_seed for index in range(3)}
    assert len(seeds) == 3
