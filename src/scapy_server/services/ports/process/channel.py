"""Messages between the control plane and a data plane, over a stream socket.

Both ends are this module, so no other document says what they speak.
"""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Iterator
from typing import Any

import msgspec

from scapy_server.services.ports.plane.commands import Command, Event, Reply

_LENGTH = struct.Struct("<I")
_CHUNK = 1 << 18


class Opening(msgspec.Struct, frozen=True, tag=True):
    """The first message to a data plane: what it is."""

    numbers: list[int]
    lines: list[dict[str, Any]]
    speeds: list[float]
    cores: int
    base: int
    pair: int
    pairs: int
    seed: int
    virtual: bool


class Order(msgspec.Struct, frozen=True, tag=True):
    """A command, and the time at which the server is."""

    command: Command
    now: float = 0.0


class Opened(msgspec.Struct, frozen=True, tag=True):
    """The lines are open, or why not; `macs` are the addresses that they have of their own."""

    failure: str | None = None
    macs: list[bytes | None] = []


FromControl = Opening | Order
FromPlane = Opened | Reply | Event

_encode = msgspec.msgpack.Encoder().encode
#: Decoders for what each side hears.
orders = msgspec.msgpack.Decoder(FromControl)
news: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(FromPlane)


class ChannelClosed(Exception):
    """The other side is gone."""


class Channel:
    """One end. Sending waits until the other side has room; it is always reading."""

    def __init__(self, peer: socket.socket, decoder: msgspec.msgpack.Decoder[Any]) -> None:
        peer.setblocking(False)
        self._peer = peer
        self._decoder = decoder
        self._incoming = bytearray()
        self._outgoing = bytearray()

    def fileno(self) -> int:
        return self._peer.fileno()

    def close(self) -> None:
        self._peer.close()

    def send(self, message: object) -> None:
        """Queue a message, and send what can be sent; ChannelClosed when nobody hears it."""
        data = _encode(message)
        self._outgoing += _LENGTH.pack(len(data)) + data
        self.flush()

    def flush(self) -> None:
        """Send what can be sent."""
        try:
            while self._outgoing:
                del self._outgoing[: self._peer.send(self._outgoing)]
        except BlockingIOError:
            pass
        except OSError as error:
            raise ChannelClosed from error

    @property
    def wants_to_write(self) -> bool:
        """Whether part of a message is still here."""
        return bool(self._outgoing)

    def receive(self) -> Iterator[Any]:
        """The messages that have come in full, and then ChannelClosed if that was the end."""
        is_closed = self._read()
        yield from self._complete()
        if is_closed:
            raise ChannelClosed

    def _read(self) -> bool:
        """Take in what has come; whether nothing more will."""
        while True:
            try:
                data = self._peer.recv(_CHUNK)
            except BlockingIOError:
                return False
            except OSError:
                return True
            if not data:
                return True
            self._incoming += data

    def _complete(self) -> Iterator[Any]:
        while len(self._incoming) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._incoming)[0]
            if len(self._incoming) < end:
                return
            message = bytes(self._incoming[_LENGTH.size : end])
            del self._incoming[:end]
            yield self._decoder.decode(message)

    def wait(self, seconds: float) -> None:
        """Wait until something can be read or written, at most so long."""
        writing = [self._peer] if self._outgoing else []
        select.select([self._peer], writing, [], max(seconds, 0.0))
