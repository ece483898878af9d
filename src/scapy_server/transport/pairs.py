"""Messages exchanged with programs that are connected to, one by one (PAIR).

What a program does not take in time is dropped for it, as on a network. The descriptor of a
socket is told of news once, so that all of them must be taken then.

Source: ZeroMQ RFC 31/EXPAIR, "The PAIR Socket Type"; zmq_getsockopt(3), "ZMQ_FD".
"""

from __future__ import annotations

import select
from collections.abc import Callable
from contextlib import suppress

import zmq

#: How many messages of a program are taken at once; the rest is taken in the next turn.
AT_ONCE = 256
#: How many messages wait for a program, and from it.
_WAITING = 1000


class Pairs:
    """Connections by number. `arrived` gets the messages of one, each of at most `most` bytes.

    Who sends a longer one is not heard any more.
    """

    def __init__(self, most: int, arrived: Callable[[int, list[bytes]], None]) -> None:
        self._most = most
        self._arrived = arrived
        self._poll = select.epoll()
        self._context: zmq.Context[zmq.Socket[bytes]] | None = None
        self._sockets: dict[int, zmq.Socket[bytes]] = {}
        self._left_some = False

    def fileno(self) -> int:
        """A descriptor that is readable when `turn` has something to do."""
        return self._poll.fileno()

    def connect(self, number: int, address: str, linger: float = 0.0) -> None:
        """Exchange messages with whoever is bound there, now or later; ZMQError if that is none.

        What is on its way when it is disconnected is sent for so many more seconds.
        """
        if self._context is None:
            self._context = zmq.Context()
        peer = self._context.socket(zmq.PAIR)
        peer.linger = int(1000 * linger)
        peer.sndhwm = peer.rcvhwm = _WAITING
        peer.maxmsgsize = self._most
        try:
            peer.connect(address)
        except zmq.ZMQError:
            peer.close()
            raise
        self._sockets[number] = peer
        self._poll.register(int(peer.fd), select.EPOLLIN)

    def disconnect(self, number: int) -> None:
        """Exchange no more."""
        peer = self._sockets.pop(number, None)
        if peer is not None:
            self._poll.unregister(int(peer.fd))
            peer.close()

    def send(self, number: int, message: bytes) -> bool:
        """Send a message, unless nobody is there or too many wait already; whether it is sent."""
        peer = self._sockets.get(number)
        if peer is None:
            return False
        try:
            peer.send(message, zmq.NOBLOCK)
        except zmq.Again:
            return False
        return True

    @property
    def unserved(self) -> bool:
        """Whether more messages have come than are taken at once."""
        return self._left_some

    def turn(self, now: float) -> None:
        """Take what has come."""
        self._left_some = False
        for number in list(self._sockets):
            messages = self._taken(self._sockets[number])
            self._left_some |= len(messages) == AT_ONCE
            if messages:
                self._arrived(number, messages)

    def tick(self, now: float) -> None:
        """Take what came while something was sent."""
        self.turn(now)

    @staticmethod
    def _taken(peer: zmq.Socket[bytes]) -> list[bytes]:
        messages: list[bytes] = []
        with suppress(zmq.Again):
            while len(messages) < AT_ONCE:
                messages.append(peer.recv(zmq.NOBLOCK))
        return messages

    def close(self) -> None:
        """Disconnect all."""
        for number in list(self._sockets):
            self.disconnect(number)
        self._poll.close()
        if self._context is not None:
            self._context.term()
