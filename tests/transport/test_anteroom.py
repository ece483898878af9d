"""Those who wait, over pairs of sockets whose other ends the test holds."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from scapy_server.transport.anteroom import Anteroom, Waiting


class Room:
    """An anteroom, and those who come to it."""

    def __init__(self, stack: ExitStack) -> None:
        self.poll = stack.enter_context(select.epoll())
        self.anteroom = Anteroom(self.poll)
        self._stack = stack

    def come(self, place: str) -> tuple[Waiting, socket.socket]:
        """Somebody who waits, and the other end."""
        ours, theirs = map(self._stack.enter_context, socket.socketpair())
        waiting = Waiting(ours, f"one of {place}", place)
        self.anteroom.enter(waiting)
        return waiting, theirs


@pytest.fixture
def room() -> Iterator[Room]:
    with ExitStack() as stack:
        yield Room(stack)


def test_each_place_has_a_row_of_its_own(room: Room) -> None:
    first, second, other = (room.come(place)[0] for place in ("a", "a", "b"))
    assert "a" in room.anteroom
    assert "b" in room.anteroom
    left = {"a": 1, "b": 5}

    def may_open(place: str) -> bool:
        left[place] -= 1
        return left[place] >= 0

    assert list(room.anteroom.called(may_open)) == [first, other]
    assert left["b"] == 4, "it was asked for nobody"
    assert len(room.anteroom) == 1
    assert list(room.anteroom.called(lambda place: True)) == [second]
    assert "a" not in room.anteroom


def test_what_they_say_is_not_heard_but_that_they_leave(room: Room) -> None:
    waiting, theirs = room.come("a")
    theirs.sendall(b"hello")
    assert room.poll.poll(0) == []
    theirs.close()
    ((descriptor, _),) = room.poll.poll(0)
    assert room.anteroom.leave(descriptor) == waiting
    assert room.anteroom.leave(descriptor) is None
    assert len(room.anteroom) == 0
    assert room.poll.poll(0) == []


def test_in_the_end_all_are_sent_away(room: Room) -> None:
    others = [room.come(place)[1] for place in "aab"]
    room.anteroom.close()
    assert [each.recv(1) for each in others] == [b""] * 3
    assert len(room.anteroom) == 0
