"""`Connection` for an event loop: one request, one reply, else a fresh socket."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from socket import SOCK_STREAM

import zmq
import zmq.asyncio

from scapy_server.client.connection import ATTEMPTS, PAUSE, ClientError, Conversation, host_of
from scapy_server.client.keys import ClientKeys


@dataclass(frozen=True)
class _Link:
    """A socket, and one that tells when its connection has ended."""

    socket: zmq.asyncio.Socket
    monitor: zmq.asyncio.Socket

    async def forget_events(self) -> None:
        """What ended before is made up for by the socket itself."""
        while await self.monitor.poll(0):
            await self.monitor.recv_multipart()

    async def wait(self, seconds: float) -> zmq.asyncio.Socket | None:
        """The one of the two that has something, the reply first; None if none has in time."""
        poller = zmq.asyncio.Poller()
        for each in (self.socket, self.monitor):
            poller.register(each, zmq.POLLIN)
        ready = dict(await poller.poll(max(0, round(1000 * seconds))))
        return next((each for each in (self.socket, self.monitor) if each in ready), None)

    def close(self) -> None:
        self.socket.disable_monitor()
        self.monitor.close(linger=0)
        self.socket.close(linger=0)


class AsyncConnection(Conversation):
    """Sends a message and waits for its reply; the next one waits until that is done.

    As with `Connection`, what may be repeated is sent again when the connection is lost.
    """

    def __init__(self, server: str, timeout: float, keys: ClientKeys | None = None) -> None:
        super().__init__(server, timeout, keys)
        self._context = zmq.asyncio.Context()
        self._link: _Link | None = None
        self._turn = asyncio.Lock()

    async def exchange(self, message: bytes, repeatable: bool = False) -> bytes:
        """The reply to a message; ClientError when none comes in time.

        If the connection is lost, a `repeatable` message is sent again, a few times.
        """
        async with self._turn:
            end = time.monotonic() + self.timeout
            for attempt in range(ATTEMPTS if repeatable else 1):
                await asyncio.sleep(min(PAUSE * attempt, max(0.0, end - time.monotonic())))
                try:
                    reply = await self._attempt(message, end)
                except zmq.ZMQError as error:
                    raise ClientError.of_socket(self.endpoint, error) from error
                if reply is not None:
                    return reply
            raise ClientError.of_loss(self.endpoint)

    async def _attempt(self, message: bytes, end: float) -> bytes | None:
        """The reply, or None if the connection ended before one came."""
        link, self._link = self._link or await self._connected(), None
        replied = False
        try:
            await link.forget_events()
            await link.socket.send(message)
            found = await link.wait(end - time.monotonic())
            if found is None:
                raise ClientError.of_silence(self.endpoint, self.timeout)
            if found is link.monitor:
                self._check_refused(await link.monitor.recv_multipart())
                return None
            reply: bytes = await link.socket.recv()
            replied = self._was_connected = True
            return reply
        finally:
            if replied:
                self._link = link
            else:
                link.close()

    async def close(self) -> None:
        """Close the connection; what was not sent yet is dropped."""
        async with self._turn:
            if self._link is not None:
                self._link.close()
                self._link = None
            self._context.term()

    async def _connected(self) -> _Link:
        if self._context.closed:
            raise ClientError(None, "the client is closed")
        host = host_of(self.endpoint)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=SOCK_STREAM)
        except (OSError, UnicodeError):
            raise ClientError(None, f"there is no host {host!r}") from None
        return _Link(*self._opened(self._context, found))
