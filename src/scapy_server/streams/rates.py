"""How fast a stream is, in packets and in bits of layers 2 and 1.

All arithmetic is that of the engine: doubles, in its order of operations.

Source: docs/profiles.md, "Rates".
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from scapy_server.engine.bounds import PADDED_FRAME_BYTES
from scapy_server.engine.variables.draws import Stride, raw_values, state_after
from scapy_server.engine.vm import FlowVar, Trim, Vm
from scapy_server.streams.stream import Stream

FRAME_CHECK_BYTES = 4
#: Preamble and the gap between frames.
LAYER_1_BYTES = 20
#: How many random lengths the engine averages, from generator state 1 on.
AVERAGED_DRAWS = 10_000


class Rates(NamedTuple):
    """Packets and bits a second; `l2` counts the frame check sequence, `l1` the line as well."""

    pps: float = 0.0
    l2: float = 0.0
    l1: float = 0.0

    def plus(self, other: Rates) -> Rates:
        """Both together."""
        return Rates(self.pps + other.pps, self.l2 + other.l2, self.l1 + other.l1)

    def times(self, factor: float) -> Rates:
        """So many times as fast."""
        return Rates(self.pps * factor, self.l2 * factor, self.l1 * factor)

    def peak(self, other: Rates) -> Rates:
        """The larger of each."""
        return Rates(*map(max, self, other))


def rates_of(stream: Stream, line: float) -> Rates:
    """The stream's own rates on a line of so many bits a second."""
    size = expected_length(stream.program, len(stream.template)) + FRAME_CHECK_BYTES
    whole = size + LAYER_1_BYTES
    unit, value = stream.rate.unit, stream.rate.value
    if unit == "pps":
        return Rates(value, value * size * 8, value * whole * 8)
    if unit == "bps_L2":
        return Rates(value / (8 * size), value, value * (whole / size))
    l1 = (value / 100) * line if unit == "percentage" else value
    l2 = l1 * (size / whole)
    return Rates(l2 / (8 * size), l2, l1)


def expected_length(program: Vm, length: int) -> float:
    """The mean length that the engine expects of packets cut from one of `length` bytes."""
    trims = [item.name for item in program.instructions if isinstance(item, Trim)]
    cut = next(
        (
            item
            for item in program.instructions
            if isinstance(item, FlowVar) and trims and item.name == trims[-1]
        ),
        None,
    )
    if cut is None:
        return float(length)
    if cut.value_list:
        return sum(cut.value_list) / len(cut.value_list)
    low, high = cut.padded_range
    low, high = max(min(low, length), PADDED_FRAME_BYTES), min(high, length)
    if cut.op == "random":
        return low + mean_draw(max(high - low, 0))
    return (low + high) / 2


@lru_cache(maxsize=1024)
def mean_draw(largest: int) -> float:
    """The average of the engine's draws from 0 to `largest`."""
    states = Stride(1).states(state_after(1, 1), AVERAGED_DRAWS)
    return int((raw_values(states, 2) % (largest + 1)).sum()) / AVERAGED_DRAWS
