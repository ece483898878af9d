"""One core's packets: the cache, and what is restored between blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scapy_server.engine.core import CoreRenderer
from scapy_server.engine.steps import Steps
from scapy_server.engine.variables.variable_set import DataPlaneCore, VariableSet, value_lists
from scapy_server.engine.vm import parse_vm
from tests.engine.programs import TEMPLATES

UDP = TEMPLATES["udp"]
COUNTER = {
    "type": "flow_var", "name": "v", "size": 1, "op": "inc", "step": 1,
    "init_value": 0, "min_value": 0, "max_value": 99,
}  # fmt: skip
WRITE = {"type": "write_flow_var", "name": "v", "pkt_offset": 50, "add_value": 0,
         "is_big_endian": True}  # fmt: skip
TRIM = {"type": "trim_pkt_size", "name": "l"}
LENGTH = COUNTER | {"name": "l", "size": 2, "init_value": 60, "min_value": 60, "max_value": 63}


def core(*instructions: Any, cache: int = 0, index: int = 0, count: int = 1) -> CoreRenderer:
    program = parse_vm({"instructions": list(instructions), "cache": cache})
    place = DataPlaneCore(index, count, 1, index)
    variables = VariableSet(program, len(UDP), place, value_lists(program))
    return CoreRenderer(program, UDP, variables, Steps(program, UDP, "complete"))


def shown(of: CoreRenderer, start: int, count: int) -> list[int]:
    """Byte 50 of packets."""
    rows = np.empty((count, len(UDP)), np.uint8)
    rows[:] = np.frombuffer(UDP, np.uint8)
    of.fill(rows, start)
    assert (rows[:, :50] == np.frombuffer(UDP[:50], np.uint8)).all()
    return [int(value) for value in rows[:, 50]]


@pytest.mark.parametrize(("start", "count"), [(0, 4), (3, 4), (4, 5), (8, 12), (17, 3)])
def test_a_cache_repeats_its_first_packets(start: int, count: int) -> None:
    cached = core(COUNTER, WRITE, cache=5)
    assert shown(cached, start, count) == [number % 5 for number in range(start, start + count)]


@pytest.mark.parametrize(("index", "share"), [(0, 4), (1, 3), (2, 3)])
def test_cores_share_a_cache(index: int, share: int) -> None:
    assert core(COUNTER, WRITE, cache=10, index=index, count=3).cache == share


def test_no_core_is_left_without_one() -> None:
    assert core(COUNTER, WRITE, cache=1, index=2, count=3).cache == 1
    assert core(COUNTER, WRITE, index=2, count=3).cache == 0


def test_lengths_repeat_with_the_cache() -> None:
    cached = core(COUNTER, LENGTH, WRITE, TRIM, cache=3)
    lengths = cached.fill(np.zeros((7, len(UDP)), np.uint8), 2)
    assert lengths is not None
    assert lengths.tolist() == [62, 60, 61, 62, 60, 61, 62]
    split = cached.fill(np.zeros((2, len(UDP)), np.uint8), 2)
    assert split is not None
    assert split.tolist() == [62, 60]


def test_a_length_beyond_the_packet_or_of_nothing_cuts_nothing() -> None:
    values = {"value_list": [0, len(UDP) - 1, len(UDP), len(UDP) + 1]}
    lengths = core(LENGTH | values, TRIM).fill(np.zeros((4, len(UDP)), np.uint8), 0)
    assert lengths is not None
    assert sorted(lengths.tolist()) == [len(UDP) - 1] + [len(UDP)] * 3


def test_what_is_read_is_the_templates_again_in_rows_used_before() -> None:
    masked = {"type": "write_mask_flow_var", "name": "v", "pkt_offset": 50, "add_value": 0,
              "pkt_cast_size": 1, "mask": 0x0F, "shift": 0, "is_big_endian": True}  # fmt: skip
    renderer = core(COUNTER, masked)
    rows = np.empty((3, len(UDP)), np.uint8)
    rows[:] = np.frombuffer(UDP, np.uint8)
    renderer.fill(rows, 0)
    renderer.fill(rows, 20)
    assert [int(value) for value in rows[:, 50]] == [
        UDP[50] & 0xF0 | (number & 0x0F) for number in (20, 21, 22)
    ]
