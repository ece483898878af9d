"""A ports server as a process of its own, as its operator starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Running:
    """The process, and the TCP ports that it told us."""

    process: subprocess.Popen[str]
    requests: int
    events: int

    @property
    def control(self) -> int:
        """The process of its control plane."""
        (pid,) = _children(self.process.pid)
        return pid

    @property
    def planes(self) -> list[int]:
        """The processes of its data planes."""
        return _children(self.control)


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()]


@contextmanager
def running(*arguments: str) -> Iterator[Running]:
    """Run `scapy-server ports` with these arguments on free TCP ports, and stop it."""
    command = [sys.executable, "-m", "scapy_server", "ports", "--port", "0", "--async-port", "0"]
    with subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                match = re.search(r"ports: (\d+) \(requests\), (\d+)", line)
                if match:
                    yield Running(process, int(match[1]), int(match[2]))
                    break
            else:
                raise AssertionError("the server has not started")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
