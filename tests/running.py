"""Servers for tests: one in a thread of this process, or a real process of its own."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, cast

from scapy_server import Client, work
from scapy_server.server.service import serve
from scapy_server.server.settings import LOADER, Settings
from scapy_server.transport.shortcut import Shortcut

SOURCES = Path(__file__).parents[1] / "src"
PATIENCE = 60.0  # seconds after which a server that should have spoken is taken for hung


def patient() -> AbstractContextManager[None]:
    """Counts a request's work on a processor that seems ten times as fast: a slow one, or one
    whose every line is traced for coverage, refuses nothing that users' would answer."""
    return work.request(lambda: time.thread_time() / 10, lambda: time.monotonic() / 10)


class Lines:
    """Stands in for standard output; each line can be waited for."""

    def __init__(self) -> None:
        self._queue: queue.Queue[str] = queue.Queue()
        self.seen: list[str] = []

    def write(self, text: str) -> int:
        for line in text.splitlines():
            self._queue.put(line)
        return len(text)

    def flush(self) -> None:
        pass

    def wait_for(self, beginning: str) -> str:
        """The first line from here on that begins so."""
        while True:
            line = self._queue.get(timeout=PATIENCE)
            self.seen.append(line)
            if line.startswith(beginning):
                return line

    def port(self) -> int:
        """The port that a starting server says it listens on, once it listens."""
        port = int(self.wait_for("Listening on port: ").rpartition(" ")[2])
        self.wait_for("Server IP address: ")
        return port


@contextmanager
def server_in_thread(
    load: str = LOADER,
    host: str = "127.0.0.1",
    port: int = 0,
    workers: int = 1,
    shortcut: Shortcut | None = None,
    **settings: Any,
) -> Iterator[tuple[int, Lines]]:
    """The port of a server, and what it prints. Its front runs in a thread of this process.

    In the end it is shut down by a client, unless the test has seen that happen.
    """
    lines = Lines()
    thread = threading.Thread(
        target=serve,
        args=(Settings(port=port, host=host, workers=workers, **settings), load),
        kwargs={"out": cast(TextIO, lines), "shortcut": shortcut},
        daemon=True,
    )
    thread.start()
    port = lines.port()
    try:
        yield port, lines
    finally:
        if "Server: Shut down by remote user" not in lines.seen:
            own = "127.0.0.1" if host == "*" else host
            place = f"[{own}]:{port}" if ":" in own else f"{own}:{port}"
            with Client(place, timeout=PATIENCE) as client:
                client.shut_down()
        thread.join(PATIENCE)
        assert not thread.is_alive()


@dataclass(frozen=True)
class ServerProcess:
    """A running process, the port it listens on and its output so far."""

    process: subprocess.Popen[str]
    port: int
    lines: list[str]

    def finish(self) -> tuple[int, str, str]:
        """Wait for the end: exit status, the rest of standard output, standard error."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


def environment() -> dict[str, str]:
    """The environment for Python processes that use the package."""
    path = os.pathsep.join([str(SOURCES), str(SOURCES.parent), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path.strip(os.pathsep)}


def start(arguments: Sequence[str], cwd: Path | None = None) -> subprocess.Popen[str]:
    """A Python process with these arguments."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env=environment(),
    )


@contextmanager
def server_process(arguments: Sequence[str], cwd: Path | None = None) -> Iterator[ServerProcess]:
    """A process that has printed the documented lines; killed if it still runs in the end."""
    process = start(arguments, cwd)
    try:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("Server IP address: "):
                break
        else:
            raise AssertionError(process.communicate(timeout=PATIENCE)[1])
        port = int(lines[-2].removeprefix("Listening on port: "))
        yield ServerProcess(process, port, lines)
    finally:
        process.kill()
        process.communicate()
