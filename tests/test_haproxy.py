"""The configuration in deploy/, with a real HAProxy in front of two real servers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from scapy_server import Client, ClientError
from tests.running import PATIENCE
from tests.server.processes import small_server, until

pytestmark = pytest.mark.processes

CONFIGURATION = Path(__file__).parents[1] / "deploy" / "haproxy.cfg"


@pytest.fixture
def haproxy() -> str:
    found = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        if os.environ.get("SCAPY_SERVER_REQUIRE_HAPROXY"):
            pytest.fail("haproxy is not installed")
        pytest.skip("haproxy is not installed")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def balancer(program: str, *servers: int) -> Iterator[int]:
    port = free_port()
    places = {f"SERVER_{number}": f"127.0.0.1:{at}" for number, at in enumerate(servers, 1)}
    process = subprocess.Popen(
        [program, "-f", str(CONFIGURATION)],
        env={**os.environ, "BIND": f"127.0.0.1:{port}", **places},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.poll() is None
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


def call_until_answered(client: Client, value: str) -> object:
    """What a client does that retries, and how often is its own affair."""
    while True:
        try:
            return client.call("echo", value)
        except ClientError as error:
            assert error.code is None, error  # no reply; anything else would be a fault


class Callers:
    """Threads that call through the balancer until they are stopped."""

    def __init__(self, port: int) -> None:
        self.calls = 0
        self.wrong: list[object] = []
        self._port = port
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(n,)) for n in range(4)]

    def __enter__(self) -> Callers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()

    def _call(self, number: int) -> None:
        turn = 0
        with Client(f"127.0.0.1:{self._port}", timeout=1.0) as client:
            while not self._stop.is_set():
                turn += 1
                if (
                    answer := call_until_answered(client, f"{number}-{turn}")
                ) != f"{number}-{turn}":
                    self.wrong.append(answer)
                self.calls += 1

    def wait_for_more(self, count: int) -> None:
        enough = self.calls + count
        until(lambda: self.calls >= enough)


def test_a_server_goes_and_comes_back_under_load(haproxy: str) -> None:
    again = free_port()
    with ExitStack() as stack:
        first = stack.enter_context(small_server(workers=1))
        port = stack.enter_context(balancer(haproxy, first.port, again))
        callers = stack.enter_context(Callers(port))
        with small_server(workers=1, port=again) as second:
            callers.wait_for_more(200)
            second.server.process.kill()
            callers.wait_for_more(200)
        back = stack.enter_context(small_server(workers=1, port=again))
        first.server.process.kill()
        callers.wait_for_more(200)
        assert back.client.server_status().methods["echo"].requests >= 100
        callers.stop()
    assert callers.wrong == []
