from __future__ import annotations

import json

import pytest

from tests.cli.test_app import run


@pytest.mark.processes
def test_status(server_port: int) -> None:
    place = f"127.0.0.1:{server_port}"
    run("call", "ping", "--server", place)
    result = run("status", "--server", place)
    assert (result.returncode, result.stderr) == (0, "")
    assert "idle" in result.stdout
    assert "ping" in result.stdout
    full = json.loads(run("status", "--json", "--server", place).stdout)
    assert full["methods"]["ping"]["requests"] >= 1
