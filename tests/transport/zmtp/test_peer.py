"""Handshakes of every version as bytes, and what a peer does with any bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.transport.zmtp.commands import command
from scapy_server.transport.zmtp.frames import MORE, ProtocolError, header
from scapy_server.transport.zmtp.peer import Bounds, Peer, Stage

SIGNATURE = b"\xff" + bytes(7) + b"\x01\x7f"
NULL = b"NULL".ljust(20, b"\0")
READY = command(b"READY", b"\x0bSocket-Type\0\0\0\x03REQ\x08Identity\0\0\0\0")
GREETING = SIGNATURE + b"\x03\x00" + NULL + bytes(32)

#: Per version: what a client sends before its first message, and what this side answers.
HANDSHAKES = {
    "3.0": (
        GREETING + READY,
        SIGNATURE
        + b"\x03\x01"
        + NULL
        + bytes(32)
        + command(b"READY", b"\x0bSocket-Type\0\0\0\x06ROUTER\x08Identity\0\0\0\0"),
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
    assert b"".join(one.wire([b"", b"reply"])) == message(b"", b"reply", old=old)
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
    _, said = spoken(one, command(b"PING", b"\0\x0a" + b"x" * 100))
    assert said == command(b"PONG", b"x" * 16)


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
