from __future__ import annotations

import os

import pytest
import typer

from scapy_server.cli.problems import fail, note, one_line
from scapy_server.desk.errors import DeskError
from scapy_server.errors import RefusedError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (RefusedError("it is odd", ("layer 0",)), "scapy-server: layer 0: it is odd\n"),
        (DeskError("no such packet"), "scapy-server: no such packet\n"),
        (RefusedError("two\n  lines"), "scapy-server: two lines\n"),
    ],
)
def test_an_error_is_one_line_and_status_1(
    error: Exception, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as left, one_line():
        raise error
    assert left.value.exit_code == 1
    assert capsys.readouterr().err == line


def test_a_file_is_named(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "dup2", lambda *descriptors: None)  # the tests go on writing
    with pytest.raises(typer.Exit), one_line():
        raise FileNotFoundError(2, "No such file or directory", "x.pcap")
    assert capfd.readouterr().err == "scapy-server: x.pcap: No such file or directory\n"


def test_all_well_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with one_line():
        pass
    assert capsys.readouterr().err == ""


def test_bugs_are_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), one_line():
        raise ZeroDivisionError


def test_the_line_is_one_whatever_it_is_made_of(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        fail("a\n\tb  c")
    assert capsys.readouterr().err == "scapy-server: a b c\n"


def test_notes_are_lines_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    note("one", "another")
    assert capsys.readouterr().err == "note: one\nnote: another\n"
