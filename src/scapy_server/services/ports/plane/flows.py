"""Which flow a packet that has arrived belongs to, and what is remembered of latency flows."""

from __future__ import annotations

from typing import Any

import numpy as np

from scapy_server.services.ports.frames import stamps
from scapy_server.services.ports.frames.headers import identification, inner_frame, read_headers
from scapy_server.services.ports.plane.batch import Batch, Numbers
from scapy_server.services.ports.plane.counters import BASE, FLOWS, LATENCY_FLOWS
from scapy_server.services.ports.statistics.latency import Latency
from scapy_server.services.ports.statistics.sequences import Sequence, Strangers

#: The place of what belongs to no flow.
NONE = -1
_IPV4_ID = 18  # of a frame without VLAN tags


class LatencyFlow:
    """The receiving end of one latency flow."""

    def __init__(self) -> None:
        self.sequence = Sequence()
        self.latency = Latency()

    def told(self) -> dict[str, Any]:
        """What clients read."""
        told: dict[str, Any] = {"lat": self.latency.told()}
        errors = self.sequence.errors.found()
        if errors:
            told["er"] = errors
        return told


class Flows:
    """Knows the flows of all ports of a data plane; `base` is the mark of the first."""

    def __init__(self, base: int = BASE) -> None:
        self._base = base
        self._latency = [LatencyFlow() for _ in range(LATENCY_FLOWS)]
        self.strangers = Strangers()

    def of_frame(self, frame: bytes, vxlan: tuple[int, ...] = ()) -> int:
        """The place that a frame's mark names; NONE without one. Stamps are not looked at."""
        headers = read_headers(frame)
        if vxlan and headers.protocol == 17:
            port = int.from_bytes(frame[headers.transport + 2 : headers.transport + 4], "big")
            inner = inner_frame(headers)
            if port in vxlan and inner is not None:
                headers = read_headers(frame, inner)
        number = identification(frame, headers)
        if number is None or not self._base <= number < self._base + FLOWS:
            return NONE
        return number - self._base

    def of_batch(self, batch: Batch, vxlan: tuple[int, ...]) -> Numbers:
        """The places of packets whose bytes must be looked at, latency being counted."""
        rows, lengths = batch.rows, batch.lengths
        count = len(batch)
        places = np.full(count, NONE, np.int64)
        if rows.shape[1] < 34:
            return places
        magic = rows[np.arange(count), np.maximum(lengths - stamps.BYTES, 0)] == stamps.MAGIC
        plain = (rows[:, 12] == 8) & (rows[:, 13] == 0) & (rows[:, 14] == 0x45)
        if vxlan:
            plain &= rows[:, 23] != 17
        numbers = rows[:, _IPV4_ID].astype(np.int64) << 8 | rows[:, _IPV4_ID + 1]
        ours = plain & (numbers >= self._base) & (numbers < self._base + FLOWS)
        places[ours] = numbers[ours] - self._base
        arrivals = batch.times if batch.arrivals is None else batch.arrivals
        for index in np.flatnonzero(magic | ~plain).tolist():
            frame = batch.frame(index)
            place = self._stamped(frame, float(arrivals[index])) if magic[index] else None
            places[index] = self.of_frame(frame, vxlan) if place is None else place
        return places

    def _stamped(self, frame: bytes, arrival: float) -> int | None:
        """Count a latency packet: its place, NONE for a stranger, None for what is none."""
        now = round(arrival * 1e9)
        stamp = stamps.read(frame, LATENCY_FLOWS, now)
        if stamp is None:
            return None
        flow = self._latency[stamp.flow]
        if not flow.sequence.accept(stamp, self.strangers):
            return NONE
        flow.latency.add(max(now - stamp.sent, 0) / 1e9)
        return FLOWS + stamp.flow

    def restart(self, place: int, forget: bool) -> None:
        """A latency flow begins anew, with another generation."""
        if place >= FLOWS:
            flow = self._latency[place - FLOWS]
            renewed = flow.sequence.renewed(forget)
            if forget:
                flow = self._latency[place - FLOWS] = LatencyFlow()
            flow.sequence = renewed

    def told(self, place: int) -> dict[str, Any]:
        """What clients read of a latency flow."""
        return self._latency[place - FLOWS].told()

    def tick(self) -> None:
        """Half a second is over."""
        for flow in self._latency:
            flow.latency.tick()
