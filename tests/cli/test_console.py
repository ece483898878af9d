"""The options of `console` reach the shell that carries them out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scapy_server.cli.app import app
from scapy_server.console import shell
from scapy_server.console.commands import COMMANDS


@pytest.mark.parametrize("succeeded", [True, False])
def test_console(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, succeeded: bool) -> None:
    asked: list[tuple[Any, ...]] = []

    def run(*arguments: Any) -> bool:
        asked.append(arguments)
        return succeeded

    monkeypatch.setattr(shell, "run", run)
    options = ["--server", "a:1", "--timeout", "7", "--curve-keys", str(tmp_path)]
    result = CliRunner().invoke(app, ["console", "lines.txt", *options, "--keep-going", "--json"])
    wanted = shell.Wanted("a:1", 7.0, tmp_path, True, True, Path("lines.txt"))
    assert asked == [(COMMANDS, wanted)]
    assert result.exit_code == (0 if succeeded else 1)
