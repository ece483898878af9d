"""Options for operators, `status` and `keys`, as processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from scapy_server.cli.operation import size
from tests.cli.test_app import run
from tests.running import server_process


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("4096", 4096),
        ("1K", 1024),
        ("64MiB", 64 * 1024**2),
        ("2g", 2 * 1024**3),
        (" 1 GB ", 1024**3),
    ],
)
def test_sizes(text: str, expected: int) -> None:
    assert size(text) == expected


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5G", "1T", "K", "9" * 16])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        size(text)


@pytest.mark.processes
@pytest.mark.parametrize(
    "arguments",
    [
        ["--workers", "-1"],
        ["--request-timeout", "0"],
        ["--worker-memory", "1M"],
        ["--max-message", "65MiB"],
        ["--max-message", "x"],
        ["--metrics", "70000"],
        ["--log-format", "xml"],
        ["--log-max-bytes", "-5"],
    ],
)
def test_wrong_usage(arguments: list[str]) -> None:
    result = run("serve", "-s", "0", "--host", "127.0.0.1", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


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
        assert server.finish() == (0, "", "")


@pytest.mark.processes
def test_keys_that_others_can_read(tmp_path: Path) -> None:
    run("keys", "new", str(tmp_path / "keys"))
    (tmp_path / "keys" / "server.key_secret").chmod(0o644)
    result = run("serve", "-s", "0", "--curve-keys", str(tmp_path / "keys"))
    assert (result.returncode, result.stdout) == (1, "")
    assert "can be used by others (mode 0644); run: chmod 600" in result.stderr


@pytest.mark.processes
def test_a_server_that_is_open_to_all_says_so() -> None:
    arguments = ["-m", "scapy_server", "serve", "-s", "0", "--workers", "1"]
    with server_process(arguments) as server:
        assert len(server.lines) == 3
        server.process.terminate()
        status, out, err = server.finish()
    assert (status, out) == (0, "")
    assert err == (
        f"WARNING: anyone who reaches port {server.port} may use this server, from any address; "
        "--host, --allow or --curve-keys limit that\n"
    )
