"""The examples in the help of every command, typed as they stand there."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from scapy_server.captures.writing import write_capture
from scapy_server.cli.app import app
from tests.running import PATIENCE, environment
from tests.streams.support import burst, raw_stream

FRAME = bytes.fromhex(
    "000000010000000000020000080045000028000100004006"
    "3ace1000000130000001001400500000000000000000500220004f7d0000"
)
MODEL = [{"id": "Ether"}, {"id": "IP"}, {"id": "UDP"}]
PROGRAM = {
    "field_engine": {
        "instructions": [
            {"id": "STLVmFlowVar", "parameters": {"name": "id", "size": 2, "max_value": 99}},
            {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "id", "pkt_offset": "IP.id"}},
            {"id": "STLVmFixIpv4", "parameters": {"offset": "IP"}},
        ]
    }
}
PROFILE = """
from trex.stl.api import *


class Profile:
    def get_streams(self, size=64, direction=0, **more):
        packet = STLPktBuilder(pkt=Ether() / IP() / UDP() / ("x" * (size - 46)))
        return [STLStream(packet=packet, mode=STLTXCont(pps=1000))]


def register():
    return Profile()
"""

#: A server that stays, and the program that asks it, have tests of their own.
STAYING = {"scapy-server ports", "trex-console -s 127.0.0.1"}


def examples(command: Any) -> Iterator[str]:
    """The indented lines of the help of a command and of those below it."""
    for part in getattr(command, "commands", {}).values():
        yield from examples(part)
    yield from re.findall(r"^ {4}(\S.*)$", command.help or "", re.MULTILINE)


EXAMPLES = [each for each in examples(typer.main.get_group(app)) if each not in STAYING]


@pytest.fixture
def at_hand(tmp_path: Path) -> Path:
    """A directory with all files that the examples begin with."""
    capture = write_capture([FRAME] * 12)
    for name in ("trace.pcap", "trace.pcapng", "first.pcap", "some.pcap", "traces/one.pcap"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(capture)
    (tmp_path / "commands.txt").write_text("ping\nbuild Ether()/IP()\n")
    (tmp_path / "profile.py").write_text(PROFILE)
    for name, content in {
        "model": MODEL,
        "vary": PROGRAM,
        "stream": {"source": MODEL, "program": PROGRAM},
        "profile": [{"stream": raw_stream(name="syn", mode=burst(2))}],
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    return tmp_path


def test_every_command_for_packets_has_some() -> None:
    assert len(EXAMPLES) >= 30


@pytest.mark.processes
@pytest.mark.parametrize("example", EXAMPLES)
def test_it_does_what_it_says(example: str, at_hand: Path, server_port: int) -> None:
    for program in re.findall(r"\| (?!scapy-server)(\w+)", example):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    if "profile.py" in example and importlib.util.find_spec("lbr_trex_client") is None:
        pytest.skip("TRex's client library is not installed")
    written = re.search(r"(?:-o|--plot) ([^\s-]\S*)", example)
    if written is not None:
        (at_hand / written[1]).unlink(missing_ok=True)  # of a conversion, another example's source
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", example.replace("10M", "10k")],
        check=False,
        cwd=at_hand,
        env={**environment(), "PATH": path, "SCAPY_SERVER": f"127.0.0.1:{server_port}"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    if written is not None:
        assert (at_hand / written[1]).exists()
    else:
        assert done.stdout or "TCP.flags" in example
