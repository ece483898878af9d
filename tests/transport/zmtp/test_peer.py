"""Handshakes of every version as bytes, and what a peer does with any bytes."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.transport.zmtp.commands import command
from scapy_server.transport.zmtp.curve import CurveKeys
from scapy_server.transport.zmtp.frames import (
    COMMAND,
    MORE,
    Cut,
    FrameReader,
    Pieces,
    ProtocolError,
    header,
)
from scapy_server.transport.zmtp.peer import Bounds, Peer, Sealed, Stage, at_once
from tests.transport.zmtp.test_curve import CLIENT, SERVER, SERVER_SECRET, PlayedClient

MIB = 1024 * 1024
SIGNATURE = b"\xff" + bytes(7) + b"\x01\x7f"
NULL = b"NULL".ljust(20, b"\0")
READY = command(b"READY", b"\x0bSocket-Type\0\0\0\x03REQ\x08Identity\0\0\0\0")
GREETING = SIGNATURE + b"\x03\x00" + NULL + bytes(32)
READY_OF_ROUTER = command(b"READY", b"\x0bSocket-Type\0\0\0\x06ROUTER\x08Identity\0\0\0\0")

#: Per version: what a client sends before its first message, and what this side answers.
HANDSHAKES = {
    "3.0": (
        GREETING + READY,
        SIGNATURE + b"\x03\x01" + NULL + bytes(32) + READY_OF_ROUTER,
    ),
    "3.1": (GREETING[:11] + b"\x01" + GREETING[12:] + READY, None),
    "2.0": (SIGNATURE + b"\x01\x03" + b"\0\x02id", SIGNATURE + b"\x03\x06\0\0"),
    "1.0 in new clothes": (SIGNATURE + b"\0\x03" + b"\x01\0", SIGNATURE + b"\x03\x06\x01\0"),
    "1.0": (b"\x03\0id", SIGNATURE),
    "1.0 with a long identity": (b"\xff" + (256).to_bytes(8, "big") + b"\0" + bytes(255), None),
}
BOUNDS = Bounds(1000, 4, 100)


def peer(kind: bytes = b"ROUTER") -> Peer:
    return Peer(kind, BOUNDS)


def spoken(peer: Peer, data: bytes, step: int = 1) -> tuple[list[list[bytes]], bytes]:
    """The messages that came of these bytes, and what was answered."""
    messages, said = [], peer.outgoing()
    for start in range(0, len(data), step):
        peer.feed(data[start : start + step])
        while (message := peer.next()) is not None:
            if message:
                messages.append(message)
        said += peer.outgoing()
    return messages, said


def message(*frames: bytes, old: bool = False) -> bytes:
    return b"".join(
        header(len(frame), MORE if position < len(frames) - 1 else 0, old) + frame
        for position, frame in enumerate(frames)
    )


def wired(peer: Peer, *frames: bytes | Pieces) -> bytes:
    pieces = peer.wire(frames)
    return b"".join(each.data.result() if isinstance(each, Sealed) else each for each in pieces)


@pytest.mark.parametrize("step", [1, 7, 1000])
@pytest.mark.parametrize("version", HANDSHAKES)
def test_every_version_shakes_hands(version: str, step: int) -> None:
    sent, answer = HANDSHAKES[version]
    old = version.startswith("1.0")
    one = peer()
    messages, said = spoken(one, sent + message(b"", b"request", old=old), step)
    assert messages == [[b"", b"request"]]
    assert one.stage is Stage.READY
    if answer is not None:
        assert said == answer
    assert wired(one, b"", b"reply") == message(b"", b"reply", old=old)
    assert wired(one, b"", (b"re", b"", b"ply")) == message(b"", b"reply", old=old)
    assert one.waiting == 0


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (GREETING.replace(NULL, b"PLAIN".ljust(20, b"\0")), "another mechanism"),
        (GREETING.replace(NULL, b"CURVE".ljust(20, b"\0")), "another mechanism"),
        (GREETING + message(b"x"), "before both sides were ready"),
        (GREETING + command(b"ERROR", b"\0"), "before both sides were ready"),
        (GREETING + READY.replace(b"REQ", b"PUB"), "another type"),
        (GREETING + command(b"READY"), "another type"),
        (GREETING + command(b"READY", b"\x0bSocket-Type\0\0\0\xff"), "end too early"),
        (GREETING + header(9000, 4), "9000 bytes, 8192 are allowed"),
        (GREETING + READY + header(1001, 0), "1001 bytes, 1000 are allowed"),
        (GREETING + READY + message(*[b"x"] * 5), "more than 4 frames"),
        (GREETING + READY + message(b"x" * 101, b""), "101 bytes in an envelope"),
        (GREETING + READY + message(b"x" * 60, b"x" * 60, b""), "more than 100 bytes"),
        (GREETING + READY + command(b""), "without a name"),
    ],
)
def test_what_ends_a_connection(sent: bytes, said: str) -> None:
    with pytest.raises(ProtocolError, match=said):
        spoken(peer(), sent)


def test_the_largest_that_is_allowed() -> None:
    frames = [b"x" * 100, b"", b"", bytes(1000)]
    messages, _ = spoken(peer(), GREETING + READY + message(*frames), 100)
    assert messages == [frames]


def test_a_ping_is_answered_with_what_came_along() -> None:
    one = peer()
    spoken(one, GREETING + READY)
    _, said = spoken(one, command(b"PING", b"\0\x0acontext"))
    assert said == command(b"PONG", b"context")
    _, said = spoken(one, command(b"PING", b"\0\x0a" + b"x" * 80))
    assert said == command(b"PONG", b"x" * 16)


def test_commands_are_short_sealed_or_not() -> None:
    with pytest.raises(ProtocolError, match="a command of 101 bytes"):
        spoken(peer(), GREETING + READY + command(b"PING", bytes(96)))
    locked, client = with_keys(at_once)
    long = client.message(3, COMMAND, b"\x04PING" + bytes(96))
    locked.feed(header(len(long), 0) + long)
    with pytest.raises(ProtocolError, match="a command of 101 bytes"):
        locked.next()


@pytest.mark.parametrize("name", [b"SUBSCRIBE", b"CANCEL", b"HELLO", b"READY", b"PONG"])
def test_commands_that_mean_nothing_to_who_is_asked(name: bytes) -> None:
    messages, said = spoken(peer(), GREETING + READY + command(name, b"a") + message(b"request"))
    assert messages == [[b"request"]]
    assert said.endswith(READY_OF_ROUTER)


def test_subscriptions_come_as_messages_in_either_form() -> None:
    ready = READY.replace(b"REQ", b"SUB")
    sent = command(b"SUBSCRIBE", b"a") + command(b"CANCEL", b"a") + message(b"\x01b")
    messages, _ = spoken(peer(b"PUB"), GREETING + ready + sent)
    assert messages == [[b"\x01a"], [b"\x00a"], [b"\x01b"]]


def test_an_identity_of_a_client_means_nothing() -> None:
    ready = command(b"READY", b"\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\x05\0kE\x8bk")
    messages, _ = spoken(peer(), GREETING + ready + message(b"request"))
    assert messages == [[b"request"]]


@given(st.sampled_from([b"", SIGNATURE, GREETING, GREETING + READY]), st.binary(max_size=200))
def test_any_bytes_are_messages_or_an_end(start: bytes, noise: bytes) -> None:
    try:
        messages, _ = spoken(peer(), start + noise, 64)
    except ProtocolError as error:
        assert error.kind in {"handshake", "size", "frames", "envelope"}
    else:
        assert all(len(frames) <= BOUNDS.frames for frames in messages)


class Aside:
    """Does work when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def __call__(self, work: Callable[[], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, work))
        return future

    def work(self) -> None:
        for future, work in self.waiting:
            done = at_once(work)
            problem = done.exception()
            if problem is None:
                future.set_result(done.result())
            else:
                future.set_exception(problem)
        self.waiting.clear()


def with_keys(aside: Callable[[Callable[[], Any]], Future[Any]]) -> tuple[Peer, PlayedClient]:
    keys = CurveKeys(SERVER, SERVER_SECRET, [CLIENT])
    bounds = Bounds(4 * MIB, 4, 100)
    peer, client = Peer(b"ROUTER", bounds, keys, bytes, aside), PlayedClient()
    peer.feed(GREETING.replace(NULL, b"CURVE".ljust(20, b"\0")))
    while peer.next() is not None:
        pass
    peer.outgoing()
    peer.feed(command_frame(client.hello()))
    assert peer.next() == []
    peer.feed(command_frame(client.initiate(peer.outgoing())))
    assert peer.next() == []
    peer.outgoing()
    return peer, client


def command_frame(body: bytes) -> bytes:
    return header(len(body), COMMAND) + body


def test_large_sealed_messages_are_opened_aside_and_keep_their_order() -> None:
    aside = Aside()
    peer, client = with_keys(aside)
    large = bytes(2 * MIB)
    for number, body in ((3, large), (4, b"small")):
        sealed = client.message(number, 0, body)
        peer.feed(header(len(sealed), 0) + sealed)
    assert peer.next() is None
    assert peer.waiting > len(large)
    assert peer.next() is None, "it is opened once"
    aside.work()
    assert peer.next() == [large]
    assert peer.next() == [b"small"]
    assert peer.waiting == 0


def test_a_sealed_message_that_is_given_up_comes_in_its_turn() -> None:
    peer, client = with_keys(at_once)
    delimiter = client.message(3, MORE, b"")
    large, small = client.message(4, 0, bytes(2 * MIB)), client.message(5, 0, b"small")
    stream = b"".join(header(len(each), 0) + each for each in (delimiter, large, small))
    peer.feed(stream[: len(large)])
    assert peer.next() is None
    assert peer.give_up() > MIB
    assert peer.waiting < 1000
    peer.feed(stream[len(large) :])
    given_up = peer.next()
    assert given_up == [b"", b""]
    assert isinstance(given_up[-1], Cut)
    assert peer.next() == [b"small"]


def test_what_was_not_sealed_by_the_client_is_found_out_aside_too() -> None:
    aside = Aside()
    peer, client = with_keys(aside)
    sealed = bytearray(client.message(3, 0, bytes(2 * MIB)))
    sealed[-1] ^= 1
    peer.feed(header(len(sealed), 0) + sealed)
    assert peer.next() is None
    aside.work()
    with pytest.raises(ProtocolError, match="sealed by somebody else"):
        peer.next()


def test_what_was_sent_by_who_is_gone_is_not_opened() -> None:
    aside = Aside()
    peer, client = with_keys(aside)
    sealed = client.message(3, 0, bytes(2 * MIB))
    peer.feed(header(len(sealed), 0) + sealed)
    assert peer.next() is None
    peer.close()
    assert [future.cancelled() for future, _ in aside.waiting] == [True]


def test_who_sealed_it_wrongly_leaves_nothing_behind() -> None:
    gc.disable()
    try:
        with ThreadPoolExecutor(1) as thread:
            begin = Event()
            thread.submit(begin.wait)
            peer, client = with_keys(thread.submit)
            sealed = bytearray(client.message(3, 0, bytes(2 * MIB)))
            sealed[-1] ^= 1
            peer.feed(header(len(sealed), 0) + sealed)
            assert peer.next() is None
            begin.set()
        with suppress(ProtocolError):
            peer.next()
        gone = weakref.ref(peer)
        del peer
        assert gone() is None
    finally:
        gc.enable()


def test_large_replies_are_sealed_aside() -> None:
    aside = Aside()
    peer, client = with_keys(aside)
    large = bytes(2 * MIB)
    empty, piece = peer.wire([b"", (large[:5], large[5:])])
    small = peer.wire([b"small"])[0]
    assert isinstance(piece, Sealed)
    assert not piece.data.done()
    aside.work()
    assert len(piece.data.result()) <= piece.size
    reader = FrameReader(4 * MIB)
    assert isinstance(empty, bytes)
    assert isinstance(small, bytes)
    reader.feed(empty + piece.data.result() + small)
    frames = [reader.next() for _ in range(3)]
    opened = [client.open(frame.body)[1:] for frame in frames if frame is not None]
    assert opened == [b"", large, b"small"]
