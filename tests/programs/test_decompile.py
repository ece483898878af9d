from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.errors import InvalidParams, RefusedError, ScapyServerError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.catalogue import client_metadata
from scapy_server.programs.compile import compile_program
from scapy_server.programs.decompile import decompile
from scapy_server.programs.parameters import Context
from scapy_server.programs.program import parse_request, read_program
from scapy_server.schema.programs import ReadProgram
from scapy_server.streams.sources.prepared import described
from tests.engine.programs import TEMPLATES
from tests.programs.programs import programs
from tests.programs.support import Given, build, compiled


def compile_again(program: ReadProgram, packet: BuiltPacket | None) -> dict[str, Any]:
    context = Context(packet, lambda source: [])
    request = parse_request({"field_engine": msgspec.to_builtins(program)})
    read = read_program(request, context)
    return compile_program(read, packet).raw


@given(program=programs, cache=st.integers(0, 3), named=st.booleans())
def test_compiles_to_the_same_vm(
    registry: Registry, program: list[Given], cache: int, named: bool
) -> None:
    packet = described(PacketCodec(registry), TEMPLATES["udp"])
    vm = compiled(registry, program, packet, cache).raw
    decompiled = decompile(vm, packet, names=named)
    assert decompiled.warnings == []
    assert compile_again(decompiled, packet) == vm


@given(program=programs)
def test_emits_only_what_clients_know(registry: Registry, program: list[Given]) -> None:
    vm = compiled(registry, program, None).raw
    known = {item["id"]: set(item["parameters"]) for item in client_metadata()["feInstructions"]}
    for instruction in decompile(vm, None).instructions:
        assert not instruction.extra
        assert known[instruction.id].issuperset(instruction.parameters)


def test_offsets_are_numbers_unless_names_are_asked_for(registry: Registry) -> None:
    packet = build(registry, "Ether", "IP", "TCP")
    write = {"type": "write_flow_var", "name": "a", "pkt_offset": 22}
    vm = {"instructions": [FLOW | RANGE, write, {"type": "fix_checksum_ipv4", "pkt_offset": 14}]}
    for names, field, layer in ((False, 22, 14), (True, "IP.ttl", "IP")):
        _, written, fixed = decompile(vm, packet, names=names).instructions
        assert written.parameters == {
            "fv_name": "a", "pkt_offset": field, "offset_fixup": 0, "add_val": 0, "is_big": True
        }  # fmt: skip
        assert fixed.parameters == {"offset": layer}


FLOW = {"type": "flow_var", "name": "a", "size": 1, "op": "inc", "step": 1}
RANGE = {"init_value": 5, "min_value": 1, "max_value": 9}


def test_what_is_left_out_has_its_default() -> None:
    vm = {
        "instructions": [
            FLOW | RANGE,
            {"type": "tuple_flow_var", "name": "t", "ip_min": 1, "ip_max": 2, "port_min": 3}
            | {"port_max": 4, "limit_flows": 5},
            {"type": "write_flow_var", "name": "a", "pkt_offset": 22},
        ]
    }
    decompiled = decompile(vm, None)
    assert decompiled.warnings == []
    again = compile_again(decompiled, None)["instructions"]
    assert again[0] == FLOW | RANGE | {"next_var": None, "split_to_cores": True}
    assert again[1]["flags"] == 0
    assert again[2] == {
        "type": "write_flow_var", "name": "a", "pkt_offset": 22, "add_value": 0,
        "is_big_endian": True,
    }  # fmt: skip


@pytest.mark.parametrize("cache", [0, 7])
def test_cache(cache: int) -> None:
    decompiled = decompile({"instructions": [], "cache": cache}, None)
    assert decompiled.global_parameters == {"cache_size": cache}
    assert decompile({"instructions": []}, None).global_parameters is msgspec.UNSET


def test_unknown_keys_are_extra() -> None:
    entry = FLOW | RANGE | {"split_by_var": "x", "value_list": [1, 2]}
    (instruction,) = decompile({"instructions": [entry]}, None).instructions
    assert instruction.extra == RANGE | {"split_by_var": "x"}
    assert instruction.parameters["value_list"] == [1, 2]


def test_an_order_that_the_compiler_does_not_give_is_said() -> None:
    write = {"type": "write_flow_var", "name": "a", "pkt_offset": 22, "add_value": 0}
    warnings = decompile({"instructions": [write, FLOW | RANGE]}, None).warnings
    assert [item.instruction for item in warnings] == [0, 1]
    assert {item.code for item in warnings} == {"not_the_same_vm"}


def test_what_the_engine_refuses_is_said() -> None:
    entry = FLOW | RANGE | {"max_value": 0}
    (warning,) = decompile({"instructions": [entry]}, None).warnings
    assert "does not compile: instruction 0 (STLVmFlowVar), parameter max_value" in warning.message


REFUSED: list[tuple[object, str]] = [
    ({"type": "nope"}, "instruction 0 (nope), key type: 'nope' is not one of flow_var, "),
    ({"type": "trim_pkt_size"}, "instruction 0 (trim_pkt_size), key name: it is missing"),
    (FLOW, "instruction 0 (flow_var), key init_value: it is missing"),
    (FLOW | RANGE | {"step": "x"}, "key step: 'x' is not a whole number"),
    (FLOW | RANGE | {"step": True}, "key step: True is not a whole number"),
    ({"type": "fix_checksum_hw", "l2_len": 14, "l3_len": 20}, "key l4_type: it is missing"),
]


def test_numbers_may_be_text() -> None:
    entry = FLOW | RANGE | {"step": "1", "min_value": "1"}
    decompiled = decompile({"instructions": [entry], "cache": "7"}, None)
    assert decompiled == decompile({"instructions": [FLOW | RANGE], "cache": 7}, None)


@pytest.mark.parametrize(("entry", "sentence"), REFUSED, ids=str)
def test_refusals(entry: object, sentence: str) -> None:
    with pytest.raises(RefusedError) as refused:
        decompile({"instructions": [entry]}, None)
    assert sentence in refused.value.message


def test_wrong_shapes() -> None:
    with pytest.raises(InvalidParams, match="must be an array, not an object"):
        decompile({"instructions": {}}, None)
    with pytest.raises(RefusedError, match='"cache" must be a whole number'):
        decompile({"instructions": [], "cache": "x"}, None)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2),
)
entries = st.fixed_dictionaries(
    {"type": st.sampled_from(["flow_var", "write_flow_var", "fix_checksum_hw", "tuple_flow_var"])},
    optional=dict.fromkeys(("name", "size", "step", "pkt_offset", "value_list", "op"), anything),
)


@given(st.lists(entries | anything, max_size=3))
def test_anything_is_read_or_refused(raw: list[object]) -> None:
    try:
        decompile({"instructions": raw}, None)
    except ScapyServerError as error:
        assert len(error.message) < 400
