from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from scapy_server.engine.renderer import Renderer
from scapy_server.packet.layers.registry import Registry
from tests.programs.support import Case, Given, build, check_case, compiled, refusal

ID = "STLVmFlowVar"


def case(given: dict[str, Any], vm: dict[str, Any], back: dict[str, Any]) -> Case:
    """`vm` and `back` complete what is common to most cases."""
    plain: dict[str, Any] = {"name": "a", "size": 4, "op": "inc"}
    chain = {"next_var": None, "split_to_cores": True}
    entry = {"type": "flow_var"} | {key: vm.pop(key, plain[key]) for key in plain}
    entry |= {key: vm.pop(key, chain[key]) for key in chain}
    expected = {key: entry[key] for key in plain} | back
    expected.setdefault("split_to_cores", entry["split_to_cores"])
    return Case(ID, {"name": "a"} | given, entry | vm, expected)


def span(first: int, low: int, high: int, step: int = 1) -> dict[str, int]:
    return {"init_value": first, "min_value": low, "max_value": high, "step": step}


CASES = [
    case({}, span(0, 0, 255), span(0, 0, 255)),
    case({"op": "dec"}, {"op": "dec"} | span(255, 0, 255), span(255, 0, 255)),
    case({"op": "random", "step": 7}, {"op": "random"} | span(0, 0, 255, 7), span(0, 0, 255, 7)),
    case(
        {"min_value": "192.168.0.10", "max_value": "0xC0A80064", "step": "2"},
        span(3232235530, 3232235530, 3232235620, 2),
        span(3232235530, 3232235530, 3232235620, 2),
    ),
    case(
        {"size": "8", "min_value": "00:00:00:01:00:00", "max_value": "FF-FF-FF-FF-FF-FF"},
        {"size": 8} | span(65536, 65536, 2**48 - 1),
        span(65536, 65536, 2**48 - 1),
    ),
    case(
        {"size": 2, "value_list": {"vtype": "EXPRESSION", "expr": "[80, 443]"}, "max_value": 0},
        {"size": 2, "value_list": [80, 443], "step": 1},
        {"value_list": [80, 443], "step": 1},
    ),
    case(
        {"value_list": "['16.0.0.1', '16.0.0.2']", "op": "dec"},
        {"op": "dec", "value_list": [268435457, 268435458], "step": 1},
        {"value_list": [268435457, 268435458], "step": 1},
    ),
    case(
        {"split_to_cores": "false", "init_value": 9},
        {"split_to_cores": False} | span(9, 0, 255),
        span(9, 0, 255),
    ),
    case({"name": "None"}, {"name": "None"} | span(0, 0, 255), span(0, 0, 255)),
    case({"name": "5"}, {"name": "5"} | span(0, 0, 255), span(0, 0, 255)),
    case({"name": 5}, {"name": "5"} | span(0, 0, 255), span(0, 0, 255)),
    case({"name": "true"}, {"name": "true"} | span(0, 0, 255), span(0, 0, 255)),
    case({"name": "0x10"}, {"name": "0x10"} | span(0, 0, 255), span(0, 0, 255)),
    case(
        {"init_value": None, "value_list": "None", "step": None, "size": None},
        span(0, 0, 255),
        span(0, 0, 255),
    ),
    case({"init_value": {"vtype": "UNDEFINED"}}, span(0, 0, 255), span(0, 0, 255)),
    # the document's example: an initial value beside the untouched range
    case(
        {"init_value": "00:00:00:01:00:00", "min_value": "0", "max_value": "0"},
        span(65536, 0, 0),
        span(65536, 0, 0),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.given))
def test_compiles_and_comes_back(registry: Registry, case: Case) -> None:
    check_case(registry, case, build(registry, "Ether", "IP", "TCP"))


def test_a_chain_is_emitted_at_its_heads_place(registry: Registry) -> None:
    program: list[Given] = [
        (ID, {"name": "tail", "split_to_cores": "true"}),
        (ID, {"name": "alone"}),
        ("STLVmWrFlowVar", {"fv_name": "alone", "pkt_offset": 20}),
        ("STLVmFlowVarRepeatableRandom", {"name": "middle", "seed": 1, "next_var": "tail"}),
        (ID, {"name": "head", "next_var": "middle"}),
    ]
    vm = compiled(registry, program, None).raw
    shown = [(item["name"], item.get("split_to_cores")) for item in vm["instructions"]]
    assert shown == [
        ("alone", True), ("head", True), ("middle", False), ("tail", False), ("alone", None)
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["None", "none", "", None])
def test_no_next_variable(registry: Registry, text: str | None) -> None:
    vm = compiled(registry, [(ID, {"name": "a", "next_var": text})], None).raw
    assert vm["instructions"][0]["next_var"] is None


def test_a_next_variable_called_none(registry: Registry) -> None:
    program = [(ID, {"name": "a", "next_var": "None"}), (ID, {"name": "None"})]
    vm = compiled(registry, program, None).raw
    assert vm["instructions"][0]["next_var"] == "None"


REFUSED = [
    ({}, "parameter name: a value is needed"),
    ({"name": "a", "nmae": 3}, "has no parameter 'nmae'; did you mean \"name\"?"),
    ({"name": "a", "size": ""}, "parameter size: '' is not one of 1, 2, 4 or 8"),
    ({"name": "a", "size": "None"}, "parameter size: 'None' is not one of 1, 2, 4 or 8"),
    ({"name": "a", "step": 0}, "parameter step: 0 is not a whole number"),
    ({"name": "a", "step": "-1"}, "parameter step: -1 is not a whole number"),
    ({"name": "a", "min_value": -1}, "parameter min_value: -1 is not"),
    ({"name": "a", "min_value": "tcp"}, "parameter min_value: 'tcp' is not"),
    (
        {"name": "a", "min_value": "2001:db8::1:2"},
        "parameter min_value: '2001:db8::1:2' is an IPv6 address, and a variable has at most 8 of "
        "its 16 bytes: let the packet's field hold it, and a variable of size 4 its end, here "
        "65538, written with offset_fixup 12",
    ),
    (
        {"name": "a", "min_value": "02:00:00:01:00:05", "max_value": "02:00:00:01:00:09"},
        "parameter min_value: 2199023321093 does not fit 4 bytes (0 to 4294967295); if it is the "
        "MAC address 02:00:00:01:00:05, let the packet's field hold that, and a variable of size "
        "4 its end, here 65541, written with offset_fixup 2",
    ),
    ({"name": "a", "size": 2, "value_list": [1, "02:00:00:00:00:07"]}, "value_list: 2199023255559"),
    ({"name": "a", "size": 1, "max_value": 256}, "parameter max_value: 256 does not fit 1 byte"),
    ({"name": "a", "init_value": 300}, "parameter init_value: 300 is not between the minimum, 0"),
    ({"name": "a", "value_list": []}, "parameter value_list: the list is empty"),
    ({"name": "a", "value_list": [1.5]}, "parameter value_list: 1.5 is not a whole number"),
    ({"name": "a", "value_list": [1, "x"]}, "(member 1)"),
    (
        {"name": "a", "value_list": [1] * 65_536},
        "parameter value_list: the value list of a flow variable may be at most 65535 values",
    ),
    (
        {"name": "a", "value_list": {"vtype": "EXPRESSION", "expr": "(1, 2)"}},
        "parameter value_list: (1, 2) is not a list",
    ),
    ({"name": "a", "next_var": "b"}, "parameter next_var: there is no variable 'b'"),
    ({"name": "a", "next_var": "a"}, "parameter next_var: a variable cannot move itself"),
    ({"name": "a", "next_var": "a", "op": "random"}, "parameter next_var: a random variable"),
    ({"name": "x" * 300}, "parameter name: the name of a flow variable may be at most 256"),
]


@pytest.mark.parametrize(("given", "sentence"), REFUSED, ids=lambda value: str(value)[:60])
def test_refusals_name_instruction_and_parameter(
    registry: Registry, given: dict[str, Any], sentence: str
) -> None:
    text = refusal(registry, [(ID, given)], None)
    assert text is not None
    assert text.startswith("instruction 0 (STLVmFlowVar)")
    assert sentence in text


@pytest.mark.parametrize(
    ("pointers", "sentence"),
    [
        (["b", "a"], "next_var: b leads back to this variable in a circle"),
        (["c", "c", None], "next_var: c is already moved by a"),
    ],
)
def test_refused_chains(registry: Registry, pointers: list[str | None], sentence: str) -> None:
    program = [(ID, {"name": "abc"[i], "next_var": to}) for i, to in enumerate(pointers)]
    assert sentence in (refusal(registry, program, None) or "")


def test_the_advice_about_addresses_leads_to_the_addresses_that_were_meant(
    registry: Registry,
) -> None:
    packet = build(
        registry,
        {"Ether": {"src": "02:00:00:01:00:05"}},
        {"IPv6": {"src": "2001:db8::1:2"}},
    )
    program: list[Given] = [
        (ID, {"name": "mac", "min_value": 65541, "max_value": 65543}),
        ("STLVmWrFlowVar", {"fv_name": "mac", "pkt_offset": "Ether.src", "offset_fixup": 2}),
        (ID, {"name": "host", "min_value": 65538, "max_value": 65540}),
        ("STLVmWrFlowVar", {"fv_name": "host", "pkt_offset": "IPv6.src", "offset_fixup": 12}),
    ]
    rows, _ = Renderer(packet.frame, compiled(registry, program, packet).raw).block(0, 3)
    frames = [row.tobytes() for row in rows]
    macs = [bytes.fromhex(f"02000001000{end}") for end in (5, 6, 7)]
    assert [frame[6:12] for frame in frames] == macs
    hosts = [ip_address(f"2001:db8::1:{end}").packed for end in (2, 3, 4)]
    assert [frame[22:38] for frame in frames] == hosts
