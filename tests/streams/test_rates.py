from __future__ import annotations

from typing import Any

import pytest

from scapy_server.streams.rates import Rates, expected_length, mean_draw, rates_of
from tests.streams.support import FRAME, continuous, packet, stream

LINE = 1e10
SHORT = packet(FRAME[:60])


@pytest.mark.parametrize(
    ("value", "unit", "rates"),
    [
        (100, "pps", (100, 51200, 67200)),
        (1e6, "bps_L1", (1488.0952, 761904.76, 1e6)),
        (1e6, "bps_L2", (1953.125, 1e6, 1312500)),
        (10, "percentage", (1488095.238, 761904761.9, 1e9)),
    ],
)
def test_units_as_the_engine_answers_them(
    value: float, unit: str, rates: tuple[float, float, float]
) -> None:
    own = rates_of(stream(mode=continuous(value, unit), packet=SHORT), LINE)
    assert own == pytest.approx(rates, rel=1e-7)


def trimmed(op: str = "inc", length: int = 300, **changes: Any) -> float:
    variable = {
        "type": "flow_var",
        "name": "n",
        "size": 2,
        "op": op,
        "step": 1,
        "init_value": 64,
        "min_value": 64,
        "max_value": 300,
    } | changes
    vm = {"instructions": [variable, {"type": "trim_pkt_size", "name": "n"}]}
    made = stream(packet=packet(FRAME.ljust(length, b"x")), vm=vm)
    return expected_length(made.program, length)


def test_the_expected_length_of_packets_that_are_cut() -> None:
    assert trimmed() == 182.0
    assert trimmed(length=100) == 82.0
    assert trimmed(min_value=10, init_value=60) == 180.0
    assert trimmed(op="dec", step=100) == 180.0
    assert trimmed(op="random") == 64 + 118.3189
    assert trimmed(value_list=[60, 61, 300]) == (60 + 61 + 300) / 3
    assert mean_draw(236) == 118.3189


def test_rates_add_up() -> None:
    one, two = Rates(1, 2, 3), Rates(3, 2, 1)
    assert one.plus(two) == Rates(4, 4, 4)
    assert one.peak(two) == Rates(3, 2, 3)
    assert one.times(2) == Rates(2, 4, 6)
