"""Programs with which ports exchange frames, if the operator has said where they may be."""

from __future__ import annotations

from scapy_server.server.ports.places import Places
from scapy_server.transport.pairs import Pairs


class CapturePorts:
    """Connections to programs, for the control plane."""

    def __init__(self, places: Places, pairs: Pairs) -> None:
        self._places, self._pairs = places, pairs

    def allows(self, endpoint: str) -> bool:
        return self._places.allows(endpoint)

    def open(self, port: int, endpoint: str) -> None:
        self._pairs.connect(port, endpoint)

    def close(self, port: int) -> None:
        self._pairs.disconnect(port)

    def hand(self, port: int, frame: bytes) -> None:
        self._pairs.send(port, frame)
