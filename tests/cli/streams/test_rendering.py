"""`render` and `preview`: as processes where the process matters, else as commands."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from scapy_server import limits
from scapy_server.captures.reading import read_capture
from scapy_server.captures.writing import write_capture
from tests.cli.rendering import FRAME, MODEL, VM, command, expected, frames, stream, write_json
from tests.cli.test_app import run
from tests.running import PATIENCE, environment


def test_streams_of_trex(source: str, tmp_path: Path) -> None:
    out = tmp_path / "out.pcap"
    result = command("render", source, "-n", "9", "-o", str(out))
    assert (result.exit_code, result.output) == (0, "")
    assert frames(out) == expected(9)


def test_one_of_several_streams(tmp_path: Path) -> None:
    streams = [{"name": "a", "stream": stream(vm={})}, {"name": "b", "stream": stream()}]
    path = write_json(tmp_path / "s.json", {"streams": streams})
    out = tmp_path / "out.pcap"
    assert command("render", path, "--stream", "b", "-n", "4", "-o", str(out)).exit_code == 0
    assert frames(out) == expected(4)
    result = command("render", path, "--stream", "c", "-n", "4", "-o", str(out))
    assert "there is no stream 'c'; there are a, b" in result.output


def test_bursts_have_an_end(tmp_path: Path) -> None:
    mode = {"type": "single_burst", "total_pkts": 6, "rate": {"type": "pps", "value": 4}}
    path = write_json(tmp_path / "s.json", stream(mode=mode))
    out = tmp_path / "out.pcap"
    assert command("render", path, "-o", str(out)).exit_code == 0
    assert frames(out) == expected(6)


@pytest.mark.parametrize(
    ("mode", "cores", "warned"),
    [
        ({"type": "single_burst", "total_pkts": 3}, 4, "one core sends a burst of 3 packets"),
        ({"type": "single_burst", "total_pkts": 5}, 4, ""),
        ({"type": "single_burst", "total_pkts": 3}, 1, ""),
        ({"type": "multi_burst", "pkts_per_burst": 8, "count": 2}, 4, ""),
        ({"type": "multi_burst", "pkts_per_burst": 9, "count": 2}, 1, ""),
        (
            {"type": "multi_burst", "pkts_per_burst": 9, "count": 2},
            4,
            "bursts of 9 packets do not divide among 4 cores",
        ),
    ],
)
def test_bursts_on_several_cores(
    mode: dict[str, Any], cores: int, warned: str, tmp_path: Path
) -> None:
    path = write_json(tmp_path / "s.json", stream(mode=mode))
    result = command("render", path, "--cores", str(cores), "-o", str(tmp_path / "out.pcap"))
    assert result.exit_code == 0
    lines = [
        line for line in result.output.splitlines() if "burst of" in line or "bursts of" in line
    ]
    assert [warned in line for line in lines] == ([True] if warned else [])


@pytest.mark.parametrize(
    "content",
    [
        {"source": {"binary": base64.b64encode(FRAME).decode()}, "program": {"vm": VM}},
        stream(),
        [stream()],
    ],
)
def test_json_forms(content: object, tmp_path: Path) -> None:
    out = tmp_path / "out.pcap"
    path = write_json(tmp_path / "s.json", content)
    assert command("render", path, "-n", "7", "-o", str(out)).exit_code == 0
    assert frames(out) == expected(7)


def test_a_capture_and_a_program(tmp_path: Path) -> None:
    capture = tmp_path / "first.pcap"
    capture.write_bytes(write_capture([FRAME, b"another"]))
    program = write_json(tmp_path / "p.json", VM)
    out = tmp_path / "out.pcapng"
    result = command("render", str(capture), "--program", program, "-n", "7", "-o", str(out))
    assert (result.exit_code, result.output) == (0, "")
    assert out.read_bytes().startswith(b"\n\r\r\n")
    assert frames(out) == expected(7)


def test_models_and_templates(tmp_path: Path) -> None:
    out = tmp_path / "out.pcap"
    for given in (write_json(tmp_path / "model.json", MODEL), "TCP-SYN", "IPv4/UDP"):
        result = command("render", given, "-n", "2", "--force", "-o", str(out))
        assert (result.exit_code, result.output) == (0, "")
        assert len(frames(out)) == 2


def test_expressions_and_what_comes_through_a_pipe(tmp_path: Path) -> None:
    text = "Ether()/IP()/UDP(dport=7)"
    given = [text, json.dumps({"source": MODEL, "program": {"vm": VM}}), json.dumps(MODEL)]
    for number, content in enumerate(given):
        written, piped = tmp_path / f"{number}.pcap", tmp_path / f"{number}-piped.pcap"
        result = command("render", content, "-n", "5", "-o", str(written))
        assert result.exit_code == 0, result.output
        result = command("render", "-", "-n", "5", "-o", str(piped), typed=content.encode())
        assert result.exit_code == 0, result.output
        assert written.read_bytes() == piped.read_bytes()
        assert len(frames(written)) == 5
    assert frames(tmp_path / "0.pcap")[0][36:38] == b"\0\7"
    assert len(set(frames(tmp_path / "1.pcap"))) == 5


def test_a_file_is_replaced_with_force_alone(tmp_path: Path) -> None:
    out = tmp_path / "out.pcap"
    out.write_bytes(b"mine")
    result = command("render", "TCP-SYN", "-n", "1", "-o", str(out))
    assert result.exit_code == 1
    assert "is there already; --force replaces it" in result.output
    assert out.read_bytes() == b"mine"
    assert command("render", "TCP-SYN", "-n", "1", "-o", str(out), "--force").exit_code == 0
    assert len(frames(out)) == 1


def test_a_template_file_with_a_program(tmp_path: Path) -> None:
    parameters = {"name": "p", "size": "2", "min_value": "5", "max_value": "6"}
    template = {
        "fileType": "trex-packet-editor",
        "version": "1.0.0",
        "metadata": {"caption": "mine", "description": ""},
        "packet": MODEL,
        "fePrarameters": {"cache_size": "1000"},
        "feInstructions": [
            {"id": "STLVmFlowVar", "parameters": parameters},
            {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "p", "pkt_offset": "UDP.sport"}},
        ],
    }
    path, out = write_json(tmp_path / "mine.trp", template), tmp_path / "out.pcap"
    result = command("render", path, "-n", "3", "-o", str(out))
    assert result.exit_code == 0
    assert "warning: " in result.output
    assert [frame[34:36] for frame in frames(out)] == [b"\0\5", b"\0\6", b"\0\5"]


def test_where_and_when(source: str, tmp_path: Path) -> None:
    out = tmp_path / "out.pcap"
    command("render", source, "-n", "3", "--start", "4G", "-o", str(out))
    assert frames(out) == expected(3, start=4_000_000_000)
    seconds = [out.read_bytes()[24 + n * 82 : 28 + n * 82] for n in range(3)]
    assert seconds == [(1_000_000_000).to_bytes(4, "little")] * 3
    command("render", source, "-n", "2", "--gap", "2s", "--nano", "--force", "-o", str(out))
    data = out.read_bytes()
    assert data.startswith(b"\x4d\x3c\xb2\xa1")
    assert data[24 + 82 : 28 + 82] == b"\2\0\0\0"


def test_dry_run(source: str) -> None:
    result = command("render", source, "-n", "1M", "--rate", "1k", "--dry-run")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "packets:  1000000, numbers 0 to 999999",
        "length:   66 bytes, without the frame check sequence",
        "bytes:    82000024 in the capture",
        "duration: 999.999 seconds",
        "flows:    15",
        "period:   15 packets",
    ]


def test_flows_of_a_part_are_exact_where_all_packets_differ(source: str) -> None:
    assert "flows:    7\n" in command("render", source, "-n", "7", "--dry-run").output


def test_a_seed_and_warnings(tmp_path: Path) -> None:
    vm = {"instructions": [VM["instructions"][0] | {"op": "random"}, VM["instructions"][2]]}
    path, out = write_json(tmp_path / "s.json", stream(vm=vm, flags=0)), tmp_path / "out.raw"
    result = command("render", path, "-n", "9", "-o", str(out))
    assert "warning: the engine replaces MAC addresses" in result.output
    assert "warning: the stream has no random_seed" in result.output
    first = out.read_bytes()
    assert len(first) == 9 * 66
    result = command("render", path, "-n", "9", "--seed", "7", "--force", "-o", str(out))
    assert "random_seed" not in result.output
    assert out.read_bytes() != first


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["SOURCE", "-o", "-"], "say how many packets with -n"),
        (["SOURCE", "-n", "9"], "say where to write with -o FILE"),
        (["SOURCE", "-n", "0", "-o", "x"], "-n must be at least 1"),
        (["SOURCE", "-n", "many", "-o", "x"], "-n must be a number such as 1000 or 10M"),
        (["SOURCE", "-n", "9", "--start", "-1", "-o", "x"], "--start must be a number"),
        (["SOURCE", "-n", "9", "--start", "9223372036854775800", "-o", "x"], "go beyond"),
        (["SOURCE", "-n", "9", "--rate", "1", "--gap", "1s", "-o", "x"], "--rate or --gap"),
        (["SOURCE", "-n", "9", "--rate", "0", "-o", "x"], "a rate must be above 0"),
        (["SOURCE", "-n", "9", "-o", "/nowhere/x"], "/nowhere/x: No such file or directory"),
        (["SOURCE", "-n", "9", "-o", "/dev/full"], "the disk is full, after 0 packets"),
        (["SOURCE", "-n", "9", "--cores", "1000", "-o", "x"], "at most 64 cores"),
        (["SOURCE", "-n", "9", "--program", "nope", "-o", "x"], "there is no file 'nope'"),
        (["no-template", "-n", "9", "-o", "x"], "there is no template 'no-template'"),
        (["missing.json", "-n", "9", "-o", "x"], "there is no file 'missing.json'"),
        (["GARBAGE", "-n", "9", "-o", "x"], "this is neither a capture, an expression nor JSON"),
        (["OBJECT", "-n", "9", "-o", "x"], "this is neither a template, nor a packet model"),
    ],
)
def test_refusals(
    arguments: list[str], said: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "garbage").write_bytes(b"\xffgarbage")
    (tmp_path / "object").write_text("{}")
    named = {"SOURCE": source, "GARBAGE": "garbage", "OBJECT": "object"}
    result = command("render", *(named.get(word, word) for word in arguments))
    assert result.exit_code == 1
    assert said in result.output
    assert len(result.output.splitlines()) == 1
    assert not (tmp_path / "x").exists()


@pytest.mark.processes
def test_into_a_pipe(source: str, tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "scapy_server", "render", source, "-n", "9", "-o", "-"]
    result = subprocess.run(
        arguments, capture_output=True, env=environment(), timeout=PATIENCE, check=False
    )
    assert (result.returncode, result.stderr) == (0, b"")
    assert [frame.data for frame in read_capture(result.stdout)] == expected(9)


@pytest.mark.processes
def test_a_closed_pipe_is_one_line(source: str) -> None:
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "scapy_server", "render", source, "-n", "1G", "-o", "-"],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    os.close(writing)
    assert os.read(reading, 24)
    os.close(reading)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert b"its reader has closed the pipe, after " in said
    assert len(said.splitlines()) == 1


@pytest.mark.processes
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_leaves_a_whole_capture(source: str, tmp_path: Path, jobs: str) -> None:
    out = tmp_path / "out.pcap"
    options = ["-n", "1G", "-j", jobs, "-o", str(out)]
    process = subprocess.Popen(
        [sys.executable, "-m", "scapy_server", "render", source, *options],
        stderr=subprocess.PIPE,
        env=environment(),
        start_new_session=True,
    )
    deadline = time.monotonic() + PATIENCE
    while not out.exists() or out.stat().st_size <= 24:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    packets, rest = divmod(out.stat().st_size - 24, 82)
    assert (process.returncode, rest) == (130, 0)
    assert f"interrupted: {packets} of 1000000000 packets written" in said.decode()
    assert len(said.splitlines()) == 1


@pytest.mark.processes
def test_help() -> None:
    for name, options in (("render", ["--rate", "--jobs", "--dry-run"]), ("preview", ["--plot"])):
        result = run(name, "--help")
        assert result.returncode == 0
        for option in options:
            assert option in result.stdout


@pytest.mark.parametrize(("more", "code"), [(0, 0), (1, 1)])
def test_how_large_a_source_is(more: int, code: int, tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    text = json.dumps(stream())
    path.write_text(text + " " * (limits.SOURCE_BYTES + more - len(text)))
    assert command("render", str(path), "-n", "1", "--dry-run").exit_code == code


@pytest.mark.processes
@pytest.mark.parametrize("more", [["preview"], ["render", "-n", "9", "--dry-run"]])
def test_a_full_disk_is_one_line(more: list[str], source: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "scapy_server", *more, source],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.stderr == b"scapy-server: standard output: No space left on device\n"
    assert done.returncode == 1
