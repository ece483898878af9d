"""Periods and numbers of different packets, against packets made one by one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.cycles import shortest_period
from scapy_server.programs.explain import flow_bits
from scapy_server.programs.varying import Varying
from tests.programs.programs import programs
from tests.programs.simulator import simulate
from tests.programs.support import Given, build, compiled

SIMULATED = 4000


def check(registry: Registry, program: list[Given], cache: int = 0) -> None:
    packet = build(registry, "Ether", "IP", "TCP")
    done = compiled(registry, program, packet, cache)
    varying = Varying(done, packet)
    cycle, flows = varying.cycle(), varying.cycle(flow_bits(packet))
    if cycle.period is None:
        assert not cycle.exact
        return
    assert cycle.different is not None
    assert flows.different is not None
    shown = cycle.lead + 2 * cycle.period
    if shown > SIMULATED:
        return
    packets = simulate(done.to_vm(), packet.frame, shown)
    repeating = packets[cycle.lead :]
    assert repeating[: cycle.period] == repeating[cycle.period :]
    flow_fields = {(p[26:34] + p[34:38]) for p in packets}
    if cycle.exact:
        assert shortest_period([*repeating[: cycle.period]]) == cycle.period
        assert len(set(packets)) == cycle.different
    assert len(set(packets)) <= cycle.different
    if flows.exact:
        assert len(flow_fields) == flows.different
    assert len(flow_fields) <= flows.different


@given(program=programs(), cache=st.sampled_from([0, 0, 0, 1, 6, 30]))
def test_what_is_computed_is_what_is_sent(
    registry: Registry, program: list[Given], cache: int
) -> None:
    check(registry, program, cache)


FLOW, WRITE = "STLVmFlowVar", "STLVmWrFlowVar"


def counting(name: str, size: int, low: int, high: int, **more: Any) -> Given:
    return FLOW, {"name": name, "size": size, "min_value": low, "max_value": high} | more


def write(name: str, where: object, **more: Any) -> Given:
    return WRITE, {"fv_name": name, "pkt_offset": where} | more


CASES: list[tuple[list[Given], int | None, int | None, int | None]] = [
    # (program, period, different packets, different flows)
    ([], 1, 1, 1),
    ([counting("a", 4, 1, 254), write("a", "IP.src")], 254, 254, 254),
    ([counting("a", 4, 1, 254)], 1, 1, 1),
    ([counting("a", 1, 0, 9, step=4), write("a", "IP.ttl")], 3, 3, 1),
    ([counting("a", 1, 5, 9, step=5), write("a", "IP.ttl")], 1, 1, 1),
    (
        [counting("a", 4, 1, 2**32 - 1), counting("b", 2, 1, 65535), write("a", "IP.src"),
         write("b", "TCP.sport")],
        2**32 - 1, 2**32 - 1, 2**32 - 1,
    ),
    (
        [counting("a", 4, 1, 2**31, next_var="b"), counting("b", 8, 1, 2**63),
         write("a", "IP.src"), write("b", 52)],
        2**94, 2**94, 2**31,
    ),
    (
        [counting("a", 1, 1, 10, next_var="b"), counting("b", 1, 1, 7), write("b", "IP.ttl")],
        70, 7, 1,
    ),
    (
        [(FLOW, {"name": "a", "size": 1, "value_list": [1, 2, 1, 2]}), write("a", "IP.ttl")],
        2, 2, 1,
    ),
    (
        [(FLOW, {"name": "a", "size": 1, "value_list": [7, 7, 9]}), counting("b", 1, 0, 1),
         write("a", "IP.ttl"), write("b", "IP.tos")],
        6, 4, 1,
    ),
    ([counting("a", 1, 0, 9, op="random"), write("a", "IP.ttl")], None, 10, 1),
    (
        [("STLVmTupleGen", {"name": "t", "ip_min": 1, "ip_max": 4, "port_min": 80,
                            "port_max": 99, "limit_flows": 0}),
         write("t.ip", "IP.src"), write("t.port", "TCP.sport")],
        80, 80, 80,
    ),
    (
        [("STLVmTupleGen", {"name": "t", "ip_min": 1, "ip_max": 4, "port_min": 80,
                            "port_max": 99, "flags": 1}),
         write("t.ip", "IP.src"), write("t.port", "TCP.sport")],
        4 * 64511, 4 * (64511 + 925), 4 * (64511 + 925),
    ),
    # the first write is overwritten
    ([counting("a", 1, 0, 8), counting("b", 1, 0, 3), write("a", "IP.ttl"),
      write("b", "IP.ttl")], 4, 4, 1),
    # little-endian: as wide as the variable, so that bit 8 of the mask is lost
    ([counting("a", 1, 96, 111),
      ("STLVmWrMaskFlowVar", {"fv_name": "a", "pkt_offset": 14, "is_big": False,
                              "pkt_cast_size": 2, "mask": 480, "shift": 5})], 8, 8, 1),
    # an irregular sequence: the extended range does not fit the variable
    ([counting("a", 1, 0, 255, step=10), write("a", "IP.ttl")], None, None, 1),
]  # fmt: skip


@pytest.mark.parametrize(("program", "period", "different", "flows"), CASES)
def test_cases(
    registry: Registry,
    program: list[Given],
    period: int | None,
    different: int | None,
    flows: int | None,
) -> None:
    packet = build(registry, "Ether", "IP", "TCP")
    varying = Varying(compiled(registry, program, packet), packet)
    cycle = varying.cycle()
    if different is None:
        check(registry, program)
    else:
        assert (cycle.period, cycle.different) == (period, different)
    assert varying.cycle(flow_bits(packet)).different == flows


def test_cache_of_random_numbers_repeats(registry: Registry) -> None:
    packet = build(registry, "Ether", "IP", "TCP")
    program = [counting("a", 1, 0, 9, op="random"), write("a", "IP.ttl")]
    cycle = Varying(compiled(registry, program, packet, 5), packet).cycle()
    assert (cycle.period, cycle.different, cycle.exact) == (5, 5, False)
