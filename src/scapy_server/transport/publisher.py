"""Messages to whoever has subscribed, over a socket of its own (PUB).

A subscriber gets what begins with one of its prefixes, as long as it reads; what does not
fit is dropped for that subscriber alone.

Source: ZeroMQ RFC 29/PUBSUB, "The PUB Socket Type", "The XPUB Socket Type".
"""

from __future__ import annotations

from collections import Counter

from scapy_server import limits
from scapy_server.transport.router import Router, Undeliverable

SOCKET_TYPE = b"PUB"


class Publisher:
    """Subscriptions over a router that was made with `SOCKET_TYPE`."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._prefixes: dict[int, Counter[bytes]] = {}

    def fileno(self) -> int:
        """A descriptor that is readable when `turn` has something to do."""
        return self._router.fileno()

    @property
    def unserved(self) -> bool:
        """As `Router.unserved`."""
        return self._router.unserved

    def turn(self, now: float) -> None:
        """See to subscribers that come, subscribe and go."""
        for received in self._router.turn(now):
            self._obey(received.connection.number, received.frames[0])
        self._forget_departed()

    def tick(self, now: float) -> None:
        """As `Router.tick`."""
        self._router.tick(now)
        self._forget_departed()

    def publish(self, frames: list[bytes]) -> int:
        """Send a message to its subscribers; how many got it."""
        sent = 0
        for number, prefixes in list(self._prefixes.items()):
            if any(frames[0].startswith(prefix) for prefix in prefixes):
                try:
                    self._router.send(number, frames)
                    sent += 1
                except Undeliverable:
                    continue
        return sent

    def close(self, patience: float = 0.0) -> None:
        """As `Router.close`."""
        self._router.close(patience)

    def _forget_departed(self) -> None:
        for _, number in self._router.departed():
            self._prefixes.pop(number, None)

    def _obey(self, number: int, message: bytes) -> None:
        """A subscription is a byte 1 and the prefix, its end a byte 0 and the prefix."""
        kind, prefix = message[:1], message[1:]
        prefixes = self._prefixes.setdefault(number, Counter())
        if kind == b"\x01" and len(prefixes) < limits.SUBSCRIPTIONS_OF_A_CLIENT:
            prefixes[prefix] += 1
        elif kind == b"\x00" and prefixes[prefix] > 1:
            prefixes[prefix] -= 1
        elif kind == b"\x00":
            del prefixes[prefix]
        if not prefixes:
            del self._prefixes[number]
