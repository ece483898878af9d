"""What Prometheus scrapes of ports."""

from __future__ import annotations

import socket

import pytest

from scapy_server.server.ports.metrics import PortsMetrics
from scapy_server.services.ports.plane.counters import Rate
from tests.server.test_metrics import scrape
from tests.services.ports.rig import Rig, burst, counted, frame, stream


def test_counters_rates_and_flows() -> None:
    rig = Rig()
    rig.acquire()
    rig.add(1, stream(burst(100), flow_stats=counted(7)))
    rig.start()
    rig.run_to(1.0)
    rig.link.counters.rates[1, Rate.RX_PPS] = 12.5
    metrics = PortsMetrics("127.0.0.1", 0, rig.control)
    found = scrape(metrics.port)
    assert found["scapy_ports_sent_packets_total"] == {"port=0": 100, "port=1": 0}
    assert found["scapy_ports_received_bytes_total"] == {"port=0": 0, "port=1": 6400}
    assert found["scapy_ports_rx_pps"]["port=1"] == 12.5
    assert found["scapy_ports_flow_sent_packets_total"] == {
        "pg_id=7,port=0": 100,
        "pg_id=7,port=1": 0,
    }
    assert found["scapy_ports_flow_received_packets_total"]["pg_id=7,port=1"] == 100
    metrics.close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", metrics.port), 5)


def test_streams_are_counted_one_by_one() -> None:
    rig = Rig()
    rig.acquire()
    rig.add(1, stream(burst(100)))
    rig.add(2, stream(burst(30), frame(100)))
    rig.add(1, stream(burst(5)), profile="red")
    rig.start()
    rig.start(profile="red")
    rig.run_to(1.0)
    rig.call("remove_all_streams", port_id=0, profile_id="red")
    rig.add(7, stream(burst(3)), profile="red")
    rig.start(profile="red")
    rig.run_to(2.0)
    metrics = PortsMetrics("127.0.0.1", 0, rig.control)
    found = scrape(metrics.port)
    metrics.close()
    assert found["scapy_ports_stream_sent_packets_total"] == {
        "port=0,profile=_,stream=1": 100,
        "port=0,profile=_,stream=2": 30,
        "port=0,profile=red,stream=7": 3,
    }
    assert found["scapy_ports_stream_sent_bytes_total"]["port=0,profile=_,stream=2"] == 3120


def test_a_group_that_was_not_started_has_counted_nothing() -> None:
    rig = Rig()
    rig.acquire()
    rig.add(1, stream(burst(100), flow_stats=counted(7)))
    metrics = PortsMetrics("127.0.0.1", 0, rig.control)
    found = scrape(metrics.port)
    metrics.close()
    assert set(found["scapy_ports_flow_sent_packets_total"].values()) == {0}


def test_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        PortsMetrics("127.0.0.1", taken.getsockname()[1], Rig().control)
