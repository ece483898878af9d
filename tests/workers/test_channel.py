"""The wire between front and workers, over a real pair of sockets."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.workers.channel import (
    Answer,
    Channel,
    Head,
    Kind,
    WireError,
    read_request,
    write_answer,
)

ANSWERS = st.builds(
    Answer,
    st.builds(
        Head,
        st.sampled_from(Kind),
        st.integers(0, 2**40),
        st.none() | st.text(),
        st.none() | st.integers(-40000, 0),
        st.booleans(),
        st.none() | st.text(),
        st.just(0),
    ),
    st.binary(),
    st.binary(),
)


@pytest.fixture
def pair() -> Iterator[tuple[Channel, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours), theirs


def test_a_large_request_goes_out_piece_by_piece(pair: tuple[Channel, socket.socket]) -> None:
    channel, peer = pair
    request = bytes(range(256)) * 40_000
    channel.send(request)
    assert channel.wants_to_write
    received: list[bytes | None] = []
    thread = threading.Thread(target=lambda: received.append(read_request(peer)))
    thread.start()
    while channel.wants_to_write:
        channel.flush()
    thread.join()
    assert received == [request]


def test_an_empty_request(pair: tuple[Channel, socket.socket]) -> None:
    channel, peer = pair
    channel.send(b"")
    assert not channel.wants_to_write
    assert read_request(peer) == b""


def test_a_front_that_is_gone(pair: tuple[Channel, socket.socket]) -> None:
    channel, peer = pair
    channel.close()
    assert read_request(peer) is None
    with pytest.raises(OSError):
        write_answer(peer, Answer(Head(Kind.READY)))


def test_a_worker_that_is_gone(pair: tuple[Channel, socket.socket]) -> None:
    channel, peer = pair
    write_answer(peer, Answer(Head(Kind.ANSWER), b"last words"))
    peer.close()
    assert [answer.reply for answer in channel.receive()] == [b"last words"]
    with pytest.raises(WireError):
        list(channel.receive())
    with pytest.raises(WireError):
        channel.send(b"x")


@given(st.lists(ANSWERS, max_size=4))
def test_answers_arrive_as_they_were_sent(answers: list[Answer]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for answer in answers:
            write_answer(theirs, answer)
        assert list(Channel(ours).receive()) == answers


@given(st.binary(max_size=200))
def test_nonsense_is_told_or_waited_for(noise: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(noise)
        with contextlib.suppress(WireError):
            list(Channel(ours).receive())


def test_long_replies_go_as_files(pair: tuple[Channel, socket.socket]) -> None:
    channel, peer = pair
    replies = [bytes([size]) * (size * 500_000) for size in (0, 1, 2, 10)]
    for reply in replies:
        write_answer(peer, Answer(Head(Kind.ANSWER), reply, b"note"))
    answers: list[Answer] = []
    while len(answers) < len(replies):
        answers += channel.receive()
    assert [answer.reply for answer in answers] == replies
    assert {answer.note for answer in answers} == {b"note"}


@pytest.mark.parametrize("size", [-1, 1, 2**40])
def test_a_file_that_does_not_come_is_nonsense(
    pair: tuple[Channel, socket.socket], size: int
) -> None:
    channel, peer = pair
    write_answer(peer, Answer(Head(Kind.ANSWER, file=size)))
    with pytest.raises(WireError, match="nonsense"):
        list(channel.receive())


def test_an_endless_answer_is_nonsense(pair: tuple[Channel, socket.socket]) -> None:
    channel, peer = pair
    peer.sendall(b"\xff" * 12)
    with pytest.raises(WireError, match="nonsense"):
        list(channel.receive())
