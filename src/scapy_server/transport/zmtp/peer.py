"""One connection: what came of the bytes that a client sent, and what to send it.

A peer says hello, agrees on a version, shakes hands, and then hands messages on. It keeps
nothing of a client's identity: connections are told apart by whoever holds them, so no
client can pass for another or take its place.

Source: ZeroMQ RFC 37/ZMTP, "Overall Behavior", "Version Negotiation"; ZeroMQ RFC 23/ZMTP,
"Version Negotiation"; ZeroMQ RFC 15/ZMTP, "Framing"; ZeroMQ RFC 13/ZMTP, "Framing".
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from enum import Enum
from typing import Any, NamedTuple

from scapy_server.transport.zmtp.commands import command, metadata, parse, properties
from scapy_server.transport.zmtp.curve import Curve, CurveKeys
from scapy_server.transport.zmtp.frames import (
    COMMAND,
    MORE,
    Cut,
    Frame,
    FrameReader,
    Pieces,
    ProtocolError,
    header,
    size_of,
)

_SIGNATURE = b"\xff" + bytes(7) + b"\x01\x7f"
_GREETING_BYTES = 64
_NULL, _CURVE = b"NULL".ljust(20, b"\0"), b"CURVE".ljust(20, b"\0")
_HANDSHAKE_BYTES = 8192  # of one frame before both sides are ready
_LONG_SEALED = 1024 * 1024  # bytes, above which it takes milliseconds to seal or to open
_SEALED_MORE = 64  # bytes at most that a sealed frame is longer, by flags, nonce and proof
_MAJOR, _MINOR = 3, 1
_OLDEST_WITH_MECHANISMS = 3

#: By the name of a listening type: its number in ZMTP 2.0, and who may connect to it.
_TYPES: dict[bytes, tuple[int, frozenset[bytes]]] = {
    b"ROUTER": (6, frozenset({b"REQ", b"DEALER", b"ROUTER"})),
    b"PUB": (1, frozenset({b"SUB", b"XSUB"})),
}


class Stage(Enum):
    """How far a connection has come."""

    GREETING = "greeting"
    IDENTITY = "identity"  # of a peer of ZMTP 2.0 or older, which sends it as a message
    HANDSHAKE = "handshake"
    READY = "ready"


_READY = Stage.READY  # looking a member up takes a while, and is done for every message


class Bounds:
    """What a message may have: bytes a frame, frames, bytes in all frames but the last.

    A command may have as many bytes as an envelope.
    """

    def __init__(self, frame_bytes: int, frames: int, envelope_bytes: int) -> None:
        self.frame_bytes = frame_bytes
        self.frames = frames
        self.envelope_bytes = envelope_bytes


class Sealed(NamedTuple):
    """A piece of a message to send that is being sealed, and how long it will be at most."""

    size: int
    data: Future[bytes]


Piece = bytes | Sealed


def at_once(work: Callable[[], Any]) -> Future[Any]:
    """Do it now."""
    future: Future[Any] = Future()
    try:
        future.set_result(work())
    except ProtocolError as error:
        future.set_exception(error)
    return future


class Peer:
    """The other side of a connection that it opened to a socket of this type.

    What takes long is done by `aside`. When it is done, `next` has to be called again.
    """

    def __init__(
        self,
        socket_type: bytes,
        bounds: Bounds,
        keys: CurveKeys | None = None,
        random: Callable[[int], bytes] = secrets.token_bytes,
        aside: Callable[[Callable[[], Any]], Future[Any]] = at_once,
    ) -> None:
        self.stage = Stage.GREETING
        self._type = socket_type
        self._bounds = bounds
        self._curve = None if keys is None else Curve(keys, socket_type, random)
        self._reader = FrameReader(_HANDSHAKE_BYTES)
        self._outgoing = _SIGNATURE
        self._told_version = False
        self._greeting = b""
        self._aside = aside
        self._opening: Future[Frame] | None = None
        self._opening_bytes = 0
        self._frames: list[bytes] = []
        self._frame_bytes = 0

    # -- what the holder asks

    @property
    def key(self) -> bytes | None:
        """The public key that the client has proved, None if none was demanded."""
        return None if self._curve is None else self._curve.client

    @property
    def waiting(self) -> int:
        """How many bytes have come and were not handed on."""
        return self._reader.waiting + self._frame_bytes + self._opening_bytes

    @property
    def has_outgoing(self) -> bool:
        """Whether something has to be sent because of what came."""
        return bool(self._outgoing)

    def outgoing(self) -> bytes:
        """What has to be sent because of what came, b"" if nothing has."""
        sent, self._outgoing = self._outgoing, b""
        return sent

    def feed(self, data: bytes | memoryview) -> None:
        """Take bytes as they come; they are copied."""
        self._reader.feed(data)

    def give_up(self) -> int:
        """Hold no more of a long message that is not complete; how many bytes less are held."""
        return self._reader.give_up() if self.stage is _READY else 0

    def close(self) -> None:
        """Let nothing more be done aside for the client, who is gone."""
        if self._opening is not None:
            self._opening.cancel()

    def next(self) -> list[bytes] | None:
        """The frames of the next message; [] after something else; None for want of bytes.

        A command of a subscriber comes as the message that older ones send in its place.
        The last frame is a `Cut` if the message was given up. Raises ProtocolError, after which
        the connection must be ended.
        """
        if self.stage is _READY:
            return self._next_message()
        if self.stage is Stage.GREETING:
            return [] if self._greeted() else None
        frame = self._reader.next()
        if frame is None:
            return None
        if self.stage is Stage.IDENTITY:
            self._become_ready()
        elif frame.flags & COMMAND:
            self._shake_hands(frame.body)
        else:
            raise ProtocolError("handshake", "a message before both sides were ready")
        return []

    def wire(self, frames: Sequence[bytes | Pieces]) -> list[Piece]:
        """A message as bytes to send, in pieces; frames are not copied, unless they are sealed."""
        pieces: list[Piece] = []
        last = len(frames) - 1
        for position, frame in enumerate(frames):
            flags = 0 if position == last else MORE
            body = frame if isinstance(frame, tuple) else (frame,)
            if self._curve is None:
                pieces += (header(size_of(frame), flags, self._reader.old), *body)
            else:
                pieces.append(self._sealed(self._curve, flags, body))
        return pieces

    def _sealed(self, curve: Curve, flags: int, body: Pieces) -> Piece:
        size = size_of(body)
        if size <= _LONG_SEALED:
            return curve.seal(flags, *body)
        return Sealed(size + _SEALED_MORE, self._aside(curve.sealing(flags, *body)))

    # -- version and mechanism

    def _greeted(self) -> bool:
        """Read on in the greeting; whether there may be more to read."""
        if not self._greeting:
            return self._opened()
        revision = self._greeting[len(_SIGNATURE)]
        if revision < _OLDEST_WITH_MECHANISMS:
            return self._greeted_by_old(revision)
        rest = self._reader.take(_GREETING_BYTES - len(self._greeting))
        if rest is None:
            return False
        ours = _NULL if self._curve is None else _CURVE
        if rest[1:21] != ours:
            raise ProtocolError("handshake", "another mechanism")
        as_server = bytes([self._curve is not None])
        self._outgoing += bytes([_MINOR]) + ours + as_server + bytes(31)
        if self._curve is None:
            self._outgoing += command(b"READY", metadata(self._type))
        self.stage = Stage.HANDSHAKE
        return True

    def _opened(self) -> bool:
        """The first bytes tell the oldest peers, who begin with a message, from the others."""
        first = self._reader.peek(1)
        if first is None:
            return False
        if first != _SIGNATURE[:1]:
            return self._greeted_without_version()
        start = self._reader.peek(len(_SIGNATURE))
        if start is None:
            return False
        if not start[-1] & 1:
            return self._greeted_without_version()
        if not self._told_version:
            self._told_version = True
            self._outgoing += bytes([_MAJOR])
        self._greeting = self._reader.take(len(_SIGNATURE) + 1) or b""
        return bool(self._greeting)

    def _greeted_without_version(self) -> bool:
        self._refuse_without_key()
        self._reader.old = True
        self.stage = Stage.IDENTITY
        return True

    def _greeted_by_old(self, revision: int) -> bool:
        self._refuse_without_key()
        if self._reader.take(1) is None:  # the type of its socket
            return False
        self._reader.old = revision == 0
        number, _ = _TYPES[self._type]
        self._outgoing += bytes([number]) + header(0, 0, self._reader.old)
        self.stage = Stage.IDENTITY
        return True

    def _refuse_without_key(self) -> None:
        if self._curve is not None:
            raise ProtocolError("handshake", "a version without keys")

    # -- handshake

    def _shake_hands(self, body: bytes) -> None:
        if self._curve is not None:
            self._outgoing += self._curve.handshake(body)
            if self._curve.client is not None:
                self._check_type(self._curve.properties)
                self._become_ready()
            return
        name, content = parse(body)
        if name != b"READY":
            raise ProtocolError("handshake", "a command before both sides were ready")
        self._check_type(properties(content))
        self._become_ready()

    def _check_type(self, told: dict[bytes, bytes]) -> None:
        if told.get(b"socket-type") not in _TYPES[self._type][1]:
            raise ProtocolError("handshake", "a socket of another type")

    def _become_ready(self) -> None:
        self.stage = Stage.READY
        self._reader.longest = self._bounds.frame_bytes + (_SEALED_MORE if self._curve else 0)
        self._reader.longest_of_more = self._bounds.envelope_bytes
        if self._curve is None:  # else any sealed frame may pass for a command
            self._reader.longest_command = self._bounds.envelope_bytes

    # -- messages

    def _next_message(self) -> list[bytes] | None:
        while True:
            frame = self._reader.next() if self._curve is None else self._opened_frame(self._curve)
            if frame is None:
                return None
            if frame.flags & COMMAND:
                return self._obeyed(frame.body)
            if not frame.flags & MORE:
                message, self._frames, self._frame_bytes = [*self._frames, frame.body], [], 0
                return message
            self._frames.append(frame.body)
            self._frame_bytes += len(frame.body)
            if len(self._frames) >= self._bounds.frames:
                raise ProtocolError(
                    "frames", f"a message of more than {self._bounds.frames} frames"
                )
            if self._frame_bytes > self._bounds.envelope_bytes:
                raise ProtocolError(
                    "envelope", f"an envelope of more than {self._bounds.envelope_bytes} bytes"
                )

    def _opened_frame(self, curve: Curve) -> Frame | None:
        """The next frame that was sealed, None while it is not complete or being opened."""
        if self._opening is None:
            frame = self._reader.next()
            if frame is None or len(frame.body) <= _LONG_SEALED:
                return None if frame is None else self._opened_at_once(curve, frame)
            self._opening_bytes = len(frame.body)
            self._opening = self._aside(curve.opening(frame.body))
        if not self._opening.done():
            return None
        opened, self._opening, self._opening_bytes = self._opening, None, 0
        try:
            return opened.result()
        finally:
            del opened  # else a failure would hold this call, and this call the failure

    @staticmethod
    def _opened_at_once(curve: Curve, frame: Frame) -> Frame:
        if isinstance(frame.body, Cut):  # nobody can tell any more what it was
            return Frame(0, Cut())
        return curve.open(frame.body)

    def _obeyed(self, body: bytes) -> list[bytes]:
        if len(body) > self._bounds.envelope_bytes:  # which was sealed
            raise ProtocolError("size", f"a command of {len(body)} bytes")
        name, content = parse(body)
        if name == b"PING":  # time to live, then what is to be sent back
            self._send_command(b"PONG", content[2:18])
        elif name == b"SUBSCRIBE" and self._type == b"PUB":
            return [b"\x01" + content]
        elif name == b"CANCEL" and self._type == b"PUB":
            return [b"\x00" + content]
        return []

    def _send_command(self, name: bytes, content: bytes) -> None:
        if self._curve is None:
            self._outgoing += command(name, content)
        else:
            self._outgoing += self._curve.seal(COMMAND, bytes([len(name)]) + name + content)
