"""Held against what the engine's own control plane answered to the same programs.

A line of `data/program_refusals.jsonl` is when it refused ("add" or "start"), the bytes of the
packet (Ethernet, IPv4, UDP), the instructions, and its sentence.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scapy_server.engine.vm import parse_vm
from scapy_server.errors import RefusedError
from scapy_server.streams.chains import check_compiled
from scapy_server.streams.program_words import compile_text
from scapy_server.streams.reading import Capabilities, read_stream
from scapy_server.streams.refusals import StreamRefused
from tests.streams.support import FRAME, packet, raw_stream

RECORDED = (Path(__file__).parent / "data" / "program_refusals.jsonl").read_text().splitlines()


def instructions_of(raw: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for item in raw:
        if isinstance(item.get("value_list"), dict):
            item["value_list"] = [1] * item["value_list"]["of"]
    return raw


def refusal_of(length: int, instructions: list[Any], cores: int = 1) -> StreamRefused:
    frame = FRAME.ljust(length, b"x")[:length]
    raw = raw_stream(packet=packet(frame), vm={"instructions": instructions}, name="udp")
    with pytest.raises(StreamRefused) as refusal:
        check_compiled([read_stream(5, raw, Capabilities(cores))])
    return refusal.value


@pytest.mark.parametrize("line", RECORDED)
def test_the_words_are_those_of_the_engine(line: str) -> None:
    _, length, raw, text = json.loads(line)
    refusal = refusal_of(length, instructions_of(raw))
    assert refusal.engine_text == text
    assert refusal.where[0] == "stream 5 (udp)"
    assert refusal.where[1].startswith("instruction ")


COUNTING: dict[str, Any] = {
    "type": "flow_var", "name": "a", "size": 2, "op": "inc", "step": 1,
    "init_value": 1, "min_value": 1, "max_value": 10,
}  # fmt: skip
WRITE = {"type": "write_flow_var", "name": "a", "pkt_offset": 26, "add_value": 0}
WRITE |= {"is_big_endian": True}
LIMITED = {"type": "flow_var_rand_limit", "name": "a", "size": 1, "seed": 1, "limit": 5}
LIMITED |= {"min_value": 9, "max_value": 2}
TUPLE = {"type": "tuple_flow_var", "name": "t", "ip_min": 1, "ip_max": 9, "port_min": 1}
TUPLE |= {"port_max": 9, "limit_flows": 1, "flags": 0}


@pytest.mark.parametrize(
    ("instruction", "text"),
    [
        ({}, "field 'type' is missing"),
        (COUNTING | {"name": None}, "field 'name' value is null"),
        (COUNTING | {"max_value": None}, "field 'max_value' value is null"),
        (COUNTING | {"step": "x"}, "'step' is 'string', expecting 'uint64'"),
        (COUNTING | {"size": "2"}, "'size' is 'string', expecting 'int'"),
        (COUNTING | {"split_to_cores": 1}, "'split_to_cores' is 'int', expecting 'bool'"),
        (COUNTING | {"max_value": 70000}, "VM: requested value is bigger than 65535"),
        (WRITE | {"pkt_offset": 70000}, "'pkt_offset' has size bigger than uint16."),
        (LIMITED, "VM: requested flow var max value: '2' is smaller than min value: 9"),
        (LIMITED | {"max_value": 256}, "VM: requested value is bigger than 255"),
        (TUPLE, "cannot limit flows to less than 2"),
        (TUPLE | {"port_max": 1 << 16}, "'port_max' has size bigger than uint16."),
        (
            {"type": "fix_checksum_hw", "l2_len": 14, "l3_len": 20},
            "field 'l4_type' value is null",
        ),
        ({"type": "fix_checksum_ipv4"}, "field 'pkt_offset' value is null"),
        ({"type": "trim_pkt_size", "name": 3}, "'name' is 'int', expecting 'string'"),
    ],
)
def test_members_of_instructions(instruction: dict[str, Any], text: str) -> None:
    refusal = refusal_of(60, [COUNTING | {"name": "b"}, instruction], cores=2)
    assert refusal.engine_text == text
    assert refusal.where[1].startswith("instruction 1")
    assert refusal.path[:4] == ("stream", "vm", "instructions", 1)


def test_what_the_engine_has_no_words_for_is_told_in_ours() -> None:
    whole = COUNTING | {"size": 8, "min_value": 0, "max_value": (1 << 64) - 1}
    refusal = refusal_of(60, [whole])
    assert refusal.engine_text == f"VM: {refusal.problem}"
    text = {"type": "fix_checksum_hw", "l2_len": 14, "l3_len": 24, "l4_type": 11}
    refusal = refusal_of(60, [COUNTING, text])
    assert refusal.engine_text == f"*** error: {refusal.problem}"


def test_several_variables_fill_the_memory() -> None:
    random = [COUNTING | {"name": f"r{n}", "size": 8, "op": "random"} for n in range(8)]
    text = refusal_of(60, [*random, WRITE | {"name": "r0"}]).engine_text
    assert text.endswith("too many flow variables current size is :68 maximum support is 64")


def test_programs_that_run_leave_it_without_words() -> None:
    raw: list[list[dict[str, Any]]] = [
        [COUNTING, WRITE, {"type": "fix_checksum_ipv4", "pkt_offset": 14}],
        [TUPLE, WRITE | {"name": "t.port"}],
        [COUNTING | {"next_var": "b"}, COUNTING | {"name": "b", "split_to_cores": False}, WRITE],
        [COUNTING | {"init_value": 60, "min_value": 60, "max_value": 64},
         {"type": "trim_pkt_size", "name": "a"}],
    ]  # fmt: skip
    for instructions in raw:
        program = parse_vm({"instructions": instructions})
        assert compile_text(program, FRAME.ljust(64, b"x")) is None


def test_a_program_is_compiled_when_its_stream_is_started() -> None:
    raw = raw_stream(vm={"instructions": [WRITE]})
    stream = read_stream(5, raw)
    assert stream.fault is not None
    assert stream.fault is stream.fault
    check_compiled([read_stream(5, raw | {"enabled": False})])
    assert read_stream(6, raw_stream()).fault is None
    with pytest.raises(RefusedError):
        raise stream.fault
