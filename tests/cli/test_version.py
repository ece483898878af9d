from __future__ import annotations

import pytest

import scapy_server
from scapy_server.release import VERSION
from tests.cli.test_app import run


@pytest.mark.parametrize("arguments", [["version"], ["--version"], ["-V"]])
def test_version(arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"scapy-server {VERSION} (protocol 1.02)\n"
    assert scapy_server.__version__ == VERSION
