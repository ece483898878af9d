"""What is written for the operator, and that no client can write it."""

from __future__ import annotations

import io
import json
import logging
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.errors import ErrorCode
from scapy_server.rpc import Reply
from scapy_server.server.log import (
    SHOWN_BYTES,
    log_reply,
    log_request,
    logger,
    logging_to,
    wire_text,
)
from scapy_server.server.log_stream import dropped_lines
from scapy_server.transport.job import Job
from tests.transport.jobs import job as job_of


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


@pytest.mark.parametrize("max_bytes", [0, 500])
def test_a_log_whose_directory_is_gone_costs_nothing_but_lines(
    tmp_path: Path, max_bytes: int
) -> None:
    directory = tmp_path / "logs"
    directory.mkdir()
    file = directory / "log"
    with logging_to(verbose=False, file=file, out=io.StringIO(), max_bytes=max_bytes):
        logger.info("before")
        shutil.rmtree(directory)
        before = dropped_lines()
        for _ in range(20):
            logger.info("in between, which may be lost")
        assert dropped_lines() > before
        directory.mkdir()
        logger.info("after")
        assert file.read_text().endswith("INFO after\n")


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


def job(request: bytes) -> Job:
    made = job_of(request=request)
    made.address = "192.0.2.1"
    return made


FORGED = b'{"jsonrpc":"2.0","id":"\\u001b[2J\\n2025 INFO","method":"ping","params":["secret"]}'


def test_a_line_per_request(tmp_path: Path) -> None:
    with logging_to(False, tmp_path / "log", io.StringIO()):
        log_request(job(FORGED))
        log_reply(job(FORGED), Reply(b"12345", "ping"), 0.0015, None)
        log_reply(job(b"x"), Reply(b"1", None, ErrorCode.PARSE_ERROR), 0.1, "the client is gone")
    first, second = (tmp_path / "log").read_text().splitlines()
    assert first.endswith(
        'INFO ping: ok in 1.5 ms, 81 bytes in, 5 bytes out, id "\\u001b[2J\\n2025 INFO", '
        "client 192.0.2.1"
    )
    assert second.endswith(
        "INFO no method: error -32700 in 100.0 ms, 1 bytes in, 1 bytes out, id null, "
        "client 192.0.2.1; dropped: the client is gone"
    )


def test_a_reply_in_pieces_is_told_whole(tmp_path: Path) -> None:
    reply = Reply(b'{"result":', "ping", rest=(b"[1,2]", b"}"))
    with logging_to(True, tmp_path / "log", io.StringIO()):
        log_reply(job(b"x"), reply, 0.1, None)
    told, counted = (tmp_path / "log").read_text().splitlines()
    assert told.endswith('{"result":[1,2]}')
    assert ", 16 bytes out," in counted


def test_json_lines(tmp_path: Path) -> None:
    with logging_to(False, tmp_path / "log", io.StringIO(), form="json"):
        log_reply(job(FORGED), Reply(b"12345", "ping"), 0.0015, None)
        logger.warning("worker %d is replaced: %s\n", 5, "\x1b died")
    text = (tmp_path / "log").read_text()
    assert text.isascii()
    assert "secret" not in text
    first, second = map(json.loads, text.splitlines())
    assert (
        first.items()
        >= {
            "level": "INFO",
            "id": '"\\u001b[2J\\n2025 INFO"',
            "client": "192.0.2.1",
            "method": "ping",
            "duration_ms": 1.5,
            "outcome": "ok",
            "bytes_in": 81,
            "bytes_out": 5,
        }.items()
    )
    assert datetime.fromisoformat(first["time"]).tzinfo is not None
    assert second["message"] == "worker 5 is replaced: \x1b died\n"


def test_payload_only_when_verbose(tmp_path: Path) -> None:
    for verbose in (False, True):
        with logging_to(verbose, tmp_path / f"log{verbose}", io.StringIO()):
            log_request(job(FORGED))
            log_reply(job(FORGED), Reply(b"more secrets", "ping"), 0.0, None)
        assert ("secret" in (tmp_path / f"log{verbose}").read_text()) is verbose


def test_a_file_that_another_program_moves_is_opened_again(tmp_path: Path) -> None:
    file = tmp_path / "log"
    with logging_to(False, file, io.StringIO()):
        logger.info("before")
        file.rename(tmp_path / "log.1")
        logger.info("after")
    assert "before" in (tmp_path / "log.1").read_text()
    assert "after" in file.read_text()


def test_a_full_file_is_moved_away(tmp_path: Path) -> None:
    with logging_to(False, tmp_path / "log", io.StringIO(), max_bytes=1000):
        for _ in range(200):
            logger.info("x" * 100)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["log", *(f"log.{number}" for number in range(1, 6))]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())


def test_the_log_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to(False, Path("-"), io.StringIO()):
        logger.info("a summary")
        logger.warning("a warning")
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("INFO a summary")
    assert second.endswith("WARNING a warning")
