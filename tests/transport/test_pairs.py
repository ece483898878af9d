"""Messages exchanged with programs that the server has connected to."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import zmq

from scapy_server.transport.pairs import AT_ONCE, Pairs
from tests.running import PATIENCE

PROGRAM, NOBODY = 3, 4


class Exchange:
    """A program, bound to a socket, and connections of ours."""

    def __init__(self, directory: Path) -> None:
        self.heard: list[tuple[int, bytes]] = []
        self.pairs = Pairs(100, self._hear)
        self.context = zmq.Context()
        self.program = self.context.socket(zmq.PAIR)
        self.program.bind(f"ipc://{directory}/bound")
        self.program.rcvtimeo = int(1000 * PATIENCE)
        self.pairs.connect(PROGRAM, f"ipc://{directory}/bound")

    def _hear(self, number: int, messages: list[bytes]) -> None:
        assert len(messages) <= AT_ONCE
        self.heard += [(number, message) for message in messages]

    def until_heard(self, count: int) -> None:
        end = time.monotonic() + PATIENCE
        while len(self.heard) < count:
            assert time.monotonic() < end, self.heard
            if not self.pairs.unserved:
                select.select([self.pairs], [], [], 0.1)
            before = len(self.heard)
            self.pairs.turn(0.0)
            assert self.pairs.unserved == (len(self.heard) - before == AT_ONCE)

    def close(self) -> None:
        self.pairs.close()
        self.context.destroy(0)


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    exchange = Exchange(tmp_path)
    yield exchange
    exchange.close()


def test_messages_go_both_ways(exchange: Exchange) -> None:
    exchange.program.send(b"question")
    exchange.until_heard(1)
    assert exchange.heard == [(PROGRAM, b"question")]
    exchange.pairs.send(PROGRAM, b"answer")
    assert exchange.program.recv() == b"answer"


def test_many_are_taken_in_turns(exchange: Exchange) -> None:
    for _ in range(3 * AT_ONCE):
        exchange.program.send(b"x")
    exchange.until_heard(3 * AT_ONCE)
    assert exchange.heard == 3 * AT_ONCE * [(PROGRAM, b"x")]
    exchange.pairs.turn(0.0)
    assert not exchange.pairs.unserved


def test_who_sends_what_is_too_long_is_disconnected(exchange: Exchange) -> None:
    exchange.program.send(b"x" * 101)
    end = time.monotonic() + PATIENCE
    with suppress(zmq.Again):  # which says that nobody is there
        while True:
            assert time.monotonic() < end
            exchange.program.send(b"y", zmq.NOBLOCK)
            exchange.pairs.turn(0.0)
    assert exchange.heard == []


def test_nobody_is_waited_for(exchange: Exchange, tmp_path: Path) -> None:
    exchange.pairs.connect(NOBODY, f"ipc://{tmp_path}/nobody")
    for _ in range(5000):
        exchange.pairs.send(NOBODY, b"x")
    exchange.pairs.disconnect(NOBODY)
    exchange.pairs.disconnect(NOBODY)
    exchange.program.send(b"still here")
    exchange.until_heard(1)
    assert exchange.heard == [(PROGRAM, b"still here")]


def test_what_is_no_address(exchange: Exchange) -> None:
    with pytest.raises(zmq.ZMQError):
        exchange.pairs.connect(NOBODY, "nothing")
    exchange.pairs.disconnect(NOBODY)
