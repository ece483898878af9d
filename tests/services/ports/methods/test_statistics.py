"""What ports have sent and received, as clients read it."""

from __future__ import annotations

import pytest

from scapy_server.services.ports.methods.statistics import EXTENDED, port_counters, port_rates
from scapy_server.services.ports.plane.counters import Counter, Rate
from tests.services.ports.rig import Rig, burst, stream


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.acquire()
    rig.add(1, stream(burst(100)))
    rig.start()
    rig.run_to(1.0)
    return rig


def test_a_port_counts_what_it_sends_and_receives(rig: Rig) -> None:
    sent, received = rig.call("get_port_stats", port_id=0), rig.call("get_port_stats", port_id=1)
    assert (sent["opackets"], sent["obytes"], sent["ipackets"]) == (100, 6400, 0)
    assert (received["ipackets"], received["ibytes"], received["opackets"]) == (100, 6400, 0)
    assert sent["oerrors"] == received["ierrors"] == 0


def test_counters_and_rates_have_names(rig: Rig) -> None:
    port = rig.control.ports[1]
    assert port_counters(rig.control, port)["received_bytes"] == 6400
    rig.link.counters.rates[1] = 0
    rig.link.counters.rates[1, Rate.RX_PPS] = 12.5
    assert port_rates(rig.control, port) == {"tx_pps": 0, "tx_bps": 0, "rx_pps": 12.5, "rx_bps": 0}


def test_all_ports_together(rig: Rig) -> None:
    told = rig.call("get_global_stats")
    assert (told["m_total_tx_pkts"], told["m_total_rx_pkts"]) == (100, 100)
    assert (told["m_total_tx_bytes"], told["m_total_rx_bytes"]) == (6400, 6400)
    assert told["m_active_flows"] == 0


@pytest.mark.parametrize(("received", "dropped"), [(950.0, 0.0), (800.0, 200.0)])
def test_a_small_difference_is_no_drop(rig: Rig, received: float, dropped: float) -> None:
    rates = rig.link.counters.rates
    rates[0, Rate.TX_BPS], rates[1, Rate.RX_BPS] = 1000.0, received
    told = rig.call("get_global_stats")
    assert (told["m_tx_bps"], told["m_rx_bps"]) == (1000.0, received)
    assert told["m_rx_drop_bps"] == dropped


def test_extended_statistics_come_in_the_order_of_their_names(rig: Rig) -> None:
    rig.link.counters.ports[0, Counter.WORST_NANOSECONDS] = 77
    names = rig.call("get_port_xstats_names", port_id=0)["xstats_names"]
    values = rig.call("get_port_xstats_values", port_id=0)["xstats_values"]
    found = dict(zip(names, values, strict=True))
    assert list(found) == list(EXTENDED)
    assert found["rx_errors"] == found["rx_mbuf_allocation_errors"] == 0
    assert (found["tx_good_packets"], found["tx_worst_late_nanoseconds"]) == (100, 77)


def test_a_data_plane_is_a_core_with_two_ports(rig: Rig) -> None:
    rig.link.counters.loads[:] = [42.0, 7.0, *[0.0] * 18]
    (core,) = rig.call("get_utilization")["cpu"]
    assert core["ports"] == [0, 1]
    assert core["history"] == [42, 7, *[0] * 18]
    assert rig.call("get_port_stats", port_id=1)["m_cpu_util"] == 42.0
