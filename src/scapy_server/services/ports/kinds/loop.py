"""Two ports that are wired to each other."""

from __future__ import annotations

from scapy_server.services.ports.plane.batch import Batch
from scapy_server.services.ports.plane.line import Deaf
from scapy_server.services.ports.wire.impairments import Impairments
from scapy_server.services.ports.wire.wire import Wire


class LoopEnd(Deaf):
    """One end: what it sends goes into one wire, what arrives comes out of the other."""

    def __init__(self, outward: Wire, inward: Wire) -> None:
        self._outward, self._inward = outward, inward

    @property
    def next_time(self) -> float:  # type: ignore[override]
        """When the next packet arrives."""
        return self._inward.next_time

    @property
    def lost(self) -> int:  # type: ignore[override]
        """How many packets of this port the wire has lost."""
        return self._outward.lost

    def send(self, batch: Batch) -> int:
        self._outward.put(batch)
        return 0

    def receive(self, now: float) -> Batch:
        return self._inward.take(now)


def loop(impairments: Impairments, seed: int) -> tuple[LoopEnd, LoopEnd]:
    """The two ends of a loop."""
    there, back = Wire(impairments, 2 * seed), Wire(impairments, 2 * seed + 1)
    return LoopEnd(there, back), LoopEnd(back, there)
