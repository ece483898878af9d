"""Every job of the cookbook is done, and tshark sees what the pages say."""

from __future__ import annotations

import base64
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scapy_server.cli.app import app
from scapy_server.rpc import Dispatcher
from tests import tshark
from tests.running import PATIENCE, environment
from tests.services.packets.calling import call
from tests.transcript import Command, File, Program, steps

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "cookbook.md").read_text()
JOBS = re.findall(
    r"^## (.+)\n\n```\n(.+)\n```\n\ntshark: `(.+)`$(?:\n\nIt also says: `(.+)`$)?",
    PAGE,
    re.MULTILINE,
)
PROGRAMS = (DOCS / "cookbook_programs.md").read_text()
SECTIONS = dict(part.split("\n", 1) for part in PROGRAMS.split("\n## ")[1:])
ROW = re.compile(r"^\| `(.+?)` \| (.+) \| (\d+) \|$", re.MULTILINE)

#: Of a first fragment nobody can verify the checksum over all of them.
INCOMPLETE = {"A first fragment", "Fragments"}

#: Captures that other jobs begin with.
BEFORE = ("An IPv4 sweep", "Ports from a list")


def test_every_heading_has_its_job() -> None:
    assert [title for title, _, _, _ in JOBS] == re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert len(JOBS) >= 30


@pytest.mark.processes
def test_tshark_sees_what_the_page_says(dispatcher: Dispatcher, tmp_path: Path) -> None:
    frames = []
    for _, expression, _, _ in JOBS:
        model = call(dispatcher, "read_expression", [expression])
        frames.append(call(dispatcher, "build_pkt", [model])["binary"])
    capture = tmp_path / "cookbook.pcap"
    capture.write_bytes(base64.b64decode(call(dispatcher, "write_pcap", [frames])))
    packets = tshark.dissect(capture)
    assert [packet.stack for packet in packets] == [stack for _, _, stack, _ in JOBS]
    for (title, _, _, fault), packet in zip(JOBS, packets, strict=True):
        if fault:
            assert fault in packet.faults, title
        elif title not in INCOMPLETE:
            assert packet.faults == [], title


@pytest.fixture
def beginnings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current directory with the captures that jobs begin with."""
    monkeypatch.chdir(tmp_path)
    for title in BEFORE:
        written(SECTIONS[title])
    return tmp_path


def written(section: str) -> Path:
    """The capture that the command of a section writes into the current directory."""
    for step in steps(section):
        if isinstance(step, File):
            Path(step.name).write_text(step.content)
        elif isinstance(step, Command):
            command = shlex.split(step.text)
            capture = Path(command[command.index("-o") + 1])
            capture.unlink(missing_ok=True)
            done = CliRunner().invoke(app, command[1:])
            assert (done.exit_code, done.output) == (0, step.expected), step.text
            return capture
    raise AssertionError("the section has no command")


def faults(title: str, capture: Path) -> list[list[str]]:
    found = [packet.faults for packet in tshark.dissect(capture) if packet.faults]
    return [] if title in INCOMPLETE else found


def test_every_section_is_run() -> None:
    assert len(SECTIONS) >= 15
    for title, section in SECTIONS.items():
        assert bool(ROW.search(section)) != ("```python" in section), title


@pytest.mark.processes
@pytest.mark.parametrize("title", [title for title, text in SECTIONS.items() if ROW.search(text)])
def test_a_command_writes_what_the_page_says(title: str, beginnings: Path) -> None:
    capture = written(SECTIONS[title])
    rows = ROW.findall(SECTIONS[title])
    columns = tshark.columns(capture, [field for field, _, _ in rows])
    for number, (field, cells, different) in enumerate(rows):
        column = [values[number] for values in columns]
        *first, last = cells.split(" | ")
        assert column[: len(first)] == first, field
        assert (column[-1], len(set(column))) == (last, int(different)), field
    assert faults(title, capture) == []


@pytest.mark.processes
@pytest.mark.parametrize(
    "title", [title for title, text in SECTIONS.items() if "```python" in text]
)
def test_captures_are_edited_as_the_page_says(
    title: str, beginnings: Path, server_port: int
) -> None:
    (program,) = (step for step in steps(SECTIONS[title]) if isinstance(step, Program))
    assert ran(program.text, server_port) == program.expected
    for edited in beginnings.glob("edited.pcap"):
        assert faults(title, edited) == []


def ran(program: str, port: int) -> str:
    """What a program of the page prints, with the server of the tests."""
    done = subprocess.run(
        [sys.executable, "-c", program.replace("localhost:4507", f"127.0.0.1:{port}")],
        check=False,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.stderr == ""
    return done.stdout
