"""A vm is read strictly, and its defaults are in one place."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server.engine.vm import FlowVar, Trim, Vm, VmRefused, WriteVar, parse_vm

FLOW = {"type": "flow_var", "name": "v", "size": 2, "op": "inc", "step": 1}
RANGE = {"init_value": 1, "min_value": 1, "max_value": 9}
TUPLE = {"type": "tuple_flow_var", "name": "t", "ip_min": 1, "ip_max": 2, "port_min": 3}
TUPLE |= {"port_max": 4, "limit_flows": 0, "flags": 0}


@pytest.mark.parametrize("raw", [None, {}, {"instructions": []}, {"instructions": [], "cache": 0}])
def test_nothing_is_a_constant_packet(raw: object) -> None:
    assert parse_vm(raw) == Vm()


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"next_var": None, "split_to_cores": None, "value_list": None},
        {"next_var": "", "value_list": []},
        {"split_by_var": "x", "Restart": True},
    ],
)
def test_null_and_nothing_are_as_good_as_missing(more: dict[str, Any]) -> None:
    (item,) = parse_vm({"instructions": [FLOW | RANGE | more]}).instructions
    assert item == FlowVar("v", 2, "inc", 1, 1, 1, 9)


def test_instructions_in_their_order() -> None:
    write = {"type": "write_flow_var", "name": "v", "pkt_offset": 20, "add_value": -1}
    write |= {"is_big_endian": False}
    trim = {"type": "trim_pkt_size", "name": "v"}
    vm = parse_vm({"instructions": [write, FLOW | {"value_list": [7, 60]}, trim], "cache": 3})
    assert vm == Vm(
        (
            WriteVar("v", 20, -1, is_big_endian=False),
            FlowVar("v", 2, "inc", 1, value_list=(7, 60)),
            Trim("v"),
        ),
        3,
    )


def test_sizes_of_what_can_be_read() -> None:
    random = FLOW | RANGE | {"op": "random", "name": "r", "size": 8}
    vm = parse_vm({"instructions": [FLOW | RANGE, TUPLE, random]})
    parts = {"t.ip": 4, "t.port": 2, "t.flow_limit": 4}
    assert vm.sizes == {"v": 2, "r": 8, "___random___": 4} | parts


@pytest.mark.parametrize(
    ("op", "step", "padded"),
    [("inc", 4, (1, 12)), ("dec", 4, (-2, 9)), ("inc", 3, (1, 9)), ("random", 4, (1, 9))],
)
def test_padded_range(op: Any, step: int, padded: tuple[int, int]) -> None:
    assert FlowVar("v", 2, op, step, 1, 1, 9).padded_range == padded


def test_a_refusal_knows_the_instruction_and_the_key() -> None:
    with pytest.raises(VmRefused) as refused:
        parse_vm({"instructions": [FLOW | RANGE, FLOW | RANGE | {"size": 3}]})
    assert (refused.value.position, refused.value.key) == (1, "size")
    assert refused.value.where == ("instruction 1 (flow_var)", "key size")
