"""A program as it comes in a request."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server import limits
from scapy_server.errors import InvalidParams, RefusedError
from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.program import Program, Request, parse_request, place, read_program
from tests.programs.support import context_of

FLOW = {"id": "STLVmFlowVar", "parameters": {"name": "v"}}


def given(*instructions: Any, **engine: Any) -> dict[str, Any]:
    return {"field_engine": {"instructions": list(instructions), **engine}}


def read(registry: Registry, raw: object) -> Program:
    return read_program(parse_request(raw), context_of(registry, None))


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {},
        {"field_engine": None},
        {"field_engine": {}},
        {"field_engine": {"instructions": None, "global_parameters": None}},
        {"field_engine": {"instructions": [], "global_parameters": {"cache_size": None}}},
    ],
)
def test_no_program_is_an_empty_one(registry: Registry, raw: object) -> None:
    assert parse_request(raw) == Request()
    assert read(registry, raw) == Program((), 0)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (7, "the second parameter must be an object, not a number"),
        ({"field_engine": []}, '"field_engine" must be an object, not an array'),
        (given() | {"field_engine": {"instructions": {}}}, '"instructions" must be an array'),
        (given(7), "instruction 0 must be an object, not a number"),
        (given(FLOW, {"id": 7}), 'instruction 1 needs an "id" that is text, not a number'),
        (given({"parameters": {}}), 'instruction 0 needs an "id" that is text, not null'),
        (given(FLOW | {"parameters": 7}), '"parameters" of instruction 0 must be an object'),
        (given(global_parameters=[]), '"global_parameters" must be an object, not an array'),
    ],
)
def test_another_shape_is_the_callers_fault(raw: object, said: str) -> None:
    with pytest.raises(InvalidParams) as refusal:
        parse_request(raw)
    assert said in refusal.value.problem


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"field_engin": {}}, "no member 'field_engin'; did you mean \"field_engine\""),
        ({"field_engine": {"instruction": []}}, 'did you mean "instructions"'),
        ({"field_engine": {"global_parameter": {}}}, 'did you mean "global_parameters"'),
        (given(FLOW | {"parameter": {}}), "instruction 0 has no member 'parameter'"),
    ],
)
def test_members_that_there_are_not_are_refused_by_name(raw: object, said: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        parse_request(raw)
    assert said in refusal.value.message


@pytest.mark.parametrize("more", [0, 1])
def test_a_program_has_so_many_instructions(more: int) -> None:
    raw = given(*[FLOW] * (limits.FIELD_ENGINE_INSTRUCTIONS + more))
    if more:
        with pytest.raises(RefusedError, match=str(int(limits.FIELD_ENGINE_INSTRUCTIONS))):
            parse_request(raw)
    else:
        assert len(parse_request(raw).instructions) == limits.FIELD_ENGINE_INSTRUCTIONS


def test_results_can_be_sent_back() -> None:
    raw = given(FLOW | {"extra": 1}, error=None, warnings=[], vm_instructions_expressions=[])
    (instruction,) = parse_request(raw).instructions
    assert (instruction.id, instruction.parameters) == ("STLVmFlowVar", {"name": "v"})


def test_an_instruction_is_found_by_its_place(registry: Registry) -> None:
    with pytest.raises(RefusedError, match="did you mean") as refusal:
        read(registry, given(FLOW, {"id": "STLVmFlowVa"}))
    assert refusal.value.where == (place(1, "STLVmFlowVa"),)
    assert place(1, "x" * 100) == f"instruction 1 ({'x' * 60})"


@pytest.mark.parametrize(
    ("size", "packets"), [(None, 0), ("None", 0), (0, 0), (7, 7), ("7", 7), (-3, 0)]
)
def test_a_cache(registry: Registry, size: object, packets: int) -> None:
    assert read(registry, given(global_parameters={"cache_size": size})).cache == packets


def test_the_only_global_parameter_is_the_cache(registry: Registry) -> None:
    with pytest.raises(RefusedError, match="the only one is cache_size") as refusal:
        read(registry, given(global_parameters={"cachesize": 1}))
    assert refusal.value.where == ("global parameters",)
    with pytest.raises(RefusedError) as refusal:
        read(registry, given(global_parameters={"cache_size": "many"}))
    assert refusal.value.where == ("global parameters", "cache_size")
