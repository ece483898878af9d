from __future__ import annotations

from typing import Any

import pytest

from scapy_server.packet.layers.registry import Registry
from tests.programs.support import Case, build, check_case, refusal

ID = "STLVmTupleGen"


def case(given: dict[str, Any], **changed: int) -> Case:
    numbers = {"ip_min": 1, "ip_max": 10, "port_min": 1025, "port_max": 65535}
    numbers |= {"limit_flows": 100_000, "flags": 0} | changed
    vm = {"type": "tuple_flow_var", "name": "t"} | numbers
    return Case(ID, {"name": "t"} | given, vm, {"name": "t"} | numbers)


CASES = [
    case({}),
    case({"ip_min": "16.0.0.1", "ip_max": "16.0.0.9"}, ip_min=0x10000001, ip_max=0x10000009),
    case({"ip_min": 3, "flags": "1", "limit_flows": "0"}, ip_min=3, flags=1, limit_flows=0),
    case({"port_min": 0, "port_max": "0"}, port_min=0, port_max=0),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.given))
def test_compiles_and_comes_back(registry: Registry, case: Case) -> None:
    check_case(registry, case, build(registry, "Ether", "IP", "TCP"))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"ip_min": "16.0.0.9", "ip_max": "16.0.0.1"},
            "parameter ip_max: 16.0.0.1 is below the first address, 16.0.0.9",
        ),
        ({"port_min": 9, "port_max": 8}, "parameter port_max: 8 is below the first port, 9"),
        ({"port_max": 65536}, "parameter port_max: 65536 is not a whole number from 0 to 65535"),
        ({"ip_max": "1.2.3"}, "parameter ip_max: '1.2.3' is not"),
        ({"ip_max": 1 << 32}, "parameter ip_max: 4294967296 is not"),
        ({"limit_flows": -1}, "parameter limit_flows: -1 is not"),
    ],
)
def test_refusals(registry: Registry, given: dict[str, Any], sentence: str) -> None:
    text = refusal(registry, [(ID, {"name": "t"} | given)], None)
    assert sentence in (text or "")


@pytest.mark.parametrize("part", ["ip", "port", "flow_limit"])
def test_parts_are_variables(registry: Registry, part: str) -> None:
    write = ("STLVmWrFlowVar", {"fv_name": f"t.{part}", "pkt_offset": 20})
    assert refusal(registry, [(ID, {"name": "t"}), write], None) is None


def test_the_tuple_itself_is_none(registry: Registry) -> None:
    write = ("STLVmWrFlowVar", {"fv_name": "t", "pkt_offset": 20})
    text = refusal(registry, [(ID, {"name": "t"}), write], None)
    assert "parameter fv_name: there is no variable 't'; of a tuple write t.ip" in (text or "")


def test_a_part_is_a_name_like_any_other(registry: Registry) -> None:
    program = [(ID, {"name": "t"}), ("STLVmFlowVar", {"name": "t.ip"})]
    text = refusal(registry, program, None)
    assert text == "instruction 1 (STLVmFlowVar), parameter name: the variable 't.ip' is made twice"
    assert refusal(registry, [(ID, {"name": "t"}), ("STLVmFlowVar", {"name": "t"})], None) is None
