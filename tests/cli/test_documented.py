"""The command line of the RPC document."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from scapy_server.cli import documented
from scapy_server.release import DEFAULT_PORT


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the command asks to be served, instead of a server that runs."""
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(documented, "run_server", lambda stop, **settings: asked.append(settings))
    return asked


@pytest.mark.parametrize("option", ["-s", "-p", "--scapy-port", "--port"])
def test_every_spelling_of_the_port(option: str, served: list[dict[str, Any]]) -> None:
    assert CliRunner().invoke(documented.app, [option, "5555"]).exit_code == 0
    assert served[0]["port"] == 5555


def test_the_defaults_are_the_documents(served: list[dict[str, Any]]) -> None:
    assert CliRunner().invoke(documented.app, []).exit_code == 0
    assert served == [{"port": DEFAULT_PORT, "host": "*", "verbose": False, "log": None}]


def test_help_names_the_options() -> None:
    said = CliRunner().invoke(documented.app, ["-h"]).output
    assert "--scapy-port" in said
