"""What `web` refuses before it serves; tests/web/test_browser.py has it serve."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from scapy_server.cli.app import app
from scapy_server.cli.web import default_directory


def test_where_templates_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_directory() == tmp_path / "scapy-server" / "templates"
    monkeypatch.setenv("XDG_DATA_HOME", "")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert default_directory() == Path("/home/somebody/.local/share/scapy-server/templates")


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_wrong_usage(port: str) -> None:
    result = CliRunner().invoke(app, ["web", "--server", "localhost:4507", "--port", port])
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--server", "localhost:http"], "http"),
        (["--server", "localhost:4507", "--curve-keys", "/nowhere"], "/nowhere"),
    ],
)
def test_what_cannot_be_is_one_line(options: list[str], said: str) -> None:
    result = CliRunner().invoke(app, ["web", *options])
    assert result.exit_code == 1
    assert result.stderr.startswith("scapy-server: ")
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
