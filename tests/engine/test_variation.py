"""What is said of a program's packets, against the packets."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.engine import Renderer
from scapy_server.engine.bits import span
from scapy_server.engine.cycles import Cycle, cycle_of
from scapy_server.engine.variation import Variation
from scapy_server.engine.vm import parse_vm
from tests.engine.programs import streams

#: Of streams that take longer to repeat, this many packets are looked at.
LOOKED_AT = 5000


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


@given(streams())
def test_the_values_of_a_variable(stream: dict[str, Any]) -> None:
    variation = Variation.of(parse_vm(stream["vm"]), stream["template"])
    core = variation._core
    for name in variation.names:
        ...
