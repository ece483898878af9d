"""The commands of ports, as far as no client is needed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from scapy_server.cli.app import app
from scapy_server.cli.ports import beside
from tests.running import PATIENCE


def children() -> list[int]:
    pid = os.getpid()
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.processes
def test_a_ports_server_runs_beside_another_as_long_as_that_does() -> None:
    before = set(children())
    with beside(["--port", "0", "--async-port", "0"]):
        (started,) = set(children()) - before
    with pytest.raises(ProcessLookupError):
        os.kill(started, 0)


@pytest.mark.processes
def test_where_a_ports_server_cannot_run_beside_another_neither_does(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(typer.Exit), beside(["--port", str(number)]):
            raise AssertionError("it runs")
    assert f'cannot listen on host "127.0.0.1", port {number}' in capfd.readouterr().err


@pytest.mark.processes
def test_both_services_are_one_tree_of_processes() -> None:
    command = [sys.executable, "-m", "scapy_server", "serve", "--host", "127.0.0.1", "--port", "0"]
    words = ["loop", "loop", "--port=0", "--async-port=0"]
    with subprocess.Popen(
        [*command, *(f"--ports={word}" for word in words)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        started = 0
        for line in process.stdout:
            started += "Started***" in line
            if started == 2:
                break
        tree = descendants(process.pid)
        assert {"scapy-ports"} < {name_of(pid) for pid in tree}
        process.kill()
    end = time.monotonic() + PATIENCE
    while any(Path(f"/proc/{pid}").exists() for pid in tree):
        assert time.monotonic() < end, tree
        time.sleep(0.02)


def descendants(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    direct = [int(child) for child in path.read_text().split()]
    return direct + [each for child in direct for each in descendants(child)]


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


def test_without_ports_nothing_runs() -> None:
    before = children()
    with beside(None):
        assert children() == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["wlan0"], "'wlan0' is no kind of port"),
        (["loop"], "a loop is two ports"),
        (["--config", "/nowhere/ports.toml"], "cannot read /nowhere/ports.toml"),
    ],
)
def test_what_cannot_be_started_is_one_line(arguments: list[str], sentence: str) -> None:
    result = CliRunner().invoke(app, ["ports", *arguments])
    assert result.exit_code == 1
    assert sentence in result.output
    assert len(result.output.splitlines()) == 1


def test_a_server_that_is_not_there_is_one_line() -> None:
    result = CliRunner().invoke(app, ["ports-status", "--server", "127.0.0.1:1", "--timeout", "0"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: no reply from tcp://127.0.0.1:1")
