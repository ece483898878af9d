"""Sending and waiting, against servers that are there, late, silent or away."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import zmq

from scapy_server.client.connection import ClientError, Connection, endpoint
from tests.client.dropper import Dropper
from tests.running import PATIENCE


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("localhost", "tcp://localhost:4507"),
        ("localhost:5555", "tcp://localhost:5555"),
        ("10.0.0.1:1", "tcp://10.0.0.1:1"),
        ("tcp://trex:65535", "tcp://trex:65535"),
        ("[::1]:5555", "tcp://[::1]:5555"),
        ("[::1]", "tcp://[::1]:4507"),
        ("::1", "tcp://[::1]:4507"),
    ],
)
def test_endpoints(server: str, expected: str) -> None:
    assert endpoint(server) == expected


@pytest.mark.parametrize(
    "server",
    [
        "",
        ":5555",
        "host:",
        "host:0",
        "host:65536",
        "host:x",
        "host:-1",
        "a b:1",
        "x/y",
        "h\n:1",
        "host:\u0661",
    ],
)
def test_what_is_no_endpoint(server: str) -> None:
    with pytest.raises(ValueError, match=r"is not host:port|has no port"):
        endpoint(server)


@pytest.fixture
def router() -> Iterator[tuple[zmq.Socket[bytes], str]]:
    """A socket that stands in for a server that answers when the test says so."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.setsockopt(zmq.LINGER, 0)
        router.setsockopt(zmq.RCVTIMEO, 30_000)
        port = router.bind_to_random_port("tcp://127.0.0.1")
        yield router, f"127.0.0.1:{port}"


def test_nobody_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        # longer than a test may take: a refused connection is told at once
        connection = Connection(f"127.0.0.1:{unused.getsockname()[1]}", timeout=100_000)
        for repeatable in (False, True):
            with pytest.raises(
                ClientError, match=r"nobody listens on tcp://127\.0\.0\.1:\d+; is a Scapy server"
            ) as caught:
                connection.exchange(b"x", repeatable)
            assert caught.value.code is None
        connection.close()


def test_nobody_answers(router: tuple[zmq.Socket[bytes], str]) -> None:
    connection = Connection(router[1], timeout=0.1)
    with pytest.raises(ClientError, match=r"no reply from tcp://127\.0\.0\.1:.* within 0\.1 s"):
        connection.exchange(b"x")
    connection.close()


def test_a_late_reply_is_not_taken_for_another(router: tuple[zmq.Socket[bytes], str]) -> None:
    server, place = router
    connection = Connection(place, timeout=0.1)
    with pytest.raises(ClientError):
        connection.exchange(b"first")
    late, _, request = server.recv_multipart()
    assert request == b"first"
    connection.timeout = 0.5
    with pytest.raises(ClientError):
        connection.exchange(b"second")
    again, _, request = server.recv_multipart()
    assert request == b"second"
    server.send_multipart([late, b"", b"to the first"])
    server.send_multipart([again, b"", b"to the second"])
    with pytest.raises(ClientError):  # the answers belong to sockets that are closed by now
        connection.exchange(b"third")
    connection.close()


def test_a_server_that_comes_back_is_found_again() -> None:
    with zmq.Context() as context:
        with context.socket(zmq.REP) as first:
            port = first.bind_to_random_port("tcp://127.0.0.1")
        connection = Connection(f"127.0.0.1:{port}", timeout=0.1)
        with pytest.raises(ClientError):
            connection.exchange(b"anyone?")
        with context.socket(zmq.REP) as second:
            second.bind(f"tcp://127.0.0.1:{port}")
            thread = threading.Thread(target=lambda: second.send(second.recv()))
            thread.start()
            connection.timeout = 30
            assert connection.exchange(b"anyone?") == b"anyone?"
            assert connection.endpoint.endswith(str(port))
            thread.join()
        connection.close()


@pytest.mark.parametrize(("bound", "asked"), [("127.0.0.1", "localhost"), ("[::1]", "[::1]")])
def test_names_and_both_kinds_of_addresses(bound: str, asked: str) -> None:
    with zmq.Context() as context, context.socket(zmq.REP) as server:
        server.setsockopt(zmq.IPV6, "[" in bound)
        port = server.bind_to_random_port(f"tcp://{bound}")
        thread = threading.Thread(target=lambda: server.send(server.recv()))
        thread.start()
        connection = Connection(f"{asked}:{port}", timeout=30)
        assert connection.exchange(b"x") == b"x"
        connection.close()
        thread.join()


def test_no_such_host() -> None:
    connection = Connection("999.1.1.1", timeout=0.1)
    with pytest.raises(ClientError, match="there is no host") as caught:
        connection.exchange(b"x")
    assert caught.value.code is None
    connection.close()


def test_closed_twice_and_used_afterwards() -> None:
    connection = Connection("127.0.0.1:1", timeout=0.1)
    connection.close()
    connection.close()
    with pytest.raises(ClientError, match="closed"):
        connection.exchange(b"x")


@pytest.mark.parametrize(("repeatable", "times"), [(True, 5), (False, 1)])
def test_what_may_be_repeated_is_sent_again_when_the_connection_is_lost(
    repeatable: bool, times: int
) -> None:
    dropper = Dropper()
    connection = Connection(f"127.0.0.1:{dropper.port}", timeout=PATIENCE)
    with pytest.raises(ClientError, match="ended the connection"):
        connection.exchange(b"request", repeatable)
    assert dropper.messages == times
    connection.close()
    dropper.listener.close()
