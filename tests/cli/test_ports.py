"""The commands of ports, as far as no client is needed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scapy_server.cli.app import app
from scapy_server.cli.ports import beside


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
