"""What is written for the operator, and that no client can write it."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.server.log import SHOWN_BYTES, logger, logging_to, printable, wire_text


@given(st.text())
def test_printable_text_is_printable(text: str) -> None:
    assert printable(text).isprintable()


@given(st.binary())
def test_any_message_can_be_shown(message: bytes) -> None:
    assert wire_text(message).isprintable()


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (b'{"id": 1}', '{"id": 1}'),
        ("äöü".encode(), "äöü"),
        (b"\x1b[2J\r\n\x07", r"\x1b[2J\r\n\x07"),
        (b"\xff\xfe", r"\xff\xfe"),
        ("\u202e\u0085".encode(), r"\u202e\x85"),
    ],
)
def test_control_is_escaped(message: bytes, text: str) -> None:
    assert wire_text(message) == text


def test_long_messages_are_cut() -> None:
    assert wire_text(b"x" * SHOWN_BYTES) == "x" * SHOWN_BYTES
    assert wire_text(b"x" * (SHOWN_BYTES + 7)).endswith("x … and 7 bytes more")


def test_a_record_cannot_pass_for_two(tmp_path: Path) -> None:
    file = tmp_path / "log"
    with logging_to(verbose=False, file=file, out=io.StringIO()):
        logger.info("method %s", "x\n2025-01-01 INFO forged\x1b[0m")
    first, second = file.read_text().splitlines()
    assert first.endswith("INFO method x")
    assert second == r"    | 2025-01-01 INFO forged\x1b[0m"


def test_the_wire_goes_to_the_output_only_when_verbose(tmp_path: Path) -> None:
    for verbose in (False, True):
        out, file = io.StringIO(), tmp_path / f"log{verbose}"
        with logging_to(verbose, file, out):
            logger.debug("a message")
            logger.info("a summary")
        assert out.getvalue() == ("a message\n" if verbose else "")
        assert ("a message" in file.read_text()) is verbose
        assert "a summary" in file.read_text()


def test_failures_of_ours_are_always_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to(verbose=False, file=None, out=io.StringIO()):
        logger.info("a summary")
        logger.error("a bug")
    assert capsys.readouterr().err == "ERROR: a bug\n"


def test_log_files_are_continued(tmp_path: Path) -> None:
    for text in ("first", "second"):
        with logging_to(False, tmp_path / "log", io.StringIO()):
            logger.info(text)
    assert [line.rpartition(" ")[2] for line in (tmp_path / "log").read_text().splitlines()] == [
        "first",
        "second",
    ]


def test_a_lost_output_is_no_failure() -> None:
    out = io.StringIO()
    with logging_to(verbose=True, file=None, out=out):
        out.close()
        logger.debug("nobody reads this")


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    before = list(logger.handlers), logger.level, logger.propagate
    with logging_to(True, tmp_path / "log", io.StringIO()):
        assert logger.isEnabledFor(logging.DEBUG)
    assert (list(logger.handlers), logger.level, logger.propagate) == before


def test_a_file_that_cannot_be_written_is_an_operating_system_error(tmp_path: Path) -> None:
    with pytest.raises(OSError), logging_to(False, tmp_path, io.StringIO()):
        pass
