from __future__ import annotations

from typing import Any

import pytest

from scapy_server.packet.layers.registry import Registry
from tests.programs.support import Case, build, check_case, refusal

ID = "STLVmTrimPktSize"
LOAD = {"Raw": {"load": "x" * 40}}


def test_compiles_and_comes_back(registry: Registry) -> None:
    variable = {"name": "length", "size": 2, "min_value": 64, "max_value": 94}
    case = Case(
        ID,
        {"fv_name": "length"},
        {"type": "trim_pkt_size", "name": "length"},
        {"fv_name": "length"},
        [("STLVmFlowVar", variable)],
    )
    check_case(registry, case, build(registry, "Ether", "IP", "TCP", LOAD))


@pytest.mark.parametrize(
    ("kind", "given", "name", "sentence"),
    [
        (
            "STLVmFlowVar",
            {"size": 4},
            "v",
            "a length comes from a flow_var of 2 bytes; 'v' has 4 bytes",
        ),
        ("STLVmTupleGen", {}, "v.port", "'v.port' is none of these"),
        ("STLVmFlowVar", {"size": 2}, "w", "there is no variable 'w'"),
    ],
)
def test_refusals(
    registry: Registry, kind: str, given: dict[str, Any], name: str, sentence: str
) -> None:
    program = [(kind, {"name": "v"} | given), (ID, {"fv_name": name})]
    text = refusal(registry, program, build(registry, "Ether", "IP", "TCP", LOAD))
    assert text is not None
    assert text.startswith(f"instruction 1 ({ID}), parameter fv_name: ")
    assert sentence in text
