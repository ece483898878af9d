"""Rates that are measured each half second."""

from __future__ import annotations

import pytest

from scapy_server.services.ports.plane.counters import Counter, Counters, FlowCounter, Rate
from scapy_server.services.ports.plane.rates import Rates

PLACE = 5


def steady(seconds: int = 20) -> tuple[Counters, Rates]:
    """100 packets of 64 bytes a second, sent by port 0 for a flow and received by port 1."""
    counters = Counters(2)
    rates = Rates(counters)
    for tick in range(2 * seconds):
        rates.tick(0.5 * tick)
        counters.ports[0, Counter.SENT] += 50
        counters.ports[0, Counter.SENT_BYTES] += 50 * 64
        counters.ports[1, Counter.RECEIVED] += 50
        counters.ports[1, Counter.RECEIVED_BYTES] += 50 * 64
        counters.flows[0, PLACE, FlowCounter.SENT] += 50
        counters.flows[0, PLACE, FlowCounter.SENT_BYTES] += 50 * 64
    return counters, rates


def test_packets_and_bits_a_second() -> None:
    counters, _ = steady()
    assert counters.rates[0, Rate.TX_PPS] == pytest.approx(100, rel=0.01)
    assert counters.rates[0, Rate.TX_BPS] == pytest.approx(100 * 64 * 8, rel=0.01)
    assert counters.rates[1, Rate.RX_PPS] == pytest.approx(100, rel=0.01)
    assert counters.rates[1, Rate.RX_BPS] == pytest.approx(100 * 64 * 8, rel=0.01)
    assert counters.rates[0, Rate.RX_PPS] == counters.rates[1, Rate.TX_PPS] == 0


def test_flows_have_rates_of_their_own() -> None:
    counters, _ = steady()
    flow = counters.flow_rates[0, PLACE]
    assert flow[FlowCounter.SENT] == pytest.approx(100, rel=0.05)
    assert flow[FlowCounter.SENT_BYTES] == pytest.approx(100 * 64 * 8, rel=0.05)
    assert not counters.flow_rates[0, PLACE + 1].any()


def test_a_flow_that_ended_has_no_rate_and_one_that_is_forgotten_no_count() -> None:
    counters, rates = steady()
    rates.stop(PLACE)
    assert not counters.flow_rates[:, PLACE].any()
    assert counters.flows[0, PLACE, FlowCounter.SENT] > 0
    rates.forget(PLACE)
    assert not counters.flows[:, PLACE].any()


def test_cleared_rates_begin_anew_and_counters_stay() -> None:
    counters, rates = steady()
    sent = int(counters.ports[0, Counter.SENT])
    rates.clear()
    assert not counters.rates.any()
    rates.tick(100.0)
    assert counters.rates[0, Rate.TX_PPS] == 0
    assert counters.ports[0, Counter.SENT] == sent
