"""`Connection` for an event loop: one request, one reply, else a fresh socket."""

from __future__ import annotations

import asyncio
from socket import SOCK_STREAM

import zmq
import zmq.asyncio

from scapy_server.client.connection import ClientError, connect, endpoint, host_of, only_ipv6
from scapy_server.client.keys import ClientKeys


class AsyncConnection:
    """Sends a message and waits for its reply; the next one waits until that is done."""

    def __init__(self, server: str, timeout: float, keys: ClientKeys | None = None) -> None:
        self.endpoint = endpoint(server)
        self.timeout = timeout
        self._keys = keys
        self._context = zmq.asyncio.Context()
        self._socket: zmq.asyncio.Socket | None = None
        self._turn = asyncio.Lock()

    async def exchange(self, message: bytes) -> bytes:
        """The reply to a message; ClientError when none comes in time."""
        async with self._turn:
            socket, self._socket = self._socket or await self._connected(), None
            replied = False
            try:
                await socket.send(message)
                if not await socket.poll(max(0, round(1000 * self.timeout))):
                    raise ClientError.of_silence(self.endpoint, self.timeout)
                reply: bytes = await socket.recv()
                replied = True
            except zmq.ZMQError as error:
                raise ClientError.of_socket(self.endpoint, error) from error
            finally:
                if replied:
                    self._socket = socket
                else:
                    socket.close(linger=0)
            return reply

    async def close(self) -> None:
        """Close the connection; what was not sent yet is dropped."""
        async with self._turn:
            if self._socket is not None:
                self._socket.close(linger=0)
                self._socket = None
            self._context.term()

    async def _connected(self) -> zmq.asyncio.Socket:
        if self._context.closed:
            raise ClientError(None, "the client is closed")
        host = host_of(self.endpoint)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=SOCK_STREAM)
        except (OSError, UnicodeError):
            raise ClientError(None, f"there is no host {host!r}") from None
        socket = self._context.socket(zmq.REQ)
        connect(socket, self.endpoint, self.timeout, self._keys, ipv6=only_ipv6(found))
        return socket
