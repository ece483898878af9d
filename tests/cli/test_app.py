"""The command line, as processes."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scapy_server import Client
from tests.running import PATIENCE, environment, server_process, start

pytestmark = pytest.mark.processes


def run(
    *arguments: str, cwd: Path | None = None, typed: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scapy_server", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        input=typed,
        cwd=cwd,
        env=environment() | {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100"} | more,
        check=False,
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(server_port: int, shell: str) -> None:
    words = {"bash": "COMP_WORDS", "zsh": "_TYPER_COMPLETE_ARGS", "fish": "_TYPER_COMPLETE_ARGS"}
    asked = {"_SCAPY_SERVER_COMPLETE": f"complete_{shell}", "COMP_CWORD": "2"}
    asked |= {words[shell]: "scapy-server call read_", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    asked |= {"SCAPY_SERVER": f"127.0.0.1:{server_port}"}
    result = run(cwd=None, typed="", **asked)
    assert result.returncode == 0
    assert {"read_expression", "read_pcap"} <= set(re.findall(r"\w+", result.stdout))
    script = run(_SCAPY_SERVER_COMPLETE=f"source_{shell}").stdout
    assert "scapy-server" in script
    assert "complete" in script


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--help"], ["serve", "call", "version"]),
        (["serve", "--help"], ["-s", "--port", "--host", "-v", "-l", "--load", "--definitions"]),
        (["call", "-h"], ["--server", "--timeout", "SCAPY_SERVER", "supported_methods"]),
    ],
)
def test_help(arguments: list[str], said: list[str]) -> None:
    result = run(*arguments)
    assert result.returncode == 0
    for text in said:
        assert text in result.stdout


def test_call(server_port: int) -> None:
    place = f"127.0.0.1:{server_port}"
    result = run("call", "supported_methods", "build_pkt", "--server", place)
    assert (result.returncode, result.stdout, result.stderr) == (0, "true\n", "")
    result = run("call", "build_pkt", '[{"id": "Ether"}]', SCAPY_SERVER=place)
    assert result.returncode == 0
    assert json.loads(result.stdout)["data"][0]["id"] == "Ether"
    assert result.stdout.startswith('{\n  "data": [\n')


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nope"], "Error -32601: Method not found"),
        (["build_pk"], 'Error -32601: Method not found; did you mean "build_pkt"?'),
        (
            ["get_tree", "1"],
            "Error -32603: Invalid params: get_tree takes no parameters, 1 was given",
        ),
        (
            ["build_pkt", "Ether()/IP()"],
            "Error -32098: Scapy Server: pkt_descriptor of build_pkt must be an array, not a ",
        ),
        (["build_pkt", "[{]"], "scapy-server: parameter 1: it begins as JSON and is none: "),
        (["build_pkt", "x", "model=[]"], "scapy-server: parameters go by position or by name"),
        (["get_template", "NaN"], "Error -32098: Scapy Server: "),
    ],
)
def test_error_replies(server_port: int, arguments: list[str], line: str) -> None:
    result = run("call", *arguments, "--server", f"127.0.0.1:{server_port}")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(line)
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("server", "line"),
    [
        ("127.0.0.1:1", "Error: nobody listens on tcp://127.0.0.1:1; is a"),
        ("host:port", "Error: 'host:port' has no port"),
        ("999.1.1.1:1", "Error: there is no host '999.1.1.1'"),
    ],
)
def test_no_server(server: str, line: str) -> None:
    result = run("call", "ping", "--server", server, "--timeout", str(PATIENCE))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(line)
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--port", "65536"],
        ["serve", "-s", "x"],
        ["serve", "extra"],
        ["call"],
        ["nope"],
        ["call", "ping", "--timeout", "-1"],
    ],
)
def test_wrong_usage(arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


def test_serve_until_shut_down(tmp_path: Path) -> None:
    arguments = ["-m", "scapy_server", "serve", "-s", "0", "--host", "127.0.0.1", "-l", "-v"]
    with server_process(arguments, cwd=tmp_path) as server:
        assert server.lines == [
            "***Scapy Server Started***",
            f"Listening on port: {server.port}",
            "Server IP address: 127.0.0.1",
        ]
        taken = run("serve", "-s", str(server.port), "--host", "127.0.0.1")
        assert (taken.returncode, taken.stdout) == (1, "")
        assert taken.stderr == (
            f'scapy-server: cannot listen on host "127.0.0.1", port {server.port}: '
            "Address already in use\n"
        )
        with Client(f"127.0.0.1:{server.port}", timeout=PATIENCE) as client:
            client.ping()
            client.shut_down()
        status, out, err = server.finish()
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert '"method":"ping"' in lines[0]
    assert lines[1].endswith('"result":{}}')
    assert lines[-1] == "Server: Shut down by remote user"
    log = (tmp_path / "scapy_server.log").read_text()
    assert re.search(r"INFO ping: ok in [\d.]+ ms, \d+ bytes in, \d+ bytes out", log)
    assert "shut down by remote user" in log


@pytest.mark.parametrize(("number", "swallow"), [(signal.SIGINT, False), (signal.SIGTERM, True)])
def test_a_signal_while_it_starts(tmp_path: Path, number: int, swallow: bool) -> None:
    body = "sys.stderr.write('loading\\n'); sys.stderr.flush(); time.sleep(600)"
    if swallow:
        body = f"try:\n    {body}\nexcept: pass"
    (tmp_path / "slow_layers.py").write_text(
        f"import sys, time\nfrom scapy.packet import Packet\n{body}\n"
        "class Slow(Packet): fields_desc = []\n"
    )
    arguments = ["serve", "-s", "0", "--host", "127.0.0.1", "--load", "slow_layers"]
    process = start(["-m", "scapy_server", *arguments], cwd=tmp_path)
    assert process.stderr is not None
    assert process.stderr.readline() == "loading\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "Server: Stopped at once\n", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_serves(number: int) -> None:
    arguments = ["-m", "scapy_server", "serve", "-s", "0", "--host", "127.0.0.1"]
    with server_process(arguments) as server:
        server.process.send_signal(number)
        assert server.finish() == (0, "Server: Stopping\n", "")


def test_an_unwritable_log(tmp_path: Path) -> None:
    result = run("serve", "-s", "0", "-l", str(tmp_path / "missing" / "log"))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("scapy-server: cannot write the log file ")
    assert result.stderr.count("\n") == 1


def test_what_is_to_be_loaded_and_cannot(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    options = ["--load", "no.such.module"], ["--definitions", "broken.json"], ["--templates", "x"]
    for arguments in options:
        result = run("serve", "-s", "0", "--host", "127.0.0.1", *arguments, cwd=tmp_path)
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr.startswith("scapy-server: cannot load the protocols: ")
        assert result.stderr.count("\n") == 1
