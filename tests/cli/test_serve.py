"""The options of `serve`; tests/cli/test_app.py runs servers with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from scapy_server.cli.app import app


def test_options_from_the_environment(tmp_path: Path) -> None:
    log = tmp_path / "missing" / "log"
    options = {"SCAPY_SERVER_PORT": "0", "SCAPY_SERVER_HOST": "127.0.0.1"}
    result = CliRunner().invoke(app, ["serve"], env={**options, "SCAPY_SERVER_LOG": str(log)})
    assert result.exit_code == 1
    assert result.stderr.startswith(f"scapy-server: cannot write the log file {log}")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SCAPY_SERVER_PORT", "65536"),
        ("SCAPY_SERVER_WORKERS", "-1"),
        ("SCAPY_SERVER_WORKER_MEMORY", "1K"),
        ("SCAPY_SERVER_MAX_MESSAGE", "x"),
        ("SCAPY_SERVER_METRICS", "http"),
        ("SCAPY_SERVER_LOG_MAX_BYTES", "much"),
    ],
)
def test_a_variable_that_means_nothing_is_named(variable: str, value: str) -> None:
    result = CliRunner().invoke(app, ["serve"], env={variable: value, "COLUMNS": "200"})
    assert result.exit_code == 2
    assert variable in result.stderr


def test_help_has_its_options_in_groups_and_fits_few_screens() -> None:
    shown = CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "80"}).stdout
    for group in ("Who may connect", "Requests", "Watching it", "What it has besides"):
        assert f"─ {group} ─" in shown
    assert shown.count("\n") < 90
    assert "[env var:" not in shown
