"""A publisher and subscribers of ZeroMQ's own library."""

from __future__ import annotations

import itertools
import select
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

import pytest
import zmq

from scapy_server import limits
from scapy_server.transport.access import Rules
from scapy_server.transport.listening import listen
from scapy_server.transport.publisher import SOCKET_TYPE, Publisher
from scapy_server.transport.router import Router
from tests.running import PATIENCE

PROBE = b"~"


class Hall:
    """A publisher, and who listens to it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        listener = listen("127.0.0.1", 0)
        self.port = listener.getsockname()[1]
        self.router = Router(listener, self, Rules(), 100, SOCKET_TYPE, clock=clock)
        self.publisher = Publisher(self.router)
        self.context = zmq.Context[zmq.Socket[bytes]]()
        self.sockets: list[zmq.Socket[bytes]] = []

    def refused(self, reason: str, address: str, problem: str) -> None:
        raise AssertionError(problem)

    def subscriber(self, *prefixes: bytes) -> zmq.Socket[bytes]:
        """A socket with these subscriptions, which have all come when that to probes has."""
        socket = self.context.socket(zmq.SUB)
        self.sockets.append(socket)
        socket.setsockopt(zmq.RCVTIMEO, round(1000 * PATIENCE))
        for prefix in (*prefixes, PROBE):
            socket.subscribe(prefix)
        socket.connect(f"tcp://127.0.0.1:{self.port}")
        self.publish_until(PROBE, len(self.sockets))
        return socket

    def publish_until(self, message: bytes, subscribers: int) -> None:
        """Send a message again and again until so many get it."""
        end = time.monotonic() + PATIENCE
        while self.publisher.publish([message]) != subscribers:
            assert time.monotonic() < end
            ready, _, _ = select.select([self.publisher.fileno()], [], [], 0.001)
            if ready or self.publisher.unserved:
                self.publisher.turn(time.monotonic())

    def close(self) -> None:
        for socket in self.sockets:
            socket.close(linger=0)
        self.context.term()
        self.publisher.close()


@pytest.fixture
def hall() -> Iterator[Hall]:
    with closing(Hall()) as made:
        yield made


def heard(socket: zmq.Socket[bytes], count: int) -> list[list[bytes]]:
    """The next messages, without probes."""
    messages: list[list[bytes]] = []
    while len(messages) < count:
        message = socket.recv_multipart()
        if message != [PROBE]:
            messages.append(message)
    return messages


def test_each_gets_what_it_has_subscribed_to(hall: Hall) -> None:
    everything, some = hall.subscriber(b""), hall.subscriber(b"a", b"b")
    assert hall.publisher.publish([b"apple"]) == 2
    assert hall.publisher.publish([b"cherry"]) == 1
    assert hall.publisher.publish([b"banana", b"more"]) == 2
    assert heard(everything, 3) == [[b"apple"], [b"cherry"], [b"banana", b"more"]]
    assert heard(some, 2) == [[b"apple"], [b"banana", b"more"]]


def test_what_a_turn_leaves_is_done_in_the_next() -> None:
    with closing(Hall(partial(next, itertools.count()))) as hall:  # every step takes a turn
        prefixes = [b"%02d" % number for number in range(50)]
        hall.subscriber(*prefixes)
        assert all(hall.publisher.publish([prefix]) for prefix in prefixes)
        assert not hall.publisher.unserved


def test_who_unsubscribes_or_leaves_gets_nothing(hall: Hall) -> None:
    one, other = hall.subscriber(b"a"), hall.subscriber(b"a")
    one.unsubscribe(b"a")
    hall.publish_until(b"a", 1)
    other.close(linger=0)
    hall.publish_until(b"a", 0)


def test_who_has_left_is_forgotten(hall: Hall) -> None:
    for each in [hall.subscriber(b"a") for _ in range(3)]:
        each.close(linger=0)
    end = time.monotonic() + PATIENCE
    while hall.router.count:
        assert time.monotonic() < end
        hall.publisher.turn(time.monotonic())
    assert hall.router.departed() == []
    assert hall.publisher.publish([b"a"]) == 0


def test_who_does_not_read_loses_messages_alone(hall: Hall) -> None:
    hall.subscriber(b"")
    large = bytes(8 * 1024 * 1024)
    sent = [hall.publisher.publish([large]) for _ in range(40)]
    assert sent[0] == 1
    assert sent[-1] == 0


def test_subscriptions_of_a_client_are_bounded(hall: Hall) -> None:
    bound = limits.SUBSCRIPTIONS_OF_A_CLIENT
    first, *others, one_too_many = [b"%04d" % number for number in range(bound)]
    socket = hall.subscriber(first, *others)  # and to probes
    socket.subscribe(one_too_many)
    socket.unsubscribe(first)
    hall.publish_until(first, 0)
    assert all(hall.publisher.publish([prefix]) for prefix in others)
    assert not hall.publisher.publish([one_too_many])
