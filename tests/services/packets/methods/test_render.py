"""Packets of a stream, as clients ask for them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from scapy_server.rpc import Dispatcher
from tests.services.packets.calling import call, error, in_every_form

MODEL = [
    {"id": "Ether"},
    {"id": "IP", "fields": [{"id": "src", "value": "16.0.0.1"}]},
    {"id": "UDP", "fields": [{"id": "chksum", "value": "0"}]},
    {"id": "Raw", "fields": [{"id": "load", "value": "twenty bytes of text"}]},
]


def instruction(instruction_id: str, **parameters: str) -> dict[str, Any]:
    return {"id": instruction_id, "parameters": parameters}


PROGRAM = {
    "field_engine": {
        "instructions": [
            instruction("STLVmFlowVar", name="src", min_value="16.0.0.1", max_value="16.0.0.3"),
            instruction("STLVmFlowVar", name="port", size="2", min_value="7", max_value="8"),
            instruction("STLVmWrFlowVar", fv_name="src", pkt_offset="IP.src"),
            instruction("STLVmWrFlowVar", fv_name="port", pkt_offset="UDP.sport"),
            instruction("STLVmFixIpv4", offset="IP"),
        ]
    }
}
FRAME = {"binary": base64.b64encode(bytes(12) + b"\x08\x00" + bytes(50)).decode()}
VM = {
    "vm": {
        "instructions": [
            {"type": "flow_var", "name": "v", "size": 1, "op": "random", "step": 1}
            | {"init_value": 0, "min_value": 0, "max_value": 200},
            {"type": "write_flow_var", "name": "v", "pkt_offset": 20, "add_value": 0}
            | {"is_big_endian": True},
        ]
    }
}


def test_the_first_packets(dispatcher: Dispatcher) -> None:
    result = in_every_form(dispatcher, "render_packets", source=MODEL, program=PROGRAM, options={})
    assert [packet["index"] for packet in result["packets"]] == list(range(10))
    frames = [base64.b64decode(packet["binary"]) for packet in result["packets"]]
    assert [frame[29] for frame in frames] == [1, 2, 3, 1, 2, 3, 1, 2, 3, 1]
    assert [frame[35] for frame in frames] == [7, 8] * 5
    assert {packet["length"] for packet in result["packets"]} == {62}
    assert (result["lead"], result["period"]) == (0, 6)
    assert result["packets"][0].keys() == {"index", "binary", "length"}


def test_what_changes(dispatcher: Dispatcher) -> None:
    options = {"start": 4_000_000_000, "count": 2, "detail": "changes"}
    packets = call(dispatcher, "render_packets", [MODEL, PROGRAM, options])["packets"]
    assert [packet["index"] for packet in packets] == [4_000_000_000, 4_000_000_001]
    assert packets[0]["changes"][1:] == [
        {"layer": "IP", "field": "src", "offset": 26, "value": "16.0.0.2", "hvalue": "16.0.0.2"},
        {"layer": "UDP", "field": "sport", "offset": 34, "value": 7, "hvalue": "7"},
    ]
    assert packets[0]["changes"][0]["field"] == "chksum"
    # Packet 4,000,000,001 has the template's own source address.
    assert [change["field"] for change in packets[1]["changes"]] == ["chksum", "src", "sport"]


def test_whole_trees(dispatcher: Dispatcher) -> None:
    options = {"count": 2, "detail": "tree"}
    packets = call(dispatcher, "render_packets", [MODEL, PROGRAM, options])["packets"]
    for packet in packets:
        tree = call(dispatcher, "reconstruct_pkt", [packet["binary"], None])
        assert packet["data"] == tree["data"]


def test_a_compiled_program_over_bytes(dispatcher: Dispatcher) -> None:
    result = call(dispatcher, "render_packets", [FRAME, VM])
    assert [warning["code"] for warning in result["warnings"]] == ["clock_seed"]
    seeded = call(dispatcher, "render_packets", [FRAME, VM, {"random_seed": 1}])
    assert seeded == result | {"warnings": []}
    assert call(dispatcher, "render_packets", [FRAME, VM, {"random_seed": 2}]) != seeded


def test_without_a_program_all_packets_are_the_template(dispatcher: Dispatcher) -> None:
    programs: list[dict[str, Any]] = [
        {},
        {"vm": {}},
        {"vm": None},
        {"field_engine": {"instructions": []}},
    ]
    for program in programs:
        params = [FRAME, program or None, {"count": 3, "detail": "changes"}]
        result = call(dispatcher, "render_packets", params)
        assert result["period"] == 1
        assert [packet["changes"] for packet in result["packets"]] == [[], [], []]


def test_several_cores(dispatcher: Dispatcher) -> None:
    one = call(dispatcher, "render_packets", [MODEL, PROGRAM, {"count": 30}])
    four = call(dispatcher, "render_packets", [MODEL, PROGRAM, {"count": 30, "cores": 4}])
    assert one["packets"] == four["packets"]


def test_long_numbers_are_text(dispatcher: Dispatcher) -> None:
    vm: dict[str, Any] = {"instructions": []}
    for number in range(2):
        vm["instructions"] += [
            {"type": "flow_var", "name": f"{number}", "size": 8, "op": "inc", "step": 1}
            | {"init_value": 1, "min_value": 1, "max_value": (1 << 64) - 2 - number},
            {"type": "write_flow_var", "name": f"{number}", "pkt_offset": 20, "add_value": 0}
            | {"is_big_endian": True},
        ]
    result = call(dispatcher, "render_packets", [FRAME, {"vm": vm}, {"start": (1 << 63) - 10}])
    assert result["packets"][-1]["index"] == (1 << 63) - 1
    assert isinstance(result["period"], str)


@pytest.mark.parametrize(
    ("params", "code", "problem"),
    [
        ([{}], -32603, "source must be a packet model"),
        ([{"binary": 7}], -32603, "source must be a packet model"),
        ([{"binary": "?"}], -32098, "source: binary must be base64"),
        ([{"binary": ""}], -32098, "source: an empty packet"),
        ([[{"id": "Ethr"}]], -32098, "source, layer 0 (Ethr): there is no layer"),
        ([FRAME, {}], -32603, "program must be"),
        ([FRAME, {"vm": {}, "field_engine": {}}], -32603, "program must be"),
        ([FRAME, {"vm": 7}], -32098, "a vm is an object"),
        ([FRAME, {"vm": []}], -32098, "a vm is an object"),
        ([FRAME, {"vm": {"instructions": [{"type": "x"}]}}], -32098, "instruction 0 (x)"),
        (
            [MODEL, {"field_engine": {"instructions": [instruction("STLVmFlowVar", size="3")]}}],
            -32098,
            "instruction 0 (STLVmFlowVar)",
        ),
        ([FRAME, None, {"cuont": 1}], -32603, "there is no option 'cuont'; did you mean"),
        ([FRAME, None, {"count": "1"}], -32603, "count must be a whole number, not '1'"),
        ([FRAME, None, {"start": 1.5}], -32603, "start must be a whole number, not 1.5"),
        ([FRAME, None, {"count": True}], -32603, "count must be a whole number, not a boolean"),
        ([FRAME, None, {"count": -1}], -32098, "count must not be negative"),
        ([FRAME, None, {"count": 1001}], -32098, "at most 1000 packets"),
        ([FRAME, None, {"count": 201, "detail": "tree"}], -32098, "at most 200 packets"),
        ([FRAME, None, {"detail": "all"}], -32603, "detail must be one of bytes, changes or tree"),
        ([FRAME, None, {"detail": None}], -32603, "or tree, not null"),
        ([FRAME, None, {"start": 1 << 63}], -32098, "start must be from 0"),
        ([FRAME, None, {"start": (1 << 63) - 9}], -32098, "start + count must be at most 2**63"),
        ([FRAME, None, {"random_seed": -1}], -32098, '"random_seed" must fit in 32 bits'),
        ([FRAME, None, {"cores": 0}], -32098, "at least 1 core"),
    ],
)
def test_refusals(dispatcher: Dispatcher, params: list[Any], code: int, problem: str) -> None:
    got, message = error(dispatcher, "render_packets", params)
    assert problem in message
    assert got == code
