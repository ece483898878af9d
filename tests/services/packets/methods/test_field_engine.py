"""Field Engine programs, as clients send them. What they mean is tested in
tests/field_engine."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server.rpc import Dispatcher
from tests.services.packets.calling import HANDLER, call, error, in_every_form

MODEL = [{"id": "Ether"}, {"id": "IP"}, {"id": "TCP"}]
DOCUMENTED = "AAAAAQAAAAAAAgAACABFAAAoAAEAAEAGOs4QAAABMAAAAQAUAFAAAAAAAAAAAFACIABPfQAA"
NOTHING: dict[str, Any] = {
    "instructions": {"instructions": []},
    "error": None,
    "warnings": [],
    "vm_instructions_expressions": [],
}
INSTRUCTIONS: list[dict[str, Any]] = [
    {
        "id": "STLVmFlowVar",
        "parameters": {
            "name": "IP_src",
            "size": "4",
            "op": "inc",
            "step": "1",
            "min_value": "16.0.0.1",
            "max_value": "16.0.0.9",
            "init_value": {"vtype": "UNDEFINED"},
            "value_list": "None",
        },
    },
    {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "IP_src", "pkt_offset": "IP.src"}},
]
VM = {
    "instructions": [
        {
            "type": "flow_var",
            "name": "IP_src",
            "size": 4,
            "op": "inc",
            "next_var": None,
            "split_to_cores": True,
            "init_value": 0x10000001,
            "min_value": 0x10000001,
            "max_value": 0x10000009,
            "step": 1,
        },
        {
            "type": "write_flow_var",
            "name": "IP_src",
            "pkt_offset": 26,
            "add_value": 0,
            "is_big_endian": True,
        },
    ],
    "cache": 1000,
}


def extra(*instructions: dict[str, Any]) -> dict[str, Any]:
    cache = {"cache_size": "1000"}
    return {"field_engine": {"instructions": [*instructions], "global_parameters": cache}}


def test_build_pkt_ex(dispatcher: Dispatcher) -> None:
    program = extra(*INSTRUCTIONS)
    result = in_every_form(dispatcher, "build_pkt_ex", pkt_descriptor=MODEL, extra_options=program)
    engine = result.pop("field_engine")
    assert result == call(dispatcher, "build_pkt", [MODEL])
    assert engine["instructions"] == VM
    assert engine["error"] is None
    assert [(item["instruction"], item["code"]) for item in engine["warnings"]] == [
        (1, "ipv4_checksum"),
        (1, "pseudo_header_checksum"),
    ]
    assert engine["vm_instructions_expressions"] == []


@pytest.mark.parametrize(
    "params", [[MODEL], [MODEL, None], [HANDLER, MODEL], [HANDLER, MODEL, None], [MODEL, {}]]
)
def test_build_pkt_ex_without_a_program(dispatcher: Dispatcher, params: list[object]) -> None:
    result = call(dispatcher, "build_pkt_ex", params)
    assert result["binary"] == DOCUMENTED
    assert result["field_engine"] == NOTHING


def test_the_packet_is_complete_beside_an_error(dispatcher: Dispatcher) -> None:
    write = {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "x", "pkt_offset": "IP.src"}}
    result = call(dispatcher, "build_pkt_ex", [MODEL, extra(*INSTRUCTIONS, write)])
    assert result["binary"] == DOCUMENTED
    assert result["field_engine"] == {
        "instructions": {},
        "error": "instruction 2 (STLVmWrFlowVar), parameter fv_name: there is no variable 'x'",
        "warnings": [],
        "vm_instructions_expressions": [],
    }


def test_random_fields_are_drawn_once(dispatcher: Dispatcher) -> None:
    random = {"id": "ttl", "value": {"vtype": "RANDOM"}}
    model = [{"id": "Ether"}, {"id": "IP", "fields": [random]}]
    result = call(dispatcher, "build_pkt_ex", [model, extra()])
    again = call(dispatcher, "reconstruct_pkt", [result["binary"], []])
    assert result["data"][1]["fields"] == again["data"][1]["fields"]


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("[1, 2, 3]", [1, 2, 3]),
        ("['16.0.0.1', 9] + [5]", [0x10000001, 9, 5]),
        ("[1,", -32097),
        ("__import__('os')", -32098),
    ],
)
def test_value_lists_are_expressions(
    dispatcher: Dispatcher, expression: str, result: object
) -> None:
    values = {"vtype": "EXPRESSION", "expr": expression}
    variable = {"id": "STLVmFlowVar", "parameters": {"name": "v", "value_list": values}}
    engine = call(dispatcher, "build_pkt_ex", [MODEL, extra(variable)])["field_engine"]
    if isinstance(result, list):
        assert engine["instructions"]["instructions"][0]["value_list"] == result
    else:
        assert engine["error"].startswith("instruction 0 (STLVmFlowVar), parameter value_list")


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        ([], -32603, "takes 2 parameters"),
        ([MODEL, []], -32603, "extra_options of build_pkt_ex must be an object or null"),
        ([MODEL, {"field_engine": 3}], -32603, '"field_engine" must be an object, not a number'),
        ([[{"id": "Nope"}], {}], -32098, "layer 0 (Nope)"),
    ],
)
def test_errors_of_the_request(
    dispatcher: Dispatcher, params: list[object], code: int, text: str
) -> None:
    found, message = error(dispatcher, "build_pkt_ex", params)
    assert found == code
    assert text in message


def test_explain_program(dispatcher: Dispatcher) -> None:
    result = in_every_form(
        dispatcher, "explain_program", pkt_descriptor=MODEL, extra_options=extra(*INSTRUCTIONS)
    )
    assert result["error"] is None
    assert result["distinct_packets"] == result["distinct_flows"] == 9
    assert (result["period"], result["uncached_period"]) == (1000, 9)  # the cache cuts a round
    assert result["variables"] == [
        {"name": "IP_src", "size": 4, "distinct_values": 9, "exact": True}
    ]
    assert len(result["instructions"]) == 2
    broken = call(dispatcher, "explain_program", [MODEL, extra({"id": "Nope"})])
    assert "there is no instruction 'Nope'" in broken["error"]
    assert broken.keys() == result.keys()


def test_decompile_vm_raw(dispatcher: Dispatcher) -> None:
    result = in_every_form(dispatcher, "decompile_vm_raw", pkt_binary=DOCUMENTED, vm_raw=VM)
    assert result["instructions"][1]["parameters"]["pkt_offset"] == 26
    named = call(dispatcher, "decompile_vm_raw", [DOCUMENTED, VM, True])
    assert named["instructions"][1]["parameters"]["pkt_offset"] == "IP.src"
    assert call(dispatcher, "build_pkt_ex", [MODEL, {"field_engine": named}]) == call(
        dispatcher, "build_pkt_ex", [MODEL, {"field_engine": result}]
    )
    assert result["global_parameters"] == {"cache_size": 1000}
    assert result["warnings"] == []
    again = call(dispatcher, "build_pkt_ex", [MODEL, {"field_engine": result}])
    assert again["field_engine"]["instructions"] == VM
    numeric = call(dispatcher, "decompile_vm_raw", ["", VM, True])
    assert numeric["instructions"][1]["parameters"]["pkt_offset"] == 26


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        (["!", VM], -32098, "pkt_binary must be base64"),
        (["", []], -32603, "vm_raw of decompile_vm_raw must be an object"),
        (["", {"instructions": [{"type": "x"}]}], -32098, "(x), key type: 'x' is not one of"),
    ],
)
def test_decompile_errors(
    dispatcher: Dispatcher, params: list[object], code: int, text: str
) -> None:
    found, message = error(dispatcher, "decompile_vm_raw", params)
    assert found == code
    assert text in message


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ("fv_name", ["IP_src"]),
        ("offset", ["IP:0", "IP:1", "IPerror:0"]),
        ("l4_offset", ["ICMPv6EchoRequest:0", "TCP:0"]),
        ("size", ["1", "2", "4", "8"]),
        ("nothing", []),
    ],
)
def test_load_instruction_parameter_values(
    dispatcher: Dispatcher, parameter: str, expected: list[str]
) -> None:
    layers = ("Ether", "IP", "IP", "IPerror", "Nope", "ICMPv6EchoRequest", "TCP")
    result = in_every_form(
        dispatcher,
        "load_instruction_parameter_values",
        pkt_model_descriptor=[*({"id": name} for name in layers), 3, {"id": 4}],
        vm_instructions_model=extra(*INSTRUCTIONS),
        parameter_id=parameter,
    )
    assert list(result) == ["map"]
    assert list(result["map"]) == expected


@pytest.mark.parametrize(
    "program", [extra(*INSTRUCTIONS), extra(*INSTRUCTIONS)["field_engine"], INSTRUCTIONS]
)
def test_programs_are_found_in_any_wrapping(dispatcher: Dispatcher, program: object) -> None:
    params = [HANDLER, None, program, "fv_name"]
    result = call(dispatcher, "load_instruction_parameter_values", params)
    assert result == {"map": {"IP_src": "IP_src"}}


def test_definitions_describe_the_field_engine(dispatcher: Dispatcher) -> None:
    result = call(dispatcher, "get_definitions", [["Ether"]])
    assert len(result["feInstructions"]) == 9
    assert {"feInstructionParameters", "feParameters", "feTemplates"} <= result.keys()


def test_every_offset_that_is_offered_is_understood(dispatcher: Dispatcher) -> None:
    model = [{"id": name} for name in ("Ether", "Dot1Q", "Dot1Q", "IP", "UDP", "VXLAN")]
    offered = call(dispatcher, "load_instruction_parameter_values", [model, {}, "pkt_offset"])[
        "map"
    ]
    for name in offered:
        write = {"fv_name": "v", "pkt_offset": name, "pkt_cast_size": 1}
        program = extra(
            {"id": "STLVmFlowVar", "parameters": {"name": "v", "size": 1}},
            {"id": "STLVmWrMaskFlowVar", "parameters": write},
        )
        engine = call(dispatcher, "build_pkt_ex", [model, program])["field_engine"]
        assert engine["error"] is None or "takes no bytes" in engine["error"]
