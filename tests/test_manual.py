"""The pages that are generated are those of today, and the manual can be built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from scapy_server.rpc import Dispatcher
from tests import cli_page, man_page, ports_rpc_page, rpc_page

ROOT = Path(__file__).parents[1]
MAN_PAGE = ROOT / "deploy" / "scapy-server.1"


def test_the_page_of_methods_is_up_to_date(dispatcher: Dispatcher) -> None:
    assert (ROOT / "docs" / "rpc.md").read_text() == rpc_page.page(dispatcher)


def test_the_page_of_methods_of_ports_is_up_to_date() -> None:
    assert (ROOT / "docs" / "ports_rpc.md").read_text() == ports_rpc_page.page()


def test_the_page_of_commands_is_up_to_date() -> None:
    assert (ROOT / "docs" / "cli.md").read_text() == cli_page.page()


def test_the_page_of_man_is_up_to_date() -> None:
    assert MAN_PAGE.read_text() == man_page.page()


@pytest.mark.parametrize(
    "judge",
    [
        ["mandoc", "-T", "lint", "-W", "warning"],
        ["man", "--warnings", "--encoding=UTF-8", "--local-file"],
    ],
    ids=lambda judge: judge[0],
)
def test_man_finds_no_fault(judge: list[str]) -> None:
    if shutil.which(judge[0]) is None:
        pytest.skip(f"{judge[0]} is not installed")
    done = subprocess.run([*judge, MAN_PAGE], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert judge[0] == "man" or done.stdout == ""


def test_every_page_is_in_the_menu() -> None:
    menu = (ROOT / "mkdocs.yml").read_text()
    assert [page.name for page in (ROOT / "docs").glob("*.md") if f" {page.name}" not in menu] == []


@pytest.mark.processes
@pytest.mark.skipif(
    find_spec("mkdocs") is None and "SCAPY_SERVER_REQUIRE_MANUAL" not in os.environ,
    reason="the group `docs` is not installed",
)
def test_the_manual_can_be_built(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    built = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    assert "build_pkt" in (tmp_path / "rpc.html").read_text()
