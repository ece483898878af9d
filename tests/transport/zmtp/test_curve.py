"""The handshake of CurveZMQ, with a client that this test plays; test_router has libzmq's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl import bindings as sodium

from scapy_server.transport.zmtp.commands import metadata, parse
from scapy_server.transport.zmtp.curve import Curve, CurveKeys
from scapy_server.transport.zmtp.frames import MORE, Frame, FrameReader, ProtocolError

SERVER, SERVER_SECRET = sodium.crypto_box_keypair()
CLIENT, CLIENT_SECRET = sodium.crypto_box_keypair()


def server(*clients: bytes) -> Curve:
    return Curve(CurveKeys(SERVER, SERVER_SECRET, clients), b"ROUTER", bytes)


class PlayedClient:
    """What RFC 26 tells a client to do, by hand."""

    def __init__(self) -> None:
        self.short, self._secret = sodium.crypto_box_keypair()
        self._theirs = self._cookie = b""

    def hello(self) -> bytes:
        nonce = (1).to_bytes(8, "big")
        box = sodium.crypto_box(bytes(64), b"CurveZMQHELLO---" + nonce, SERVER, self._secret)
        return b"\x05HELLO\x01\0" + bytes(72) + self.short + nonce + box

    def initiate(self, welcome: bytes) -> bytes:
        name, content = parse(welcome[2:])
        assert name == b"WELCOME"
        opened = sodium.crypto_box_open(
            content[16:], b"WELCOME-" + content[:16], SERVER, self._secret
        )
        self._theirs, self._cookie = opened[:32], opened[32:]
        vouch = sodium.crypto_box(
            self.short + SERVER, b"VOUCH---" + bytes(16), self._theirs, CLIENT_SECRET
        )
        nonce = (2).to_bytes(8, "big")
        box = sodium.crypto_box(
            CLIENT + bytes(16) + vouch + metadata(b"REQ"),
            b"CurveZMQINITIATE" + nonce,
            self._theirs,
            self._secret,
        )
        return b"\x08INITIATE" + self._cookie + nonce + box

    def message(self, number: int, flags: int, body: bytes) -> bytes:
        nonce = number.to_bytes(8, "big")
        box = sodium.crypto_box(
            bytes([flags]) + body, b"CurveZMQMESSAGEC" + nonce, self._theirs, self._secret
        )
        return b"\x07MESSAGE" + nonce + box

    def open(self, sealed: bytes) -> bytes:
        return sodium.crypto_box_open(
            sealed[16:], b"CurveZMQMESSAGES" + sealed[8:16], self._theirs, self._secret
        )


def shaken() -> tuple[Curve, PlayedClient]:
    curve, client = server(CLIENT), PlayedClient()
    ready = curve.handshake(client.initiate(curve.handshake(client.hello())))
    assert parse(ready[2:])[0] == b"READY"
    assert curve.client == CLIENT
    assert curve.properties[b"socket-type"] == b"REQ"
    return curve, client


def test_frames_are_sealed_both_ways() -> None:
    curve, client = shaken()
    assert curve.open(client.message(3, MORE, b"body")) == Frame(MORE, b"body")
    reader = FrameReader(1000)
    reader.feed(curve.seal(0, b"reply"))
    frame = reader.next()
    assert frame is not None
    assert client.open(frame.body) == b"\0reply"


def test_a_frame_that_came_before_is_refused() -> None:
    curve, client = shaken()
    sealed = client.message(3, 0, b"x")
    curve.open(sealed)
    with pytest.raises(ProtocolError, match="came before"):
        curve.open(sealed)


def test_a_key_that_is_not_known_is_refused() -> None:
    curve, client = server(bytes(32)), PlayedClient()
    welcome = curve.handshake(client.hello())
    with pytest.raises(ProtocolError) as caught:
        curve.handshake(client.initiate(welcome))
    assert caught.value.kind == "key"
    assert curve.client is None


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_changed_hello_proves_nothing(position: int, change: int) -> None:
    hello = bytearray(PlayedClient().hello())
    hello[position % len(hello)] ^= change
    padding, end_of_key = range(8, 80), 111
    if position % len(hello) in (7, *padding):
        return  # the minor version and the padding are not proved
    if position % len(hello) == end_of_key and change == 128:
        return  # the highest bit of a key means nothing: RFC 7748, section 5
    with pytest.raises(ProtocolError):
        server(CLIENT).handshake(bytes(hello))


@given(st.integers(9, 400), st.integers(1, 255))
def test_a_changed_initiate_proves_nothing(position: int, change: int) -> None:
    curve, client = server(CLIENT), PlayedClient()
    initiate = bytearray(client.initiate(curve.handshake(client.hello())))
    position = 9 + position % (len(initiate) - 9)
    initiate[position] ^= change
    with pytest.raises(ProtocolError):
        curve.handshake(bytes(initiate))
    assert curve.client is None


@given(st.binary(max_size=300))
def test_noise_proves_nothing(noise: bytes) -> None:
    with pytest.raises(ProtocolError):
        server(CLIENT).handshake(noise)
    curve, _ = shaken()
    with pytest.raises(ProtocolError):
        curve.open(noise)


def test_steps_cannot_be_repeated_or_left_out() -> None:
    curve, client = server(CLIENT), PlayedClient()
    with pytest.raises(ProtocolError):
        curve.handshake(b"\x08INITIATE" + bytes(300))
    curve.handshake(client.hello())
    with pytest.raises(ProtocolError):
        curve.handshake(client.hello())
