"""Rings for all sessions when there is something to fetch: two bytes on a socket of its own."""

from __future__ import annotations

from scapy_server.services.ports.control import Control
from scapy_server.transport.publisher import Publisher

_RING = b"{}"


class Doorbell:
    """A part of the front's loop."""

    def __init__(self, publisher: Publisher, control: Control) -> None:
        self._publisher = publisher
        self._control = control
        self._rung = (0, 0)

    def fileno(self) -> int:
        return self._publisher.fileno()

    @property
    def unserved(self) -> bool:
        return self._publisher.unserved

    def turn(self, now: float) -> None:
        self._publisher.turn(now)

    def tick(self, now: float) -> None:
        self._publisher.tick(now)

    def ring(self) -> None:
        """Ring if something has happened since it was rung last."""
        news = (self._control.events.count, self._control.doorbells)
        if news != self._rung:
            self._rung = news
            self._publisher.publish([_RING])
