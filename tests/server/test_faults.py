"""Whatever is done to the processes, every request is answered, once and to its client."""

from __future__ import annotations

import itertools
import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import zmq

from scapy_server import Client, ClientError
from scapy_server.schema.status import WorkerStatus
from tests.running import PATIENCE, environment, server_process
from tests.server.processes import (
    Polite,
    Small,
    alive,
    descendants,
    descriptors,
    small_server,
    until,
)
from tests.server.test_service import connected

pytestmark = pytest.mark.processes

BUSY = -32098


def request(number: int, method: str, *params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode()


class Load:
    """Clients that send checked requests one after the other until they are stopped.

    Every reply must be the one to the request (`echo` sends back what no other request
    carries), or an error with our code. What came is counted in `replies`. When a connection is
    lost, as `lossy` allows, clients ask by another one for what they were not told.
    """

    def __init__(self, port: int, clients: int = 4, window: int = 3, lossy: bool = False) -> None:
        self._lossy = lossy
        self.replies: Counter[int | str] = Counter()
        self.wrong: list[bytes] = []
        self._stop = threading.Event()
        self._port = port
        self._window = window
        self._threads = [
            threading.Thread(target=self._talk, args=(number,)) for number in range(clients)
        ]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()

    def check(self) -> None:
        """To be called in the end: nothing was lost, swapped or answered twice."""
        assert self.wrong == []
        assert set(self.replies) <= {"ok", BUSY}
        assert self.replies["ok"] > 0

    def _talk(self, client: int) -> None:
        waiting: dict[int, str] = {}
        numbers = itertools.count(1)
        done = False
        while not done:
            with (
                connected(zmq.DEALER, self._port) as socket,
                socket.get_monitor_socket(zmq.EVENT_DISCONNECTED) as lost,
            ):
                for number, sent in waiting.items():
                    socket.send(request(number, "echo", sent))
                done = self._asked(socket, lost, client, numbers, waiting)
                if done and socket.poll(200):
                    self.wrong.append(b"answered twice: " + socket.recv()[:200])
                socket.disable_monitor()

    def _asked(
        self,
        socket: zmq.Socket[bytes],
        lost: zmq.Socket[bytes],
        client: int,
        numbers: Iterator[int],
        waiting: dict[int, str],
    ) -> bool:
        """Ask until told to stop; False if the connection was lost, as it may be."""
        poller = zmq.Poller()
        for each in (socket, lost):
            poller.register(each, zmq.POLLIN)
        while waiting or not self._stop.is_set():
            while len(waiting) < self._window and not self._stop.is_set():
                number = next(numbers)
                waiting[number] = f"{client}-{number}-" + "x" * random.choice((1, 1000, 200_000))
                socket.send(request(number, "echo", waiting[number]))
            ready = dict(poller.poll(round(1000 * PATIENCE)))
            if socket in ready:
                self._judge(socket.recv(), waiting)
            elif lost in ready and self._lossy:
                return False
            else:
                self.wrong.append(f"{len(waiting)} requests were never answered".encode())
                return True
        return True

    def _judge(self, reply: bytes, waiting: dict[int, str]) -> None:
        content = json.loads(reply)
        sent = waiting.pop(content["id"], None)
        if sent is not None and content.get("result") == sent:
            self.replies["ok"] += 1
        elif sent is not None and "error" in content:
            self.replies[content["error"]["code"]] += 1
        else:
            self.wrong.append(reply[:200])


@pytest.fixture(scope="module")
def server() -> Iterator[Small]:
    """A server that many tests may hurt, as it recovers."""
    with small_server(request_timeout=2.0, worker_memory=300 * 1024 * 1024) as small:
        yield small


@contextmanager
def flat(server: Small) -> Iterator[None]:
    """The front has as many descriptors afterwards as before."""
    pid = server.front
    server.wait_for_workers(2)
    before = descriptors(pid)
    yield
    server.wait_for_workers(2)
    until(lambda: descriptors(pid) <= before)


def test_workers_killed_under_load(server: Small) -> None:
    with flat(server), Load(server.port) as load:
        for _ in range(12):
            os.kill(random.choice(server.wait_for_workers(2)), signal.SIGKILL)
            time.sleep(0.1)
    load.check()


def test_workers_stopped_under_load(server: Small) -> None:
    with flat(server), Load(server.port) as load:
        for _ in range(2):
            victim = server.wait_for_workers(2)[0]
            os.kill(victim, signal.SIGSTOP)
            wait_for_end(victim)
    load.check()


def test_the_zygote_killed_under_load(server: Small) -> None:
    zygote = zygote_of(server)
    with flat(server), Load(server.port) as load:
        time.sleep(0.2)
        os.kill(zygote, signal.SIGKILL)
        until(lambda: not alive(zygote) and len(server.workers) == 2)
    load.check()
    reasons = server.client.server_status().restarts.by_reason
    assert reasons["zygote"] >= 2


def test_a_request_that_never_ends(server: Small) -> None:
    with flat(server), Load(server.port) as load:
        with pytest.raises(ClientError, match="starve took longer than 2 seconds and was stopped"):
            server.client.call("starve")
        with pytest.raises(ClientError, match="starve took longer"):
            server.client.call("starve")
        with pytest.raises(ClientError, match="has ended 2 worker processes and is refused"):
            server.client.call("starve")
    load.check()


def test_a_request_that_devours_memory(server: Small) -> None:
    said = "devour needed more than 314572800 bytes of memory"
    with flat(server), pytest.raises(ClientError, match=said):
        server.client.call("devour")


def test_a_worker_that_has_grown_too_much_is_replaced(server: Small) -> None:
    before = server.wait_for_workers(2)
    assert server.client.call("keep", 200 * 1024 * 1024) == 1
    until(lambda: len(set(server.workers) - set(before)) == 1 and len(server.workers) == 2)
    assert server.client.server_status().restarts.by_reason["outgrown"] == 1


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT])
def test_a_request_that_kills_workers(server: Small, number: signal.Signals) -> None:
    said = f"has lost 2 worker processes: the last was killed by {number.name}"
    with pytest.raises(ClientError, match=said) as caught:
        server.client.call("die", int(number))
    assert caught.value.code == BUSY
    with pytest.raises(ClientError, match="has ended 2 worker processes and is refused"):
        server.client.call("die", int(number))
    assert server.client.call("echo", 1) == 1


def test_a_worker_that_was_killed_costs_only_time(server: Small) -> None:
    result: list[Any] = []

    def ask() -> None:
        with Client(f"127.0.0.1:{server.port}", timeout=PATIENCE) as client:
            result.append(client.call("sleep", 0.5))

    thread = threading.Thread(target=ask)
    thread.start()
    busy = until(
        lambda: [
            worker.pid for worker in server.client.server_status().workers if worker.state == "busy"
        ]
    )
    os.kill(busy[0], signal.SIGKILL)
    thread.join(PATIENCE)
    assert result == [0.5]


def test_clients_that_vanish(server: Small) -> None:
    with flat(server):
        for _ in range(50):
            with connected(zmq.DEALER, server.port) as client:
                client.send(request(1, "sleep", 0.01))
                client.send(request(2, "echo", "x" * 100_000))
        assert server.client.call("echo", 1) == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_no_process_survives_the_one_that_was_started(number: signal.Signals) -> None:
    with small_server() as small, connected(zmq.DEALER, small.port) as client:
        family = descendants(small.server.process.pid)
        assert len(family) == 4
        client.send(request(1, "starve"))
        client.send(request(2, "sleep", 60))
        until(lambda: sum(worker.state == "busy" for worker in status_of(small)) == 2)
        os.kill(small.server.process.pid, number)
        until(lambda: not any(map(alive, family)))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_front_that_is_lost_is_replaced(server: Small, number: signal.Signals) -> None:
    front, zygote = server.front, zygote_of(server)
    lost = server.client.server_status().lost_fronts
    with Load(server.port, lossy=True) as load:
        until(lambda: load.replies["ok"] > 100)
        os.kill(front, number)
        wait_for_end(front)
        before = load.replies["ok"]
        until(lambda: load.replies["ok"] > before + 100)
    load.check()
    assert server.client.server_status().lost_fronts == lost + 1
    assert zygote_of(server) == zygote, "what was loaded stays"
    assert server.client.call("echo", 1) == 1


def test_a_front_that_is_stopped_is_replaced(server: Small) -> None:
    front = server.front
    with Polite(server.port) as polite:
        os.kill(front, signal.SIGSTOP)
        wait_for_end(front)
        before = len(polite.waits)
        until(lambda: len(polite.waits) > before + 20)
    assert server.client.server_status().front_pid != front


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_what_is_sent_to_other_processes_ends_none(server: Small, number: signal.Signals) -> None:
    family = descendants(server.server.process.pid)
    for pid in family:
        os.kill(pid, number)
    for count in range(20):
        assert server.client.call("echo", count) == count
    assert descendants(server.server.process.pid) == family


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_all_processes_at_once_drains(number: signal.Signals) -> None:
    with small_server() as small, connected(zmq.DEALER, small.port) as client:
        client.send(request(1, "sleep", 0.5))
        until(lambda: any(worker.state == "busy" for worker in status_of(small)))
        server = small.server.process.pid
        for pid in (*descendants(server), server):
            os.kill(pid, number)
        assert json.loads(client.recv())["result"] == 0.5
        assert small.server.finish()[0] == 0


LAYER = """
from scapy.fields import ByteField
from scapy.packet import Packet
class Changing(Packet):
    fields_desc = [ByteField("value", {default})]
"""


def test_what_is_loaded_anew_is_answered_anew(tmp_path: Path) -> None:
    """The front knows packets by the plans of workers that had loaded something else."""
    module = tmp_path / "changing.py"
    module.write_text(LAYER.format(default=1))
    arguments = ["-m", "scapy_server", "serve", "-s", "0", "--workers", "1", "--load", "changing"]
    with (
        server_process(arguments, tmp_path) as process,
        Client(f"127.0.0.1:{process.port}", timeout=PATIENCE) as client,
    ):
        server = Small(process, client)
        model = [{"id": "Changing"}]
        before = client.server_status().answered_without_worker
        assert [client.build_pkt(model).bytes for _ in range(4)] == [b"\1"] * 4
        assert client.server_status().answered_without_worker > before
        module.write_text(LAYER.format(default=200))  # longer, so that no cache is believed
        os.kill(zygote_of(server), signal.SIGKILL)
        until(lambda: client.server_status().restarts.by_reason.get("zygote"))
        assert [client.build_pkt(model).bytes for _ in range(4)] == [b"\xc8"] * 4


def test_a_front_that_is_killed_is_replaced(server: Small) -> None:
    front = server.front
    assert server.client.call("echo", 1) == 1
    os.kill(front, signal.SIGKILL)
    assert server.client.call("echo", 2) == 2  # how soon, bench/fronts.py measures
    assert server.client.server_status().front_pid != front


def zygote_of(server: Small) -> int:
    (zygote,) = (
        pid
        for pid in descendants(server.server.process.pid)
        if Path(f"/proc/{pid}/comm").read_text() == "scapy-zygote\n"
    )
    return zygote


def wait_for_end(pid: int) -> None:
    until(lambda: not alive(pid))


def status_of(small: Small) -> list[WorkerStatus]:
    return small.client.server_status().workers


def test_a_flood_is_told_that_the_server_is_busy(server: Small) -> None:
    with connected(zmq.DEALER, server.port) as client:
        for number in range(1000):
            client.send(request(number, "sleep", 0.002))
        assert server.client.call("echo", "in turn") == "in turn"
        replies = [json.loads(client.recv()) for _ in range(1000)]
    assert sorted(reply["id"] for reply in replies) == list(range(1000))
    messages = {reply["error"]["message"] for reply in replies if "error" in reply}
    assert len(messages) == 1
    assert "the server is busy: 256 requests of this client wait already" in messages.pop()


def test_a_client_that_does_not_read(server: Small) -> None:
    with flat(server):
        with connected(zmq.DEALER, server.port) as client:
            client.setsockopt(zmq.RCVHWM, 1)
            for number in range(60):
                client.send(request(number, "big", 4_000_000))
            until(lambda: server.client.server_status().dropped_replies.get("unread"))
        until(lambda: server.client.server_status().unread_reply_bytes == 0)


def test_silent_connections(server: Small) -> None:
    program = (
        "import socket, sys\n"
        "all = [socket.create_connection(('127.0.0.1', int(sys.argv[1]))) for _ in range(900)]\n"
        "print(len(all), flush=True); sys.stdin.read()\n"
    )
    with (
        flat(server),
        subprocess.Popen(
            ["bash", "-c", f'exec {sys.executable} -c "$0" {server.port}', program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
        ) as crowd,
    ):
        assert crowd.stdout is not None
        assert crowd.stdout.readline() == b"900\n"
        assert server.client.call("echo", 1) == 1
        with Client(f"127.0.0.1:{server.port}", timeout=PATIENCE) as newcomer:
            assert newcomer.call("echo", 2) == 2
        crowd.communicate()


def test_no_descriptors_left() -> None:
    with small_server(request_timeout=5.0) as small:
        pid = small.front
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (descriptors(pid) + 30,) * 2)
        with ExitStack() as crowd:
            for _ in range(100):
                with suppress(OSError):
                    silent = socket.create_connection(("127.0.0.1", small.port), timeout=1)
                    crowd.enter_context(silent)
            until(lambda: small.client.server_status().refused_connections.get("accept"))
            assert small.client.call("echo", 1) == 1
            os.kill(small.workers[0], signal.SIGKILL)
            assert small.client.call("echo", 2) == 2
        small.wait_for_workers(2)
        with Client(f"127.0.0.1:{small.port}", timeout=PATIENCE) as newcomer:
            assert newcomer.call("echo", 3) == 3


def test_a_zygote_that_is_stopped_is_replaced(server: Small) -> None:
    zygote = zygote_of(server)
    os.kill(zygote, signal.SIGSTOP)
    os.kill(server.workers[0], signal.SIGKILL)
    until(lambda: not alive(zygote) and len(server.workers) == 2)
    assert server.client.call("echo", 1) == 1


def test_a_worker_that_cannot_start_is_not_started_for_ever() -> None:
    with small_server(
        "tests.server.small:load_then_break", workers=1, request_timeout=1.0
    ) as small:
        os.kill(small.workers[0], signal.SIGKILL)
        until(lambda: small.client.server_status().restarts.backing_off_seconds > 1)
        with pytest.raises(ClientError, match="no worker was free"):
            small.client.call("echo", 1)
        small.server.process.send_signal(signal.SIGTERM)
        status, _, err = small.server.finish()
        assert status == 0
        assert "nothing is started for" in err
