"""A port that leads nowhere: what is sent is counted and gone."""

from __future__ import annotations

from scapy_server.services.ports.plane.batch import EMPTY, Batch
from scapy_server.services.ports.plane.line import Deaf


class Null(Deaf):
    """Takes everything, gives nothing."""

    def send(self, batch: Batch) -> int:
        return 0

    def receive(self, now: float) -> Batch:
        return EMPTY
