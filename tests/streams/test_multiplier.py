from __future__ import annotations

import math

import pytest

from scapy_server.errors import RefusedError
from scapy_server.streams.graph import RateGraph, rate_graph
from scapy_server.streams.members import Members
from scapy_server.streams.multiplier import Multiplier, quotient
from scapy_server.streams.refusals import StreamRefused
from tests.streams.support import FRAME, counted, packet, stream

ONE = stream(packet=packet(FRAME[:60]))
MEASURED = stream(
    2, packet=packet(FRAME.ljust(100, b"x")), flow_stats=counted(1, "latency"), self_start=True
)


def graph(*streams: object) -> RateGraph:
    return rate_graph([ONE, *streams], 1e10)  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("10%", 14880.95238),
        ("500pps", 5),
        ("2", 2),
        ("1mbps", 19.53125),
        ("1mbpsl1", 14.880952),
        ("0.5kpps", 5),
        ("100.005%", 148809.5238),
    ],
)
def test_factors_that_the_engine_answers(text: str, factor: float) -> None:
    assert Multiplier.of_text(text).factor(graph(), False) == pytest.approx(factor, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "factor"),
    [("1100pps", 10), ("1mbps", 17.90625), ("3", 3), ("100%", 148808.0476)],
)
def test_latency_streams_are_taken_off_first(text: str, factor: float) -> None:
    given = Multiplier.of_text(text).factor(graph(MEASURED), False)
    assert given == pytest.approx(factor, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("50pps", "current stream configuration enforces a minimum rate of '100' pps"),
        ("1kbpsl1", "current stream configuration enforces a minimum rate of '99200' BPS L1"),
        ("1kbps", "current stream configuration enforces a minimum rate of '83200' BPS L2"),
    ],
)
def test_less_than_the_latency_streams_send_is_refused(text: str, said: str) -> None:
    with pytest.raises(StreamRefused) as refusal:
        Multiplier.of_text(text).factor(graph(MEASURED), True)
    assert refusal.value.engine_text == said


def test_the_line_bounds_the_factor_unless_forced() -> None:
    over = Multiplier("percentage", 101)
    with pytest.raises(StreamRefused) as refusal:
        over.factor(graph(), False)
    text = "Expected L1 B/W: '10.1 Gbps' exceeds port line rate: '10 Gbps'"
    assert refusal.value.engine_text == text
    assert over.factor(graph(), True) == pytest.approx(150297.619)


def test_factors_after_updates() -> None:
    def updated(text: str, current: float, force: bool = False) -> float:
        return Multiplier.of_text(text).updated_factor(graph(), current, force)

    assert updated("2", 5) == 2
    assert updated("1+", 2) == 3
    assert updated("1-", 3) == 2
    assert updated("50%+", 2) == 3
    assert updated("50%-", 3) == 1.5
    assert updated("1000pps", 1.5) == 10
    assert updated("1000pps+", 10) == 20
    assert updated("1mbps", 20) == 19.53125
    assert updated("200%", 1, force=True) == pytest.approx(297619.0476)
    with pytest.raises(StreamRefused) as refusal:
        updated("3-", 3)
    said = "Update request will lower traffic to less than zero"
    assert refusal.value.engine_text == said
    with pytest.raises(StreamRefused, match="on a line of"):
        updated("200%", 1)


def test_what_sends_nothing_is_refused() -> None:
    nothing = rate_graph([stream(self_start=False)], 1e10)
    with pytest.raises(StreamRefused) as refusal:
        Multiplier().factor(nothing, True)
    assert refusal.value.engine_text.startswith("Effective bandwidth is zero")
    assert refusal.value.engine_text.endswith("bandwidth  0")
    with pytest.raises(StreamRefused) as refusal:
        Multiplier("raw", -1).factor(graph(), True)
    assert refusal.value.engine_text.endswith("-67200")
    with pytest.raises(StreamRefused) as refusal:
        Multiplier("raw", -0.5).factor(rate_graph([ONE, MEASURED], 1e10), True)
    assert refusal.value.engine_text == "Factor must be positive, got: -0.5"


@pytest.mark.parametrize(
    ("mul", "text"),
    [
        (Multiplier("pps", 0.0), "multiplier can't be zero"),
        (Multiplier("pps", 1.0, "add"), "start message can only specify absolute speed rate"),
        (Multiplier("pps", -1.0), "'value' has negative value."),
    ],
)
def test_starts_take_an_absolute_value_above_zero(mul: Multiplier, text: str) -> None:
    with pytest.raises(StreamRefused) as refusal:
        mul.check_start()
    assert refusal.value.engine_text == text
    assert refusal.value.parameter


def test_multipliers_are_read_from_json() -> None:
    raw = {"type": "bps", "op": "sub", "value": 3}
    assert Multiplier.of_json(Members(raw)) == Multiplier("bps", 3.0, "sub")
    with pytest.raises(StreamRefused) as refusal:
        Multiplier.of_json(Members(raw | {"type": "mbps"}))
    assert refusal.value.engine_text.startswith("field 'type' can only be one of ['raw' ,'bps' ,")


@pytest.mark.parametrize("text", ["", "x", "10k", "10k%", "-1", "1e3", "10 furlongs", "5mpp"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="a multiplier is a number"):
        Multiplier.of_text(text)


def test_division_by_zero_is_that_of_doubles() -> None:
    assert quotient(1, 0) == math.inf
    assert quotient(-1, 0) == -math.inf
    assert math.isnan(quotient(0, 0))
    assert quotient(1, 4) == 0.25
