"""One request, one reply, and a fresh socket after anything else."""

from __future__ import annotations

from collections.abc import Iterable
from socket import AF_INET6, SOCK_STREAM, getaddrinfo
from typing import Any

import zmq

from scapy_server.client.keys import ClientKeys
from scapy_server.release import DEFAULT_PORT


class ClientError(Exception):
    """A call that failed: `code` is that of the error reply, None when there was no reply."""

    def __init__(self, code: int | None, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @classmethod
    def of_silence(cls, endpoint: str, timeout: float) -> ClientError:
        """The error of a request that nobody answered."""
        return cls(
            None,
            f"no reply from {endpoint} within {timeout:g} seconds; "
            "is a Scapy server running there?",
        )

    @classmethod
    def of_socket(cls, endpoint: str, error: zmq.ZMQError) -> ClientError:
        """The error of a socket that failed."""
        return cls(None, f"cannot talk to {endpoint}: {error.strerror}")


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


def host_of(endpoint: str) -> str:
    """The host of an endpoint, without brackets."""
    return endpoint.removeprefix("tcp://").rpartition(":")[0].strip("[]")


def only_ipv6(found: Iterable[tuple[Any, ...]]) -> bool:
    """Whether a host has IPv6 addresses alone; with IPV6 set, ZeroMQ tries no other."""
    return all(family is AF_INET6 for family, *_ in found)


def connect(
    socket: zmq.Socket[Any], endpoint: str, timeout: float, keys: ClientKeys | None, *, ipv6: bool
) -> None:
    """Set up a socket and connect it; closes it and raises ClientError if it cannot be."""
    try:
        socket.setsockopt(zmq.IPV6, ipv6)
        socket.setsockopt(zmq.SNDTIMEO, max(0, round(1000 * timeout)))
        if keys is not None:
            socket.curve_serverkey = keys.server
            socket.curve_publickey = keys.public
            socket.curve_secretkey = keys.secret
        socket.connect(endpoint)
    except zmq.ZMQError as error:
        socket.close(linger=0)
        raise ClientError(None, f"cannot connect to {endpoint}: {error.strerror}") from error


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
                raise ClientError.of_silence(self.endpoint, self.timeout)
            reply = socket.recv()
            replied = True
        except zmq.ZMQError as error:
            raise ClientError.of_socket(self.endpoint, error) from error
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

    def _connected(self) -> zmq.Socket[bytes]:
        if self._context.closed:
            raise ClientError(None, "the client is closed")
        host = host_of(self.endpoint)
        try:
            found = getaddrinfo(host, None, type=SOCK_STREAM)
        except (OSError, UnicodeError):
            raise ClientError(None, f"there is no host {host!r}") from None
        socket = self._context.socket(zmq.REQ)
        connect(socket, self.endpoint, self.timeout, self._keys, ipv6=only_ipv6(found))
        return socket
