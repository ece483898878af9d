"""The server over real sockets."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import zmq

from scapy_server import Client, limits
from scapy_server.process import kernel
from scapy_server.server.service import Settings, StartError, serve
from tests.running import PATIENCE, Lines, server_in_thread, server_process
from tests.server import small
from tests.server.processes import until

pytestmark = pytest.mark.processes

PING = b'{"jsonrpc":"2.0","id":"1","method":"ping"}'
SLEEP = b'{"jsonrpc":"2.0","id":"1","method":"sleep","params":[0.5]}'
PONG = b'{"jsonrpc":"2.0","id":"1","result":{}}'

#: A small server as a process of its own.
SMALL_SERVER = """
from scapy_server.server.service import Settings, serve
from tests.server import small
from tests.server.processes import until
serve(Settings(port=0, host="127.0.0.1", workers=1), small.LOAD)
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with server_in_thread(small.LOAD) as (port, _):
        yield port


@contextmanager
def connected(kind: int, port: int, host: str = "127.0.0.1") -> Iterator[zmq.Socket[bytes]]:
    with zmq.Context() as context, context.socket(kind) as client:
        client.setsockopt(zmq.LINGER, 0)
        client.setsockopt(zmq.IPV6, 1)
        client.setsockopt(zmq.RCVTIMEO, int(1000 * PATIENCE))
        client.connect(f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}")
        yield client


def error_of(reply: bytes) -> Any:
    return json.loads(reply)["error"]


def test_start_lines() -> None:
    with server_in_thread(small.LOAD) as (port, lines):
        assert lines.seen == [
            "***Scapy Server Started***",
            f"Listening on port: {port}",
            "Server IP address: 127.0.0.1",
        ]


def test_req_client(port: int) -> None:
    with connected(zmq.REQ, port) as client:
        for _ in range(3):
            client.send(PING)
            assert client.recv_multipart() == [PONG]


@pytest.mark.parametrize("envelope", [[], [b""], [b"hop", b""], [b"hop", b"hop", b""]])
def test_dealer_client(port: int, envelope: list[bytes]) -> None:
    with connected(zmq.DEALER, port) as client:
        for _ in range(3):
            client.send_multipart([*envelope, PING])
        for _ in range(3):
            assert client.recv_multipart() == [*envelope, PONG]


@pytest.mark.parametrize(
    ("frames", "reply_envelope", "code"),
    [
        ([b""], [], -32700),
        ([b"", b""], [b""], -32700),
        ([b"\xff\xfe"], [], -32700),
        ([b"", b"\xff\xfe"], [b""], -32700),
        ([PING, b"x"], [], -32600),
        ([b"", PING, b"x"], [b""], -32600),
        ([b"", b"", PING], [b""], -32600),
        ([PING, b""], [], -32600),
        ([b"", *[b"x"] * 14], [b""], -32600),
    ],
)
def test_malformed_messages_are_answered(
    port: int, frames: list[bytes], reply_envelope: list[bytes], code: int
) -> None:
    with connected(zmq.DEALER, port) as client:
        client.send_multipart(frames)
        *envelope, reply = client.recv_multipart()
        assert envelope == reply_envelope
        assert error_of(reply)["code"] == code
        client.send(PING)
        assert client.recv() == PONG


def test_two_part_message_of_a_req_client(port: int) -> None:
    with connected(zmq.REQ, port) as client:
        client.send_multipart([PING, b"x"])
        assert error_of(client.recv()) == {
            "code": -32600,
            "message": "Invalid Request: a request is one frame, this message has 2",
        }


def test_noise_on_the_port_harms_nobody(port: int) -> None:
    for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 64, b"\0" * 1000, b""):
        with socket.create_connection(("127.0.0.1", port)) as raw:
            raw.sendall(noise)
    with connected(zmq.REQ, port) as client:
        client.send(PING)
        assert client.recv() == PONG


def test_clients_that_do_not_wait_harm_nobody(port: int) -> None:
    for _ in range(20):
        with connected(zmq.DEALER, port) as client:
            client.send(PING)
    with connected(zmq.REQ, port) as client:
        client.send(PING)
        assert client.recv() == PONG


def test_messages_beyond_the_bound_are_not_taken(port: int) -> None:
    with (
        connected(zmq.DEALER, port) as client,
        client.get_monitor_socket(zmq.EVENT_DISCONNECTED) as monitor,
    ):
        client.send(b"x" * (limits.MESSAGE_BYTES + 1), copy=False)
        assert monitor.poll(int(1000 * PATIENCE))
        client.disable_monitor()
    with connected(zmq.REQ, port) as client:
        client.send(PING)
        assert client.recv() == PONG


def test_many_clients_get_their_own_replies(port: int) -> None:
    wrong: list[bytes] = []

    def talk(number: int) -> None:
        with connected(zmq.REQ, port) as client:
            for turn in range(20):
                request_id = f"{number}-{turn}".encode()
                client.send(PING.replace(b'"1"', b'"%s"' % request_id))
                reply = client.recv()
                if reply != PONG.replace(b'"1"', b'"%s"' % request_id):
                    wrong.append(reply)

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_shut_down_is_answered_first() -> None:
    with server_in_thread(small.LOAD) as (port, lines), connected(zmq.REQ, port) as client:
        client.send(b'{"jsonrpc":"2.0","method":"shut_down","id":"1","params":[]}')
        assert client.recv() == b'{"jsonrpc":"2.0","id":"1","result":"Server is shutting down"}'
        lines.wait_for("Server: Shut down by remote user")


def test_ipv6() -> None:
    with server_in_thread(small.LOAD, host="::1") as (port, lines):
        assert lines.seen[-1] == "Server IP address: ::1"
        with connected(zmq.REQ, port, "::1") as client:
            client.send(PING)
            assert client.recv() == PONG


def test_verbose_shows_both_ways_and_nothing_raw() -> None:
    with (
        server_in_thread(small.LOAD, verbose=True) as (port, lines),
        connected(zmq.DEALER, port) as client,
    ):
        client.send(PING)
        assert client.recv() == PONG
        assert lines.wait_for("Request from ").endswith(": " + PING.decode())
        assert lines.wait_for("Reply to ").endswith(": " + PONG.decode())
        client.send(b"\x1b[2J\nServer: Shut down by remote user")
        client.recv()
        shown = lines.wait_for("Request from ")
        assert shown.endswith(r": \x1b[2J\nServer: Shut down by remote user")


def test_failures_of_ours_are_logged_with_their_traceback(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    lines = Lines()
    settings = Settings(port=0, host="127.0.0.1", log=log)
    thread = threading.Thread(target=serve, args=(settings, small.LOAD), kwargs={"out": lines})
    thread.start()
    with Client(f"127.0.0.1:{lines.port()}") as client:
        with pytest.raises(Exception, match="Unknown Error"):
            client.call("fail")
        client.shut_down()
    thread.join(PATIENCE)
    text = log.read_text()
    assert "fail: error -32096 in " in text
    assert "    | ZeroDivisionError: division by zero" in text


def test_a_port_in_use(port: int) -> None:
    with pytest.raises(StartError, match=f"port {port}: Address already in use"):
        serve(Settings(port=port, host="127.0.0.1"), small.LOAD)


@pytest.mark.parametrize("host", ["999.1.1.1", "", "203.0.113.7", "x\ny"])
def test_a_bad_host(host: str) -> None:
    with pytest.raises(StartError) as caught:
        serve(Settings(port=0, host=host), small.LOAD)
    assert str(caught.value).startswith('cannot listen on host "')
    assert "\n" not in str(caught.value)


def test_a_log_that_cannot_be_written(tmp_path: Path) -> None:
    for log in (tmp_path, tmp_path / "missing" / "log"):
        with pytest.raises(StartError, match="cannot write the log file"):
            serve(Settings(port=0, log=log), small.LOAD)


@pytest.mark.parametrize(
    ("load", "reason"),
    [
        (f"{small.__name__}:refuse", "Scapy Server: no module 'x'"),
        (f"{small.__name__}:fail", "ZeroDivisionError: by zero"),
        (f"{small.__name__}:exit_at_once", "the process that loads them has ended"),
        ("no_such_module:load", "ModuleNotFoundError: No module named 'no_such_module'"),
    ],
)
def test_a_core_that_cannot_be_loaded(load: str, reason: str) -> None:
    with pytest.raises(StartError) as caught:
        serve(Settings(port=0, host="127.0.0.1"), load)
    assert str(caught.value) == f"cannot load the protocols: {reason}"


def test_a_server_with_more_descriptors_than_select_knows() -> None:
    kernel.raise_descriptor_limit()
    with ExitStack() as many:
        while many.enter_context(Path(os.devnull).open()).fileno() < 1024:
            pass
        with server_in_thread(small.LOAD) as (port, _), connected(zmq.REQ, port) as client:
            client.send(PING)
            assert client.recv() == PONG


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_cleanly(number: int) -> None:
    with server_process(["-c", SMALL_SERVER]) as server:
        server.process.send_signal(number)
        assert server.finish() == (0, "Server: Stopping\n", "")


def test_a_signal_lets_the_request_at_hand_be_answered() -> None:
    with server_process(["-c", SMALL_SERVER]) as server:
        with connected(zmq.DEALER, server.port) as client:
            client.send(SLEEP)
            with Client(f"127.0.0.1:{server.port}", timeout=PATIENCE) as other:
                until(lambda: client.poll(0) or other.server_status().workers[0].busy_seconds)
            server.process.send_signal(signal.SIGTERM)
            assert client.recv() == b'{"jsonrpc":"2.0","id":"1","result":0.5}'
        status, out, err = server.finish()
        assert (status, err) == (0, "")
        assert out.startswith("Server: Stopping; requests to finish: ")
        assert out.count("\n") == 1
