"""Counters of ports and flows for Prometheus, over HTTP, in a thread that only reads."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from scapy_server.server.scrapes import Scrapes
from scapy_server.services.ports.control import Control
from scapy_server.services.ports.methods.statistics import port_counters, port_rates
from scapy_server.services.ports.plane.counters import FlowCounter, StreamCounter

_COUNTERS = {
    "sent": ("sent_packets", "Packets sent"),
    "sent_bytes": ("sent_bytes", "Bytes sent, with check sequence"),
    "received": ("received_packets", "Packets received"),
    "received_bytes": ("received_bytes", "Bytes received, with check sequence"),
    "send_errors": ("send_errors", "Packets that could not be sent"),
    "receive_errors": ("receive_errors", "Packets that were lost on receipt"),
    "late_nanoseconds": ("late_nanoseconds", "Time that was given up because of lateness"),
}
_RATES = {
    "tx_pps": "Packets sent a second, smoothed",
    "tx_bps": "Bits sent a second, smoothed",
    "rx_pps": "Packets received a second, smoothed",
    "rx_bps": "Bits received a second, smoothed",
}


class _Books(Collector):
    def __init__(self, control: Control) -> None:
        self._control = control

    def collect(self) -> Iterator[Metric]:
        ports = list(self._control.ports.values())
        for name, (metric, text) in _COUNTERS.items():
            counter = CounterMetricFamily(f"scapy_ports_{metric}", text, labels=["port"])
            for port in ports:
                value = port_counters(self._control, port)[name]
                counter.add_metric([str(port.number)], value)
            yield counter
        for name, text in _RATES.items():
            gauge = GaugeMetricFamily(f"scapy_ports_{name}", text, labels=["port"])
            for port in ports:
                gauge.add_metric([str(port.number)], port_rates(self._control, port)[name])
            yield gauge
        yield from self._flows()
        yield from self._streams()

    def _streams(self) -> Iterator[Metric]:
        for counter, name in (
            (StreamCounter.SENT, "packets"),
            (StreamCounter.SENT_BYTES, "bytes"),
        ):
            family = CounterMetricFamily(
                f"scapy_ports_stream_sent_{name}",
                f"{name.capitalize()} of a stream sent",
                labels=["port", "profile", "stream"],
            )
            for number, link in self._control.links.items():
                counted = link.counters.streams[list(link.numbers).index(number)]
                for stream, sent in self._control.ports[number].meters.counted(counted):
                    labels = [str(number), stream.profile, str(stream.stream)]
                    family.add_metric(labels, int(sent[counter]))
            yield family

    def _flows(self) -> Iterator[Metric]:
        groups = self._control.groups.places
        for counter, name in ((FlowCounter.SENT, "sent"), (FlowCounter.RECEIVED, "received")):
            family = CounterMetricFamily(
                f"scapy_ports_flow_{name}_packets", f"Packets {name}", labels=["pg_id", "port"]
            )
            for group, place in groups:
                for number, link in self._control.links.items():
                    row = list(link.numbers).index(number)
                    value = 0 if place is None else int(link.counters.flows[row, place, counter])
                    family.add_metric([str(group), str(number)], value)
            yield family


class PortsMetrics(Scrapes):
    """An HTTP server with the metrics; OSError when the port is not to be had."""

    def __init__(self, host: str, port: int, control: Control) -> None:
        super().__init__(host, port, _Books(control))
