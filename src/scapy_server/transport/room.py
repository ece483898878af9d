"""How much a front holds in all of what clients have sent and have not read, and who gives way.

A message is held by the router while it comes, by the backend until it is answered, and its
reply by the router again until it is read. One bound is for all of it together: the larger of
both parts gives way, of that those who hold most.
"""

from __future__ import annotations

from scapy_server import limits
from scapy_server.transport.backend import Backend
from scapy_server.transport.router import Router

#: So many bytes more may have come before what is held is counted again.
_STEP = 16 * 1024 * 1024


class Room:
    """Counts what a router and a backend hold."""

    def __init__(self, router: Router, backend: Backend) -> None:
        self._router = router
        self._backend = backend
        self._taken = 0

    def look_once_filled(self) -> None:
        """As `look`, if enough has come since then to make a difference."""
        if self._router.taken_bytes - self._taken > _STEP:
            self.look()

    def look(self) -> None:
        """Let those who hold most give way, if it is too much in all."""
        self._taken = self._router.taken_bytes
        here, there = self._router.held_bytes, self._backend.held_bytes
        excess = here + there - limits.FRONT_BYTES
        if excess <= 0:
            return
        if there > here:
            excess -= self._backend.give_way(excess)
        if excess > 0:
            self._router.give_way(excess)
