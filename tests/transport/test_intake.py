"""What ZeroMQ does not bound: frames of a message, and messages that are never complete."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import zmq

from scapy_server import limits
from scapy_server.process import kernel
from scapy_server.transport.intake import Intake, watched
from tests.running import PATIENCE
from tests.server.processes import small_server, until
from tests.server.test_service import PING, connected

_GREETING = b"\xff" + bytes(7) + b"\x01\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
_READY = b"\x05READY\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER"
_MORE, _LONG_MORE = b"\x01", b"\x03"
MEGABYTE = 1024 * 1024


@contextmanager
def raw(port: int) -> Iterator[socket.socket]:
    """A connection that has shaken hands and sends whatever bytes it likes (ZMTP 3, RFC 23)."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(_GREETING + b"\x04" + bytes([len(_READY)]) + _READY)
        yield connection


def wait_for_end(connection: socket.socket) -> None:
    with suppress(ConnectionError):
        while connection.recv(4096):
            pass


def unfinished(size: int) -> bytes:
    return _LONG_MORE + struct.pack(">Q", size) + bytes(size)


@pytest.fixture
def intake() -> Iterator[tuple[Intake, int]]:
    """A socket, and the port that it is bound to."""
    with zmq.Context() as context, Intake.of(context, Counter()) as socket_:
        socket_.linger = 0
        yield socket_, socket_.bind_to_random_port("tcp://127.0.0.1")


def test_a_message_of_too_many_frames_ends_its_connection_alone() -> None:
    with small_server() as small, raw(small.port) as flood:
        assert small.client.call("echo", 1) == 1
        with suppress(ConnectionError):
            flood.sendall(_MORE + b"\0")
            flood.sendall((_MORE + b"\0") * 50_000 + b"\0\0")
        wait_for_end(flood)
        assert small.client.call("echo", 2) == 2
        assert small.client.server_status()["refused_connections"]["frames"] == 1


def test_as_many_frames_as_are_allowed_are_answered() -> None:
    with small_server() as small, connected(zmq.DEALER, small.port) as client:
        client.send_multipart([b"x"] * (limits.MESSAGE_FRAMES - 1))
        assert json.loads(client.recv())["error"]["code"] == -32600
        client.send(PING)
        assert json.loads(client.recv())["result"] == {}


def test_the_rest_of_too_long_a_message_is_skipped_in_parts(intake: tuple[Intake, int]) -> None:
    taker, port = intake
    with connected(zmq.DEALER, port) as client:
        client.send_multipart([b"x"] * 25_000)
        turns = 0
        while not taker.refused or taker.getsockopt(zmq.RCVMORE):
            assert taker.poll(round(1000 * PATIENCE))
            with pytest.raises(zmq.Again):
                taker.recv_multipart(zmq.NOBLOCK)
            turns += 1
        assert turns > 2
    with connected(zmq.DEALER, port) as client:
        client.send(b"next")
        assert taker.poll(round(1000 * PATIENCE))
        assert received(taker)[1:] == [b"next"]


def received(taker: Intake) -> list[Any]:
    """The next message, however often it must be asked for."""
    return list(until(lambda: _tried(taker)))


def _tried(taker: Intake) -> list[Any]:
    try:
        return taker.recv_multipart(zmq.NOBLOCK)
    except zmq.Again:
        return []


def test_who_has_sent_most_that_is_not_complete(intake: tuple[Intake, int]) -> None:
    taker, port = intake
    with raw(port) as idle, raw(port) as greedy, connected(zmq.DEALER, port) as honest:
        honest.send(bytes(20 * MEGABYTE))
        assert len(received(taker)[1]) == 20 * MEGABYTE
        greedy.sendall(unfinished(8 * MEGABYTE))
        until(lambda: taker.pending()[0][0] > 8 * MEGABYTE)
        assert taker.pending()[1][0] < 1000
        taker.relieve(1)
        wait_for_end(greedy)
        taker.relieve(10 * MEGABYTE)
        assert taker.refused == {"memory": 1}
        honest.send(b"still here")
        assert received(taker)[1:] == [b"still here"]
        idle.sendall(b"\0\x01x")
        assert received(taker)[1:] == [b"x"]


def test_the_bound_is_the_memory_of_this_process(intake: tuple[Intake, int]) -> None:
    taker, port = intake
    with watched(taker), raw(port) as greedy:
        greedy.sendall(unfinished(8 * MEGABYTE))
        until(lambda: taker.pending()[0][0] > 8 * MEGABYTE)
    assert kernel.resident_bytes() < limits.FRONT_BYTES
    assert taker.refused == {}


def test_a_watched_intake_is_relieved(intake: tuple[Intake, int]) -> None:
    taker, port = intake
    others = set(threading.enumerate())  # servers of other tests watch their memory, too
    with watched(taker, bound=0), raw(port) as greedy:
        with suppress(ConnectionError):
            greedy.sendall(unfinished(8 * MEGABYTE))
        wait_for_end(greedy)
    assert taker.refused["memory"] >= 1
    started = set(threading.enumerate()) - others
    assert "memory-watch" not in {thread.name for thread in started}
