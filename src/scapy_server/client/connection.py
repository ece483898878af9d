"""One request, one reply, and a fresh socket after anything else."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from socket import AF_INET6, SOCK_STREAM, getaddrinfo
from typing import Any

import zmq
from zmq.utils.monitor import parse_monitor_message

from scapy_server.client.keys import ClientKeys
from scapy_server.release import DEFAULT_PORT

ATTEMPTS = 5  # to send what may be repeated
#: What a monitor tells of: a connection that ended, and one that was never made.
ENDS = zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED
PAUSE = 0.1  # seconds, longer after each attempt


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
    def of_refusal(cls, endpoint: str) -> ClientError:
        """The error of a server that is not there to be connected to."""
        return cls(None, f"nobody listens on {endpoint}; is a Scapy server running there?")

    @classmethod
    def of_loss(cls, endpoint: str) -> ClientError:
        """The error of a request whose connection ended before the reply."""
        return cls(None, f"the server at {endpoint} ended the connection")

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


@dataclass(frozen=True)
class _Link:
    """A socket, and one that tells when its connection has ended."""

    socket: zmq.Socket[bytes]
    monitor: zmq.Socket[bytes]

    def forget_events(self) -> None:
        """What ended before is made up for by the socket itself."""
        while self.monitor.poll(0):
            self.monitor.recv_multipart()

    def wait(self, seconds: float) -> zmq.Socket[bytes] | None:
        """The one of the two that has something, the reply first; None if none has in time."""
        poller = zmq.Poller()
        for each in (self.socket, self.monitor):
            poller.register(each, zmq.POLLIN)
        ready = dict(poller.poll(max(0, round(1000 * seconds))))
        return next((each for each in (self.socket, self.monitor) if each in ready), None)

    def close(self) -> None:
        self.socket.disable_monitor()
        self.monitor.close(linger=0)
        self.socket.close(linger=0)


class Conversation:
    """What a connection of either kind knows of its server."""

    def __init__(self, server: str, timeout: float, keys: ClientKeys | None = None) -> None:
        self.endpoint = endpoint(server)
        self.timeout = timeout
        self._keys = keys
        self._was_connected = False

    def _check_refused(self, event: Sequence[bytes]) -> None:
        """Raise ClientError if nobody listens; a server that was there before may be restarting."""
        refused = parse_monitor_message(list(event))["event"] == zmq.EVENT_CLOSED
        if refused and not self._was_connected:
            raise ClientError.of_refusal(self.endpoint)

    def _opened(
        self, context: zmq.Context[zmq.Socket[Any]], found: Iterable[tuple[Any, ...]]
    ) -> tuple[Any, Any]:
        """A socket on its way to the addresses that were found, and its monitor."""
        socket = context.socket(zmq.REQ)
        monitor = socket.get_monitor_socket(ENDS)
        try:
            # With IPV6 set, ZeroMQ tries no other address.
            ipv6 = all(family is AF_INET6 for family, *_ in found)
            connect(socket, self.endpoint, self.timeout, self._keys, ipv6=ipv6)
        except ClientError:
            monitor.close(linger=0)
            raise
        return socket, monitor


class Connection(Conversation):
    """Sends a message and waits for its reply.

    A REQ socket that missed a reply is of no use any more, so it is closed and the next
    request opens a new one; a late reply to an earlier request is never taken for another.
    A connection that ends meanwhile is opened again, and what may be repeated is sent again.
    """

    def __init__(self, server: str, timeout: float, keys: ClientKeys | None = None) -> None:
        super().__init__(server, timeout, keys)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._link: _Link | None = None

    def exchange(self, message: bytes, repeatable: bool = False) -> bytes:
        """The reply to a message; ClientError when none comes in time.

        If the connection is lost, a `repeatable` message is sent again, a few times.
        """
        end = time.monotonic() + self.timeout
        for attempt in range(ATTEMPTS if repeatable else 1):
            time.sleep(min(PAUSE * attempt, max(0.0, end - time.monotonic())))
            try:
                reply = self._attempt(message, end)
            except zmq.ZMQError as error:
                raise ClientError.of_socket(self.endpoint, error) from error
            if reply is not None:
                return reply
        raise ClientError.of_loss(self.endpoint)

    def _attempt(self, message: bytes, end: float) -> bytes | None:
        """The reply, or None if the connection ended before one came."""
        link, self._link = self._link or self._connected(), None
        replied = False
        try:
            link.forget_events()
            link.socket.send(message)
            found = link.wait(end - time.monotonic())
            if found is None:
                raise ClientError.of_silence(self.endpoint, self.timeout)
            if found is link.monitor:
                self._check_refused(link.monitor.recv_multipart())
                return None
            reply = link.socket.recv()
            replied = self._was_connected = True
            return reply
        finally:
            if replied:
                self._link = link
            else:
                link.close()

    def close(self) -> None:
        """Close the connection; what was not sent yet is dropped."""
        if self._link is not None:
            self._link.close()
            self._link = None
        self._context.term()

    def _connected(self) -> _Link:
        if self._context.closed:
            raise ClientError(None, "the client is closed")
        host = host_of(self.endpoint)
        try:
            found = getaddrinfo(host, None, type=SOCK_STREAM)
        except (OSError, UnicodeError):
            raise ClientError(None, f"there is no host {host!r}") from None
        return _Link(*self._opened(self._context, found))
