"""What is said of a program's packets, against the packets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.engine import Renderer
from scapy_server.engine.bits import span
from scapy_server.engine.cycles import Cycle, cycle_of
from scapy_server.engine.variation import Variation
from scapy_server.engine.vm import parse_vm
from tests.engine.programs import TEMPLATES, streams

MAKES_VARIABLES = ("flow_var", "flow_var_rand_limit", "tuple_flow_var")
IPV4 = {"type": "fix_checksum_ipv4", "pkt_offset": 14}


def count(name: str, size: int, low: int, high: int, **more: Any) -> dict[str, Any]:
    raw = {"type": "flow_var", "name": name, "size": size, "op": "inc", "step": 1}
    return raw | {"init_value": low, "min_value": low, "max_value": high} | more


def write(name: str, offset: int) -> dict[str, Any]:
    raw = {"type": "write_flow_var", "name": name, "pkt_offset": offset, "add_value": 0}
    return raw | {"is_big_endian": True}


#: Of streams that take longer to repeat, this many packets are looked at.
LOOKED_AT = 1500


def check(cycle: Cycle, packets: list[bytes]) -> None:
    """Hold a cycle against the first packets, or what is looked at of them."""
    if cycle.period is None or cycle.drawn:
        assert not cycle.exact
        return
    numbers = {packet: number for number, packet in enumerate(dict.fromkeys(packets))}
    ids = np.array([numbers[packet] for packet in packets])
    assert cycle.different is not None
    assert len(numbers) <= cycle.different
    once = cycle.lead + cycle.period
    if len(ids) < once + cycle.period:
        return
    assert np.array_equal(ids[cycle.lead : once], ids[once : once + cycle.period])
    if cycle.exact:
        assert cycle_of(ids[:once], cycle.lead) == cycle


@given(streams(), st.integers(14, 50), st.integers(1, 30))
def test_what_is_called_exact_is_what_is_sent(
    stream: dict[str, Any], first: int, size: int
) -> None:
    stream |= {"cores": 1, "hardware": "complete"}
    renderer = Renderer(**stream)
    rows, lengths = renderer.block(0, LOOKED_AT)
    variation = Variation.of(renderer.program, stream["template"])
    packets = [row[:length].tobytes() for row, length in zip(rows, lengths, strict=True)]
    whole = variation.cycle()
    check(whole, packets)
    if whole.exact:
        assert renderer.cycle == (whole.lead, whole.period)
    bits = span(first, first + size, renderer.length)
    check(variation.cycle(bits), [row[first : first + size].tobytes() for row in rows])


@given(streams(), st.data())
def test_the_values_of_a_variable(stream: dict[str, Any], data: st.DataObject) -> None:
    """What a write of the variable behind everything else shows."""
    variables = [item for item in stream["vm"]["instructions"] if item["type"] in MAKES_VARIABLES]
    names = Variation.of(parse_vm(stream["vm"]), stream["template"]).names
    name = data.draw(st.sampled_from(names))
    vm = {"instructions": [*variables, write(name, 40)]}
    cycle = Variation.of(parse_vm(vm), stream["template"]).values_of(name)
    renderer = Renderer(stream["template"], vm, random_seed=stream["random_seed"])
    rows, _ = renderer.block(0, LOOKED_AT)
    check(cycle, [row.tobytes() for row in rows])


@pytest.mark.parametrize(
    ("instructions", "cycle"),
    [
        ([count("a", 4, 1, 254), write("a", 26)], Cycle(0, 254, 254)),
        ([count("a", 4, 1, 254)], Cycle(0, 1, 1)),
        ([count("a", 1, 0, 9, step=4), write("a", 22)], Cycle(0, 3, 3)),
        ([count("a", 1, 5, 9, step=5), write("a", 22)], Cycle(0, 1, 1)),
        (
            [
                count("a", 4, 1, 2**31, next_var="b"),
                count("b", 8, 1, 2**63, split_to_cores=False),
                write("a", 26),
                write("b", 50),
            ],
            Cycle(0, 2**94, 2**94),
        ),
        (
            [
                count("a", 1, 1, 10, next_var="b"),
                count("b", 1, 1, 7, split_to_cores=False),
                write("b", 22),
            ],
            Cycle(0, 70, 7),
        ),
        # The first write is overwritten, and only a checksum in between tells of it.
        (
            [count("a", 1, 0, 8), count("b", 1, 0, 3), write("a", 22), write("b", 22), IPV4],
            Cycle(0, 4, 4),
        ),
        (
            [count("a", 1, 0, 8), count("b", 1, 0, 3), write("a", 22), IPV4, write("b", 22)],
            Cycle(0, 36, 36),
        ),
        ([count("a", 1, 0, 9, op="random"), write("a", 22)], None),
    ],
)
def test_cases(instructions: list[dict[str, Any]], cycle: Cycle | None) -> None:
    found = Variation.of(parse_vm({"instructions": instructions}), TEMPLATES["udp"]).cycle()
    if cycle is None:
        assert (found.drawn, found.different, found.exact) == (True, 10, False)
    else:
        assert found == cycle


def test_a_cache_of_random_numbers_repeats() -> None:
    vm = {"instructions": [count("a", 1, 0, 9, op="random"), write("a", 22)], "cache": 5}
    assert Variation.of(parse_vm(vm), TEMPLATES["udp"]).cycle() == Cycle(0, 5, 5, exact=False)
