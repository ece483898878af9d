from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.catalogue import (
    ModelLayer,
    all_parameters,
    choices,
    client_metadata,
    help_text,
)
from scapy_server.programs.instructions import BY_ID, INSTRUCTIONS, Instruction
from tests.programs.field_engine_page import EXAMPLE_PACKETS, example, page
from tests.programs.support import build, refusal

METADATA = client_metadata()

#: What the packet editor expects of each parameter: type, first value, choices.
EXPECTED: dict[str, tuple[str, object, set[str]]] = {
    "name": ("ENUM", "Not defined", set()),
    "fv_name": ("ENUM", None, set()),
    "next_var": ("ENUM", "", set()),
    "split_to_cores": ("ENUM", "true", {"true", "false"}),
    "init_value": ("STRING", "0", set()),
    "min_value": ("STRING", "0", set()),
    "max_value": ("STRING", "0", set()),
    "step": ("NUMBER", "1", set()),
    "value_list": ("EXPRESSION", "None", set()),
    "op": ("ENUM", "inc", {"dec", "inc", "random"}),
    "size": ("ENUM", "4", {"1", "2", "4", "8"}),
    "pkt_offset": ("ENUM", 0, set()),
    "offset": ("ENUM", 0, set()),
    "pkt_cast_size": ("ENUM", 1, {"1", "2", "4"}),
    "shift": ("NUMBER", 0, set()),
    "offset_fixup": ("NUMBER", 0, set()),
    "add_val": ("NUMBER", 0, set()),
    "add_value": ("NUMBER", 0, set()),
    "flags": ("NUMBER", 0, set()),
    "mask": ("STRING", "0xff", set()),
    "is_big": ("ENUM", "true", {"true", "false"}),
    "l3_offset": ("STRING", "IP", set()),
    "l4_offset": ("STRING", "TCP", set()),
    "l4_type": ("ENUM", "13", {"11", "13"}),
    "ip_min": ("STRING", "0.0.0.1", set()),
    "ip_max": ("STRING", "0.0.0.10", set()),
    "port_min": ("NUMBER", 1025, set()),
    "port_max": ("NUMBER", 65535, set()),
    "limit_flows": ("NUMBER", 100000, set()),
    "limit": ("NUMBER", 100, set()),
    "seed": ("String", "None", set()),
}
REQUIRED = {"name", "fv_name", "op", "pkt_offset", "offset", "l3_offset", "l4_offset", "l4_type"}
EDITABLE = {"name", "fv_name", "pkt_offset", "offset", "next_var"}


def test_parameters() -> None:
    described = {item["id"]: item for item in METADATA["feInstructionParameters"]}
    assert {
        name: (item["type"], item.get("defaultValue"), set(item.get("dict", {})))
        for name, item in described.items()
    } == EXPECTED
    assert {name for name, item in described.items() if item.get("required")} == REQUIRED
    assert {name for name, item in described.items() if item.get("editable")} == EDITABLE
    assert all(isinstance(item["name"], str) and item["name"] for item in described.values())


def test_every_parameter_of_an_instruction_is_described_once() -> None:
    ids = [item["id"] for item in METADATA["feInstructionParameters"]]
    assert len(ids) == len(set(ids))
    for item in METADATA["feInstructions"]:
        assert set(item["parameters"]) <= set(ids)
    assert len(METADATA["feInstructions"]) == 9


def test_help_is_plain_base64() -> None:
    for item in METADATA["feInstructions"]:
        text = base64.b64decode(item["help"], validate=True).decode()
        assert text == help_text(BY_ID[item["id"]])
        assert max(map(len, text.splitlines())) <= 80
        assert all(f"  {name}: " in text for name in item["parameters"])
        assert "Example:" in text


def test_global_parameters_and_templates() -> None:
    assert METADATA["feParameters"] == [
        {"id": "cache_size", "name": "Cache size", "type": "NUMBER", "defaultValue": "1000"}
    ]
    assert {item["id"]: item["instructionIds"] for item in METADATA["feTemplates"]} == {
        "simple_flow_var": ["STLVmFlowVar", "STLVmWrFlowVar"],
        "rep_rand_var": ["STLVmFlowVarRepeatableRandom", "STLVmWrFlowVar"],
    }


@pytest.mark.parametrize("cls", INSTRUCTIONS, ids=lambda cls: cls.id)
def test_defaults_are_said_and_examples_compile(registry: Registry, cls: type[Instruction]) -> None:
    for argument in cls.arguments():
        assert argument.help.endswith(".")
        if not argument.required:
            assert "Default: " in argument.help
    packet = build(registry, *EXAMPLE_PACKETS.get(cls.id, ("Ether", "IP", "TCP")))
    assert refusal(registry, example(cls), packet) is None


def test_the_page_is_up_to_date(registry: Registry) -> None:
    written = (Path(__file__).parents[2] / "docs" / "field_engine.md").read_text(encoding="utf-8")
    assert written == page(registry), "run python -m tests.programs.field_engine_page"


def layer(name: str, *fields: str, family: tuple[str, ...] = ()) -> ModelLayer:
    return ModelLayer(name, fields, (name, *family))


MODEL = [
    layer("Ether", "dst", "src"),
    layer("IP", "src"),
    layer("GRE"),
    layer("IPx", family=("IP",)),
    layer("IP", "src"),
    layer("odd.Layer", "unused", "unused", "a.b"),
    layer("UDPy", family=("UDP",)),
    layer("ICMPv6EchoRequest", family=("_ICMPv6", "Packet")),
    layer("IPv6"),
]
PROGRAM: list[dict[str, Any]] = [
    {"id": "STLVmFlowVar", "parameters": {"name": "5"}},
    {"id": "STLVmTupleGen", "parameters": {"name": "t"}},
    {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "5"}},
    {"id": "STLVmFlowVar", "parameters": {"name": 7}},
    {"id": "STLVmFlowVar"},
]


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (
            "name",
            ["Ether_dst", "Ether_src", "IP_src", "IP:1_src", "odd.Layer_unused", "odd.Layer_a.b"],
        ),
        (
            "pkt_offset",
            ["Ether.dst", "Ether.src", "IP:0.src", "IP:1.src", "odd|Layer.unused", "odd|Layer.a|b"],
        ),
        ("fv_name", ["5", "t.ip", "t.port"]),
        ("next_var", ["5"]),
        ("offset", ["IP:0", "IPx:0", "IP:1"]),
        ("l3_offset", ["IP:0", "IPx:0", "IP:1", "IPv6:0"]),
        ("l4_offset", ["UDPy:0", "ICMPv6EchoRequest:0"]),
        ("op", ["dec", "inc", "random"]),
        ("is_big", ["true", "false"]),
        ("step", []),
        ("no such parameter", []),
    ],
)
def test_choices(parameter: str, expected: list[str]) -> None:
    assert list(choices(parameter, MODEL, PROGRAM)) == expected


@pytest.mark.parametrize("parameter", [p.id for p in all_parameters() if p.choices])
def test_parameters_with_fixed_choices_offer_them(parameter: str) -> None:
    (described,) = (p for p in all_parameters() if p.id == parameter)
    assert choices(parameter, [], []) == described.choices
