"""Keys as they are made and used."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_app import run
from tests.running import server_process


@pytest.mark.processes
def test_a_server_with_keys(tmp_path: Path) -> None:
    directory = str(tmp_path / "keys")
    made = run("keys", "new", directory)
    assert (made.returncode, made.stderr) == (0, "")
    assert len(made.stdout.splitlines()) == 4
    again = run("keys", "new", directory)
    assert again.returncode == 1
    assert "exists already" in again.stderr
    arguments = ["-m", "scapy_server", "serve", "-s", "0", "--curve-keys", directory]
    with server_process([*arguments, "--workers", "1", "--no-remote-shutdown"]) as server:
        place = ["--server", f"127.0.0.1:{server.port}"]
        assert run("call", "ping", *place, "--curve-keys", directory).stdout == "{}\n"
        assert run("status", *place, SCAPY_SERVER_CURVE_KEYS=directory).returncode == 0
        plain = run("call", "ping", *place, "--timeout", "0.3")
        assert (plain.returncode, plain.stdout) == (1, "")
        console = run("console", *place, "--curve-keys", directory, typed="ping\n")
        assert console.stdout == "-> Pinging RPC server\n[SUCCESS]\n"
        refused = run("call", "shut_down", *place, "--curve-keys", directory)
        assert refused.stderr.startswith("Error -32098: Scapy Server: shut_down is not allowed")
        server.process.terminate()
        assert server.finish() == (0, "Server: Stopping\n", "")


@pytest.mark.processes
def test_keys_that_others_can_read(tmp_path: Path) -> None:
    run("keys", "new", str(tmp_path / "keys"))
    (tmp_path / "keys" / "server.key_secret").chmod(0o644)
    result = run("serve", "-s", "0", "--curve-keys", str(tmp_path / "keys"))
    assert (result.returncode, result.stdout) == (1, "")
    assert "can be used by others (mode 0644); run: chmod 600" in result.stderr
