"""The console over a pipe, as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import PATIENCE, environment, server_in_thread

pytestmark = pytest.mark.processes


def piped(
    lines: str | bytes,
    server: str,
    timeout: str = str(PATIENCE),
    *options: str,
    **variables: str,
) -> subprocess.CompletedProcess[bytes]:
    console = [sys.executable, "-m", "scapy_server", "console", "--server", server]
    return subprocess.run(
        [*console, "--timeout", timeout, *options],
        input=lines if isinstance(lines, bytes) else lines.encode(),
        env={**environment(), **variables},
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )


def test_commands_that_succeed(server_port: int) -> None:
    done = piped("# a comment\n\nping\nbuild Ether()/IP()\n", f"127.0.0.1:{server_port}")
    assert (done.returncode, done.stderr) == (0, b"")
    out = done.stdout.decode()
    assert out.startswith("-> Pinging RPC server\n[SUCCESS]\n34 bytes\nEther  Ethernet")
    assert "\x1b" not in out
    assert "TRex >" not in out


KEEP_GOING = (str(PATIENCE), "--keep-going")


def test_every_command_runs_and_one_that_fails_decides(server_port: int) -> None:
    lines = "set IP.ttl 9\nnope\nping"
    done = piped(lines, f"127.0.0.1:{server_port}", *KEEP_GOING, FORCE_COLOR="")
    assert done.returncode == 1
    assert done.stdout.endswith(b"[SUCCESS]\n")
    said = done.stderr.splitlines()
    assert [line.split()[0] for line in said] == [b"[FAILED]"] * 4
    assert said[1::2] == [b"[FAILED] that was line 1", b"[FAILED] that was line 2"]


def test_a_script_ends_with_what_fails(server_port: int) -> None:
    done = piped("# one\nping\nnope\nping\n", f"127.0.0.1:{server_port}")
    assert done.returncode == 1
    assert done.stdout.count(b"[SUCCESS]") == 1
    assert done.stderr.splitlines()[-1] == b"[FAILED] that was line 3"


def test_a_script_in_a_file(server_port: int, tmp_path: Path) -> None:
    script = tmp_path / "commands.txt"
    script.write_bytes(b"# one\nping\nbuild '\xff'\nping\n")
    server = f"127.0.0.1:{server_port}"
    done = piped("nope\n", server, str(PATIENCE), str(script))
    assert (done.returncode, done.stdout) == (1, b"-> Pinging RPC server\n[SUCCESS]\n")
    assert done.stderr.splitlines()[-1] == b"[FAILED] that was line 3"
    assert piped("ping\n", server, str(PATIENCE), "-").stdout.endswith(b"[SUCCESS]\n")


def test_a_script_that_cannot_be_read(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory")):
        done = piped("ping\n", "127.0.0.1:1", "1", str(path))
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr.startswith(f"scapy-server: {path}: {why}".encode())
        assert done.stderr.count(b"\n") == 1


def test_one_value_per_command(server_port: int) -> None:
    lines = "# a comment\n\nbuild Ether()/IP()\nset IP.ttl 9\nnope\nverbose on\nping\nquit\n"
    done = piped(lines, f"127.0.0.1:{server_port}", *KEEP_GOING, "--json")
    assert done.returncode == 1
    values = [json.loads(line) for line in done.stdout.splitlines()]
    built, changed, failed, *rest = values
    assert [layer["id"] for layer in built["data"]] == ["Ether", "IP"]
    assert changed["fields"][0] == {"field": "IP.ttl", "before": 64, "after": 9}
    assert (failed["error"]["line"], failed["error"]["code"]) == (5, None)
    assert rest == [{"verbose": True}, {}, None]
    assert b"[FAILED] that was line 5" in done.stderr
    assert b"[verbose] Sending Request To Server" in done.stderr


def test_changes_in_no_file_ask_nobody_in_a_pipe(server_port: int) -> None:
    lines = "build Ether()/IP()\nset IP.ttl 9\nquit\n"
    done = piped(lines, f"127.0.0.1:{server_port}")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("word", ["quit", "exit"])
def test_quit_ends_before_what_follows(server_port: int, word: str) -> None:
    assert piped(f"?\n{word}\nnope\n", f"127.0.0.1:{server_port}").returncode == 0


def test_bytes_that_are_no_text_fail_one_command(server_port: int) -> None:
    done = piped(b"build '\xff'\ncall x\xff\nping\n", f"127.0.0.1:{server_port}", *KEEP_GOING)
    assert done.returncode == 1
    assert done.stdout.endswith(b"[SUCCESS]\n")
    assert done.stderr.count(b"[FAILED]") == done.stderr.count(b"\n") == 4


def test_output_to_a_terminal_that_knows_ascii_only(server_port: int) -> None:
    lines = "build Raw('x')\nset \N{GREEK SMALL LETTER ALPHA}.x 1\nshow\n"
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = piped(lines, f"127.0.0.1:{server_port}", *KEEP_GOING, **ascii_only)
    assert done.stderr.count(b"\n") == 2
    assert b"the packet has no layer" in done.stderr
    assert done.stdout.count(b"1 byte") == 6


def test_no_server() -> None:
    with server_in_thread() as (port, _):
        pass
    done = piped("ping\n", f"127.0.0.1:{port}", "0.2")
    assert done.returncode == 1
    assert done.stdout == b"-> Pinging RPC server\n"
    assert done.stderr.count(b"\n") == 2
    assert b"nobody listens on tcp://127.0.0.1:" in done.stderr


@pytest.mark.parametrize("server", ["", "host:port", "a b", "host:0"])
def test_a_server_that_is_none(server: str) -> None:
    done = piped("ping\n", server)
    assert done.returncode == 1
    assert done.stderr.startswith(b"Error: ")
    assert done.stderr.count(b"\n") == 1
