"""One request, one reply, and a fresh socket after anything else."""

from __future__ import annotations

from socket import AF_INET6, SOCK_STREAM, getaddrinfo

import zmq

from scapy_server.client.keys import ClientKeys
from scapy_server.release import DEFAULT_PORT


class ClientError(Exception):
    """A call that failed: `code` is that of the error reply, None when there was no reply."""

    def __init__(self, code: int | None, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def endpoint(server: str) -> str:
    """The ZeroMQ endpoint of `host`, `host:port`, `[IPv6 address]:port` or `tcp://…`.

    Raises ValueError for anything else.
    """
    place = server.removeprefix("tcp://")
    host, colon, port = place.rpartition(":")
    if not colon or place.endswith("]") or (":" in host and not host.startswith("[")):
        host, port = place, str(DEFAULT_PORT)
    host = host.removeprefix("[").removesuffix("]")
    if not host or not host.isprintable() or set(host) & set(" /[];"):
        raise ValueError(f"{server!r} is not host:port")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"{server!r} has no port from 1 to 65535")
    return f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"


class Connection:
    """Sends a message and waits for its reply.

    A REQ socket that missed a reply is of no use any more, so it is closed and the next
    request opens a new one; a late reply to an earlier request is never taken for another.
    """

    def __init__(self, server: str, timeout: float, keys: ClientKeys | None = None) -> None:
        self.endpoint = endpoint(server)
        self.timeout = timeout
        self._keys = keys
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket: zmq.Socket[bytes] | None = None

    def exchange(self, message: bytes) -> bytes:
        """The reply to a message; ClientError when none comes in time."""
        socket, self._socket = self._socket or self._connected(), None
        replied = False
        try:
            socket.send(message)
            if not socket.poll(max(0, round(1000 * self.timeout))):
                raise ClientError(
                    None,
                    f"no reply from {self.endpoint} within {self.timeout:g} seconds; "
                    "is a Scapy server running there?",
                )
            reply = socket.recv()
            replied = True
        except zmq.ZMQError as error:
            raise ClientError(None, f"cannot talk to {self.endpoint}: {error.strerror}") from error
        finally:
            if replied:
                self._socket = socket
            else:
                socket.close(linger=0)
        return reply

    def close(self) -> None:
        """Close the connection; what was not sent yet is dropped."""
        if self._socket is not None:
            self._socket.close(linger=0)
            self._socket = None
        self._context.term()

    def _needs_ipv6(self) -> bool:
        """Whether the host has IPv6 addresses alone; with IPV6 set, ZeroMQ tries no other."""
        host = self.endpoint.removeprefix("tcp://").rpartition(":")[0].strip("[]")
        try:
            found = getaddrinfo(host, None, type=SOCK_STREAM)
        except (OSError, UnicodeError):
            raise ClientError(None, f"there is no host {host!r}") from None
        return all(family is AF_INET6 for family, *_ in found)

    def _connected(self) -> zmq.Socket[bytes]:
        if self._context.closed:
            raise ClientError(None, "the client is closed")
        ipv6 = self._needs_ipv6()
        socket = self._context.socket(zmq.REQ)
        try:
            socket.setsockopt(zmq.IPV6, ipv6)
            socket.setsockopt(zmq.SNDTIMEO, max(0, round(1000 * self.timeout)))
            if self._keys is not None:
                socket.curve_serverkey = self._keys.server
                socket.curve_publickey = self._keys.public
                socket.curve_secretkey = self._keys.secret
            socket.connect(self.endpoint)
        except zmq.ZMQError as error:
            socket.close(linger=0)
            reason = f"cannot connect to {self.endpoint}: {error.strerror}"
            raise ClientError(None, reason) from error
        return socket
