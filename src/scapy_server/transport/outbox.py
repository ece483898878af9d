"""Replies on their way out, bounded for clients that do not read them."""

from __future__ import annotations

from collections import Counter, deque

import zmq

from scapy_server import limits
from scapy_server.transport.framing import Message

#: Smaller replies are copied by ZeroMQ; their number is bounded by its high-water mark.
LARGE = 64 * 1024

_NOW = int(zmq.NOBLOCK)
_MORE = int(zmq.NOBLOCK | zmq.SNDMORE)


class Undeliverable(Exception):
    """A reply was dropped; `kind` is why, in few words that can be counted."""

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(problem)
        self.kind = kind


class Outbox:
    """Sends replies by a ROUTER socket and never waits.

    ZeroMQ keeps what a client has not read yet. It bounds the number of these replies; the
    bytes of the large ones are counted here, until ZeroMQ says that it is done with them.
    """

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self._socket = socket
        self._sent: deque[tuple[bytes, int, zmq.MessageTracker]] = deque()
        self._unread: Counter[bytes] = Counter()

    def send(self, message: Message, reply: bytes) -> None:
        """Send the reply to a message; Undeliverable when its client is gone or too slow."""
        client = message.envelope[0]
        large = len(reply) >= LARGE
        if large:
            self._check(client, len(reply))
        try:
            for frame in message.envelope:
                self._socket.send(frame, _MORE)
            tracker = self._socket.send(reply, _NOW, copy=not large, track=large)
        except zmq.Again:
            raise Undeliverable("unread", "the client does not read its replies") from None
        except zmq.ZMQError as error:
            gone = error.errno == zmq.EHOSTUNREACH
            problem = "the client is gone" if gone else zmq.strerror(error.errno or 0)
            raise Undeliverable("gone" if gone else "failed", problem) from None
        if large:
            assert tracker is not None
            self._sent.append((client, len(reply), tracker))
            self._unread[client] += len(reply)

    @property
    def unread_bytes(self) -> int:
        """The size of all large replies that have not been read yet."""
        self._forget_read()
        return self._unread.total()

    def _check(self, client: bytes, size: int) -> None:
        self._forget_read()
        own = self._unread[client]
        if own and own + size > limits.UNREAD_BYTES_OF_A_CLIENT:
            raise Undeliverable("unread", f"the client has not read {own} bytes of its replies")
        if own + size > limits.UNREAD_BYTES - self._unread.total() + own:
            raise Undeliverable("unread", "clients have not read too many bytes of their replies")

    def _forget_read(self) -> None:
        left = deque[tuple[bytes, int, zmq.MessageTracker]]()
        for client, size, tracker in self._sent:
            if not tracker.done:
                left.append((client, size, tracker))
                continue
            self._unread[client] -= size
            if not self._unread[client]:
                del self._unread[client]
        self._sent = left
