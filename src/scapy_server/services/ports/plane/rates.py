"""The smoothed rates of ports and flows, measured each half second."""

from __future__ import annotations

import numpy as np

from scapy_server.services.ports.plane.counters import Counter, Counters, FlowCounter, Rate
from scapy_server.services.ports.statistics.meter import FlowMeters, Meter

_BITS = 8
#: What is measured for a port, and in which unit.
_MEASURED = {
    Rate.TX_PPS: (Counter.SENT, 1),
    Rate.TX_BPS: (Counter.SENT_BYTES, _BITS),
    Rate.RX_PPS: (Counter.RECEIVED, 1),
    Rate.RX_BPS: (Counter.RECEIVED_BYTES, _BITS),
}


class Rates:
    """Keeps the rates in the counters up to date."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._meters = [{rate: Meter() for rate in Rate} for _ in counters.ports]
        self._flows = FlowMeters(counters.flows.shape)

    def tick(self, now: float) -> None:
        """Half a second is over."""
        for port, meters in enumerate(self._meters):
            for rate, meter in meters.items():
                counter, unit = _MEASURED[rate]
                counted = float(self._counters.ports[port, counter]) * unit
                self._counters.rates[port, rate] = meter.update(counted, now)
        self._counters.flow_rates[:] = self._flows.update(self._counters.flows, now)
        self._counters.flow_rates[..., FlowCounter.SENT_BYTES] *= _BITS
        self._counters.flow_rates[..., FlowCounter.RECEIVED_BYTES] *= _BITS

    def forget(self, place: int) -> None:
        """A flow has a new user: count from 0."""
        self._counters.flows[:, place] = 0
        self.stop(place)

    def stop(self, place: int) -> None:
        """A flow has ended."""
        self._flows.stop(place, self._counters.flows[:, place])
        self._counters.flow_rates[:, place] = 0

    def clear(self) -> None:
        """Nothing is sent any more."""
        self._counters.rates[:] = 0
        self._counters.flow_rates[:] = 0
        self._meters = [{rate: Meter() for rate in Rate} for _ in self._counters.ports]
        self._flows = FlowMeters(self._counters.flows.shape, np.copy(self._counters.flows))
