"""Real server processes with small methods, and what can be done to them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scapy_server import Client
from tests.running import PATIENCE, ServerProcess, server_process
from tests.server import small

PROGRAM = """
import sys
from scapy_server.server.service import Settings, serve
serve(Settings(**eval(sys.argv[2])), sys.argv[1])
"""


@dataclass(frozen=True)
class Small:
    """A server, and a client of it that is patient."""

    server: ServerProcess
    client: Client

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def front(self) -> int:
        """The process that listens."""
        (front,) = (
            pid
            for pid in descendants(self.server.process.pid)
            if Path(f"/proc/{pid}/comm").read_text() == "scapy-front\n"
        )
        return front

    @property
    def workers(self) -> list[int]:
        """The worker processes that are ready, the oldest first."""
        workers = self.client.server_status().workers
        return [worker.pid for worker in workers if worker.state != "starting"]

    def wait_for_workers(self, count: int) -> list[int]:
        until(lambda: len(self.workers) == count)
        return self.workers


@contextmanager
def small_server(load: str = small.LOAD, **settings: Any) -> Iterator[Small]:
    """A running server; nothing of it is left in the end, however it ended."""
    arguments = [
        "-c",
        PROGRAM,
        load,
        repr({"port": 0, "host": "127.0.0.1", "workers": 2} | settings),
    ]
    with server_process(arguments) as server:
        family = descendants(server.process.pid)
        with Client(f"127.0.0.1:{server.port}", timeout=PATIENCE) as client:
            if load == small.LOAD:
                client.call("big", 1_000_000)  # after the first one the front has all it needs
            yield Small(server, client)
        family |= descendants(server.process.pid)
    until(lambda: not any(map(alive, family)))


class Polite:
    """Asks one thing after the other, and keeps how long each took."""

    def __init__(self, port: int) -> None:
        self.waits: list[float] = []
        self._port = port
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._talk)
        self._failed: Exception | None = None

    def __enter__(self) -> Polite:
        self._thread.start()
        until(lambda: len(self.waits) > 5)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        if self._failed is not None:
            raise self._failed
        assert len(self.waits) > 10

    def _talk(self) -> None:
        try:
            with Client(f"127.0.0.1:{self._port}", timeout=PATIENCE) as client:
                while not self._stop.is_set():
                    begin = time.monotonic()
                    number = len(self.waits)
                    assert client.call("echo", number) == number
                    self.waits.append(time.monotonic() - begin)
                    time.sleep(0.01)
        except Exception as error:
            self._failed = error


def until(condition: Callable[[], Any]) -> Any:
    """What the condition gives once it is true; fails after a long time."""
    end = time.monotonic() + PATIENCE
    while not (result := condition()):
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)
    return result


def descendants(pid: int) -> set[int]:
    """The processes below a process."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found: set[int] = set()
    left = [pid]
    while left:
        below = children.get(left.pop(), [])
        found.update(below)
        left += below
    return found


def alive(pid: int) -> bool:
    """Whether a process runs (one that has ended but was not reaped does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]
    except OSError:
        return False
    return state not in {b"Z", b"X"}


def descriptors(pid: int) -> int:
    """How many files a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
