"""Options for operators, `status` and `keys`, as processes."""

from __future__ import annotations

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
def test_a_server_that_is_open_to_all_says_so() -> None:
    arguments = ["-m", "scapy_server", "serve", "-s", "0", "--workers", "1"]
    with server_process(arguments) as server:
        assert len(server.lines) == 3
        server.process.terminate()
        status, out, err = server.finish()
    assert (status, out) == (0, "Server: Stopping\n")
    assert err == (
        f"WARNING: anyone who reaches port {server.port} may use this server, from any address; "
        "--host, --allow or --curve-keys limit that\n"
    )
