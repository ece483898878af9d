"""CurveZMQ: the handshake by which both sides prove their keys, and sealed frames after it.

The names of the keys are those of its text: C and S are the lasting keys of client and server,
C' and S' those of one connection.

Source: ZeroMQ RFC 26/CURVEZMQ, "CurveZMQ".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection
from dataclasses import dataclass

from nacl import bindings as sodium
from nacl.exceptions import CryptoError

from scapy_server.transport.zmtp.commands import command, metadata, parse, properties
from scapy_server.transport.zmtp.frames import COMMAND, MORE, Frame, ProtocolError, header

_KEY = 32
_NONCE = struct.Struct(">Q")
_HELLO_BYTES = 194  # version, padding, C', nonce, box of 64 zeros
_COOKIE_BYTES = 96
_VOUCH_BYTES = 96  # nonce and box of C' and S
_MESSAGE = b"\x07MESSAGE"


@dataclass(frozen=True)
class CurveKeys:
    """The server's pair of keys and the public keys of the clients it lets in, 32 bytes each."""

    public: bytes
    secret: bytes
    clients: Collection[bytes]


class Curve:
    """The server's side of one connection; `random` gives that many secret bytes."""

    def __init__(self, keys: CurveKeys, socket_type: bytes, random: Callable[[int], bytes]) -> None:
        self.client: bytes | None = None
        self.properties: dict[bytes, bytes] = {}
        self._keys = keys
        self._type = socket_type
        self._random = random
        self._their_short = b""
        self._our_short = b""
        self._our_short_secret = b""
        self._cookie = b""
        self._shared = b""
        self._sent = 0
        self._received = 0

    def handshake(self, body: bytes) -> bytes:
        """What answers a command of the handshake; `client` is known when it has ended.

        Raises ProtocolError: `key` for a key that is not let in, else `handshake`.
        """
        name, content = parse(body)
        try:
            if name == b"HELLO" and not self._cookie:
                return self._welcome(content)
            if name == b"INITIATE" and self._cookie:
                return self._ready(content)
        except (CryptoError, ValueError):  # the latter for what has not even the right length
            pass
        raise ProtocolError("handshake", "a CURVE handshake that proves nothing")

    def _welcome(self, hello: bytes) -> bytes:
        if len(hello) != _HELLO_BYTES or hello[0] != 1:
            raise ProtocolError("handshake", "a CURVE hello of another version")
        self._their_short = hello[74:106]
        nonce, box = hello[106:114], hello[114:]
        sodium.crypto_box_open(
            box, b"CurveZMQHELLO---" + nonce, self._their_short, self._keys.secret
        )
        self._our_short, self._our_short_secret = sodium.crypto_box_keypair()
        # The cookie is for servers that forget the client between two commands; this one
        # keeps what it would hold, so any secret bytes will do.
        self._cookie = self._random(_COOKIE_BYTES)
        long_nonce = self._random(16)
        welcome = sodium.crypto_box(
            self._our_short + self._cookie,
            b"WELCOME-" + long_nonce,
            self._their_short,
            self._keys.secret,
        )
        return command(b"WELCOME", long_nonce + welcome)

    def _ready(self, initiate: bytes) -> bytes:
        cookie, nonce = initiate[:_COOKIE_BYTES], initiate[_COOKIE_BYTES : _COOKIE_BYTES + 8]
        if cookie != self._cookie or len(nonce) != _NONCE.size:
            raise ProtocolError("handshake", "a CURVE handshake that proves nothing")
        self._shared = sodium.crypto_box_beforenm(self._their_short, self._our_short_secret)
        content = sodium.crypto_box_open_afternm(
            initiate[_COOKIE_BYTES + 8 :], b"CurveZMQINITIATE" + nonce, self._shared
        )
        client, vouch = content[:_KEY], content[_KEY : _KEY + _VOUCH_BYTES]
        vouched = sodium.crypto_box_open(
            vouch[16:], b"VOUCH---" + vouch[:16], client, self._our_short_secret
        )
        if vouched != self._their_short + self._keys.public:
            raise ProtocolError("handshake", "a CURVE handshake that proves nothing")
        if client not in self._keys.clients:
            raise ProtocolError("key", "a key that is not let in")
        self._received = _NONCE.unpack(nonce)[0]
        self.properties = properties(content[_KEY + _VOUCH_BYTES :])
        self.client = client
        nonce = self._next_nonce()
        box = sodium.crypto_box_afternm(
            metadata(self._type), b"CurveZMQREADY---" + nonce, self._shared
        )
        return command(b"READY", nonce + box)

    def seal(self, flags: int, *body: bytes) -> bytes:
        """A frame on its way out, with the header of the frame that it is sealed in."""
        return self.sealing(flags, *body)()

    def sealing(self, flags: int, *body: bytes) -> Callable[[], bytes]:
        """As `seal`, to be done later, or by somebody else."""
        nonce, shared = self._next_nonce(), self._shared

        def sealed() -> bytes:
            content = b"".join((bytes([flags]), *body))
            box = sodium.crypto_box_easy_afternm(content, b"CurveZMQMESSAGES" + nonce, shared)
            size = len(_MESSAGE) + len(nonce) + len(box)
            return b"".join((header(size, 0), _MESSAGE, nonce, box))

        return sealed

    def open(self, body: bytes) -> Frame:
        """The frame that was sealed; ProtocolError if it was not, or came before."""
        return self.opening(body)()

    def opening(self, body: bytes) -> Callable[[], Frame]:
        """As `open`, of which the box is opened later, or by somebody else."""
        start = len(_MESSAGE)
        nonce = body[start : start + _NONCE.size]
        if body[:start] != _MESSAGE or len(nonce) != _NONCE.size:
            raise ProtocolError("handshake", "a frame that is not sealed")
        number = _NONCE.unpack(nonce)[0]
        if number <= self._received:
            raise ProtocolError("handshake", "a frame that came before")
        self._received = number
        shared = self._shared

        def opened() -> Frame:
            try:
                content = sodium.crypto_box_open_afternm(
                    body[start + _NONCE.size :], b"CurveZMQMESSAGEC" + nonce, shared
                )
            except (CryptoError, ValueError):
                problem = "a frame that was sealed by somebody else"
                raise ProtocolError("handshake", problem) from None
            if not content:
                raise ProtocolError("handshake", "a frame without flags")
            return Frame(content[0] & (MORE | COMMAND), content[1:])

        return opened

    def _next_nonce(self) -> bytes:
        self._sent += 1
        return _NONCE.pack(self._sent)
