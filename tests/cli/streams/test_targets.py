"""Where captures go."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from scapy_server.cli.streams.choices import Format
from scapy_server.cli.streams.targets import Target, format_of, target_of
from scapy_server.errors import RefusedError


def test_a_file_is_written_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "out.pcap"
    path.write_bytes(b"what was there before")
    target = target_of(str(path))
    assert target.name == str(path)
    with target.opened() as descriptor:
        os.write(descriptor, b"new")
    assert path.read_bytes() == b"new"
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    target = target_of(str(tmp_path / "nowhere" / "out.pcap"))
    with pytest.raises(RefusedError, match="No such file"), target.opened():
        pytest.fail("it was opened")


@pytest.mark.parametrize("replaced", [True, False])
def test_at_a_terminal_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaced: bool
) -> None:
    path = tmp_path / "out.pcap"
    path.touch()
    target = target_of(str(path))
    target.check_free(force=True)
    with pytest.raises(RefusedError, match="--force replaces it"):
        target.check_free(force=False)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda question, err: replaced)
    if replaced:
        target.check_free(force=False)
        return
    with pytest.raises(RefusedError, match="stays as it was"):
        target.check_free(force=False)


@pytest.mark.parametrize(
    ("path", "of_port"),
    [("out.pcap", "out-3.pcap"), ("a/b.c/out.pcapng", "a/b.c/out-3.pcapng"), ("out", "out-3")],
)
def test_each_port_has_a_file_of_its_own(path: str, of_port: str) -> None:
    assert target_of(path).of_port(3) == Target(of_port)


def test_standard_output_is_one_file_and_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open("w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        target = target_of("-")
        assert (target.path, target.name) == (None, "standard output")
        with target.opened() as descriptor:
            assert descriptor == out.fileno()
        os.fstat(descriptor)
        with pytest.raises(RefusedError, match="--per-port writes several files"):
            target.of_port(0)


def test_no_capture_is_written_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with pytest.raises(RefusedError, match="standard output is a terminal"):
        target_of("-")
    with pytest.raises(RefusedError, match="say where to write with -o FILE"):
        target_of(None)


@pytest.mark.parametrize(
    ("form", "output", "expected"),
    [
        (None, "x.pcap", Format.PCAP),
        (None, "x.PCAPNG", Format.PCAPNG),
        (None, "x.raw", Format.RAW),
        (None, "x.bin", Format.RAW),
        (None, "x.txt", Format.PCAP),
        (None, None, Format.PCAP),
        (Format.RAW, "x.pcapng", Format.RAW),
    ],
)
def test_the_format_is_that_of_the_name_unless_it_is_given(
    form: Format | None, output: str | None, expected: Format
) -> None:
    assert format_of(form, output) is expected
