"""Pages that are to be done, done: every command and every program on them, in its order."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import tshark
from tests.running import PATIENCE, environment
from tests.transcript import Command, File, Program, Step, matches, steps

DOCS = Path(__file__).parents[1] / "docs"
PORT = "4507"  # on the page; a free one is taken instead


@dataclass
class Reader:
    """Somebody who does what the page says, in a directory of their own."""

    directory: Path
    port: str
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def do(self, step: Step) -> str:
        """What comes of a step."""
        if isinstance(step, File):
            (self.directory / step.name).write_text(step.content)
            return ""
        if isinstance(step, Program):
            return self.run([sys.executable, "-c", step.text.replace(PORT, self.port)])
        if step.stays:
            return self.start(step)
        return self.run(["bash", "-c", step.text])

    def run(self, command: list[str]) -> str:
        done = subprocess.run(
            command,
            check=False,
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )
        return done.stdout

    def start(self, step: Command) -> str:
        """The first lines of a command that stays."""
        command = ["bash", "-c", f"exec {step.text.removesuffix(' &')} --port {self.port}"]
        process = subprocess.Popen(
            command,
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in step.expected.splitlines()]
        return "".join(lines).replace(self.port, PORT)

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        return {**environment(), "PATH": path, "SCAPY_SERVER": f"127.0.0.1:{self.port}"}


@contextmanager
def reader(directory: Path) -> Iterator[Reader]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    somebody = Reader(directory, port)
    try:
        yield somebody
    finally:
        for process in somebody.running:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)


@pytest.mark.processes
@pytest.mark.parametrize("page", ["tutorial.md", "half_hour.md"])
def test_it_goes_as_the_page_says(page: str, tmp_path: Path) -> None:
    tshark.needed()
    assert shutil.which("scapy-server", path=str(Path(sys.executable).parent))
    done = list(steps((DOCS / page).read_text()))
    assert len(done) > 10
    with reader(tmp_path) as somebody:
        for step in done:
            printed = somebody.do(step)
            if not isinstance(step, File):
                assert matches(step.expected, printed), f"{step.text}\n{printed}"
        for process in somebody.running:
            assert process.wait(PATIENCE) == 0
