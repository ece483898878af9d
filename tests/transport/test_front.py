"""What the front does by itself, over a real socket."""

from __future__ import annotations

import gc
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
import zmq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scapy_server import limits
from scapy_server.rpc import Reply
from scapy_server.rpc.envelope import read_request, success
from scapy_server.schema.status import QueueStatus
from scapy_server.server import status
from scapy_server.transport.job import Job
from tests.properties import times
from tests.running import environment, server_in_thread
from tests.server import small
from tests.server.processes import Small, small_server, until
from tests.server.test_service import PING, PONG, SLEEP, connected


class Remembers:
    """A shortcut that answers `ping` itself and keeps what it is taught."""

    def __init__(self) -> None:
        self.learnt: list[bytes] = []

    def answer(self, request: bytes, method: str, generation: int) -> Reply | None:
        if method != "ping":
            return None
        return Reply(success(read_request(request).id, "short"), "ping")

    def learn(self, note: bytes, generation: int) -> None:
        self.learnt.append(note)


def test_a_shortcut_answers_and_learns() -> None:
    shortcut = Remembers()
    with (
        server_in_thread("tests.server.small:load_noting", shortcut=shortcut) as (port, _),
        connected(zmq.REQ, port) as client,
    ):
        client.send(PING)
        assert json.loads(client.recv())["result"] == "short"
        client.send(PING.replace(b"ping", b"pid"))
        assert isinstance(json.loads(client.recv())["result"], int)
        client.send(PING.replace(b"ping", b"server_status"))
        status = json.loads(client.recv())["result"]
    assert status["answered_without_worker"] == 1
    assert shortcut.learnt == [b"noted pid"]


@pytest.fixture
def uncollected() -> Iterator[None]:
    """What refers to itself stays, as it may for long in a front that makes few objects."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
def test_nothing_of_a_request_outlives_its_answer() -> None:
    padding = b'"' + b"x" * 100_000 + b'"'
    refused = (
        b"[" + padding,
        PING.replace(b"ping", b"unknown"),
        PING.replace(b'"ping"', b'"server_status","params":[' + padding + b"]"),
        PING.replace(b'"ping"', b'"refuse"'),
    )
    with server_in_thread(small.LOAD, workers=1) as (port, _):
        with connected(zmq.DEALER, port) as client:
            for each in refused:
                client.send_multipart([b"", each])
                assert b"error" in client.recv_multipart()[-1]
        with connected(zmq.DEALER, port) as leaving:
            leaving.send(SLEEP)
            leaving.send(SLEEP)
            assert not leaving.poll(100)
        until(lambda: not any(isinstance(each, Job) for each in gc.get_objects()))


def test_the_front_brings_no_packet_code() -> None:
    assert not loaded_by("server.serving", "server.metrics") & {"scapy", "numpy"}


def test_nothing_slow_is_loaded_before_workers_load_what_takes_longest() -> None:
    slow = {"scapy", "numpy", "zmq", "rich", "asyncio", "cryptography", "nacl"}
    assert not loaded_by("cli.app", "server.service") & slow


def loaded_by(*modules: str) -> set[str]:
    """What is loaded with modules of ours, by the first part of its name."""
    imports = "".join(f", scapy_server.{module}" for module in modules)
    program = f"import sys{imports}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    command = [sys.executable, "-c", program]
    found = subprocess.check_output(command, text=True, env=environment())
    return set(found.split())


def test_draining_answers_what_came_before_and_refuses_what_comes_after() -> None:
    with small_server(workers=1) as server, connected(zmq.DEALER, server.port) as client:
        client.send(SLEEP)
        client.send(SLEEP.replace(b'"1"', b'"2"'))
        until(lambda: server.client.server_status().queue.requests == 1)
        server.server.process.send_signal(signal.SIGTERM)
        until(lambda: _refuses(server))
        answers = [json.loads(client.recv()) for _ in range(2)]
        assert [(answer["id"], answer.get("result")) for answer in answers] == [
            ("1", 0.5),
            ("2", 0.5),
        ]
        said = "Server: Stopping; requests to finish: 2\n"
        assert server.server.finish() == (0, said, "")


def test_a_second_signal_ends_at_once() -> None:
    with small_server(workers=1) as server, connected(zmq.DEALER, server.port) as client:
        client.send(SLEEP.replace(b"0.5", b"60"))
        until(lambda: server.client.server_status().workers[0].state == "busy")
        server.server.process.send_signal(signal.SIGINT)
        until(lambda: _refuses(server))
        server.server.process.send_signal(signal.SIGINT)
        said = "Server: Stopping; requests to finish: 1\nServer: Stopped at once\n"
        assert server.server.finish() == (0, said, "")


def _refuses(server: Small) -> bool:
    """Asked of the front itself: what came before it refuses would wait for a worker."""
    with connected(zmq.REQ, server.port) as client:
        client.send(PING.replace(b"ping", b"server_status"))
        return b"the server is shutting down" in client.recv()


def test_the_status(server: Small) -> None:
    server.client.ping()
    status = server.client.server_status()
    assert [worker.state for worker in status.workers] == ["idle"]
    assert status.pid == server.server.process.pid
    assert status.front_pid == server.front
    assert status.lost_fronts == 0
    assert status.methods["ping"].requests >= 1
    latencies = status.methods["ping"].latency_ms
    assert latencies is not None
    assert latencies["p50"] > 0
    assert status.queue == QueueStatus(0, 0, 0)
    with connected(zmq.REQ, server.port) as client:
        client.send(b'{"jsonrpc":"2.0","id":5,"method":"server_status","params":[1]}')
        reply = json.loads(client.recv())
        assert (reply["id"], reply["error"]["code"]) == (5, -32603)
        client.send(b'{"jsonrpc":"1.0","id":5,"method":"server_status"}')
        reply = json.loads(client.recv())
        assert (reply["id"], reply["error"]["code"]) == (5, -32600)


def test_the_fronts_own_methods_are_refused_by_size_before_they_are_read(server: Small) -> None:
    bound = int(limits.OWN_REQUEST_BYTES)
    start = b'{"jsonrpc":"2.0","id":7,"method":"server_status","params":["'
    with connected(zmq.REQ, server.port) as client:
        for size, code, said in (
            (bound, -32098, "version handler"),
            (bound + 1, -32098, f"may be at most {bound} bytes, this is {bound + 1}"),
        ):
            client.send(start + b"x" * (size - len(start) - 3) + b'"]}')
            error = json.loads(client.recv())
            assert error["id"] == 7
            assert error["error"]["code"] == code
            assert said in error["error"]["message"]


def test_a_bug_in_the_fronts_own_methods_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr(status, "report", fails)
    with server_in_thread(small.LOAD) as (port, _), connected(zmq.REQ, port) as client:
        client.send(PING.replace(b"ping", b"server_status"))
        assert json.loads(client.recv())["error"]["code"] == -32096
        client.send(PING)
        assert client.recv() == PONG


def test_methods_of_clients_do_not_fill_the_books(server: Small) -> None:
    with connected(zmq.REQ, server.port) as client:
        for number in range(50):
            client.send(PING.replace(b"ping", b"unknown%d" % number))
            assert json.loads(client.recv())["error"]["code"] == -32601
    assert not any("unknown" in name for name in server.client.server_status().methods)


@pytest.fixture(scope="module")
def server() -> Iterator[Small]:
    with small_server(workers=1) as running:
        yield running


FRAMES = st.lists(
    st.sampled_from([b"", b"\0", PING, PING[:-1], b"[]", b"{}", b"\xff"])
    | st.binary(max_size=40)
    | st.dictionaries(
        st.sampled_from(["jsonrpc", "id", "method", "params", "x"]),
        st.sampled_from(["2.0", "ping", "echo", "server_status", 1, None, [], {}, [1]]),
    ).map(lambda value: json.dumps(value).encode()),
    min_size=1,
    max_size=4,
)


@settings(
    max_examples=times(2),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(messages=st.lists(FRAMES, min_size=1, max_size=5))
def test_whatever_frames_come_each_message_has_one_reply(
    server: Small, messages: list[list[bytes]]
) -> None:
    with connected(zmq.DEALER, server.port) as client:
        for frames in messages:
            client.send_multipart(frames)
        for _ in messages:
            *_, reply = client.recv_multipart()
            _check_reply(json.loads(reply))
        client.send_multipart([b"last", b"", PING])
        assert client.recv_multipart() == [b"last", b"", PONG]


def _check_reply(reply: dict[str, Any]) -> None:
    assert reply["jsonrpc"] == "2.0"
    assert "id" in reply
    assert ("result" in reply) != ("error" in reply)
