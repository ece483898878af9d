"""The document's example, and what is an error of the program and not of the request."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.packet.layers.registry import Registry
from scapy_server.programs import requests
from scapy_server.programs.instructions import INSTRUCTIONS
from scapy_server.programs.parameters import Context
from tests.programs.support import build

DOCUMENTED = {
    "field_engine": {
        "instructions": [
            {
                "id": "STLVmFlowVar",
                "parameters": {
                    "name": "Ether_dst",
                    "init_value": "00:00:00:01:00:00",
                    "max_value": "0",
                    "min_value": "0",
                    "step": "1",
                    "size": "4",
                    "op": "inc",
                },
            },
            {
                "id": "STLVmWrFlowVar",
                "parameters": {"fv_name": "Ether_dst", "pkt_offset": "6"},
            },
        ],
        "global_parameters": {"cache_size": "1000"},
    }
}


def run(registry: Registry, raw: object) -> requests.Outcome:
    packet = build(registry, "Ether", "IP", "TCP")
    context = Context(packet, lambda source: [])
    return requests.run(requests.parse_request(raw), packet, context)


def test_the_documents_example_compiles_as_printed(registry: Registry) -> None:
    outcome = run(registry, DOCUMENTED)
    variable, write = outcome.vm["instructions"]
    assert outcome.error is None
    assert outcome.vm["cache"] == 1000
    assert variable == {
        "name": "Ether_dst",
        "max_value": 0,
        "min_value": 0,
        "init_value": 65536,
        "step": 1,
        "size": 4,
        "type": "flow_var",
        "op": "inc",
        "next_var": None,
        "split_to_cores": True,
    }
    assert write == {
        "name": "Ether_dst",
        "is_big_endian": True,
        "pkt_offset": 6,
        "type": "write_flow_var",
        "add_value": 0,
    }
    assert [(item.instruction, item.code) for item in outcome.warnings] == [(0, "untouched_range")]


def test_no_program(registry: Registry) -> None:
    assert msgspec.to_builtins(run(registry, None).to_result()) == {
        "instructions": {"instructions": []},
        "error": None,
        "warnings": [],
        "vm_instructions_expressions": [],
    }


def one(name: object, parameters: object = None) -> dict[str, Any]:
    return {"field_engine": {"instructions": [{"id": name, "parameters": parameters}]}}


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (
            one("STLVmFlowVr"),
            "there is no instruction 'STLVmFlowVr'; did you mean \"STLVmFlowVar\"",
        ),
        (one("STLVmFlowVar"), "instruction 0 (STLVmFlowVar), parameter name: a value is needed"),
        (
            {"field_engine": {"global_parameters": {"cache": 1}}},
            "global parameters: there is no parameter 'cache'; the only one is cache_size",
        ),
        (
            one("STLVmFlowVar", {"name": "a", "value_list": {"vtype": "EXPRESSION", "expr": "3"}}),
            "parameter value_list: the list is empty",
        ),
        (one("STLVmFlowVar", {"name": "a", "step": {"vtype": "BYTES"}}), '"vtype" of a Field'),
        (one("STLVmFlowVar", {"name": "a", "step": {"a": 1}}), "not None"),
        (one("STLVmFlowVar", {"name": "a", "step": [1]}), "[1] is not a whole number"),
    ],
)
def test_errors_of_the_program_are_text(registry: Registry, raw: object, error: str) -> None:
    outcome = run(registry, raw)
    assert error in (outcome.error or "")
    assert outcome.to_result().instructions == {}
    assert requests.explained(outcome, build(registry, "Ether")).error == outcome.error


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["IP", "IP.src", "TCP:1", "Ether.dst", "inc", "8", "2", "14", "34", "0xff"])
)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["vtype", "expr", "value", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@st.composite
def careless_programs(draw: st.DrawFn) -> dict[str, Any]:
    """Instructions whose parameters hold anything, some of it right."""
    instructions = []
    for _ in range(draw(st.integers(0, 4))):
        cls = draw(st.sampled_from(INSTRUCTIONS))
        parameters = {key: value for key, value in cls.example.items() if draw(st.booleans())}
        for argument in cls.arguments():
            if draw(st.integers(0, 5)) == 0:
                parameters[argument.parameter.id] = draw(json_values)
        instructions.append({"id": cls.id, "parameters": parameters})
    cache = {"cache_size": draw(json_values)} if draw(st.booleans()) else {}
    return {"field_engine": {"instructions": instructions, "global_parameters": cache}}


@given(raw=careless_programs())
def test_anything_is_compiled_or_refused(registry: Registry, raw: dict[str, Any]) -> None:
    outcome = run(registry, raw)
    assert (outcome.error is None) is (outcome.compiled is not None)
    assert len(outcome.error or "") < 500
    packet = build(registry, "Ether", "IP", "TCP")
    msgspec.json.encode(requests.explained(outcome, packet))
    msgspec.json.encode(outcome.to_result())
