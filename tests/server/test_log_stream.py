"""Logs that cannot be written at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scapy_server.server.log_stream import LogStream, dropped_lines

LINE = "x" * 999 + "\n"


def test_a_pipe_that_nobody_reads_drops_lines_and_counts_them() -> None:
    reader, writer = os.pipe()
    stream = LogStream(writer, owned=True)
    before = dropped_lines()
    for _ in range(100):
        stream.write(LINE)
    dropped = dropped_lines() - before
    assert 0 < dropped < 100
    read = b""
    while len(read) < 1000 * (100 - dropped):
        read += os.read(reader, 65536)
    stream.write("after\n")
    rest = os.read(reader, 65536).decode()
    assert rest == f"{dropped} lines of the log were dropped\nafter\n"
    assert dropped_lines() - before == dropped
    stream.close()
    os.close(reader)


def test_a_reader_that_is_gone_costs_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stream = LogStream(writer, owned=True)
    assert stream.write(LINE) == len(LINE)
    stream.close()


def test_a_pipe_without_a_reader_is_told_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    with pytest.raises(OSError):
        LogStream.of_file(tmp_path / "log")


def test_a_file_is_appended_to(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("before\n")
    stream = LogStream.of_file(tmp_path / "log")
    stream.write("a half surrogate: \ud800\n")
    stream.flush()
    assert stream.tell() == stream.seek(0, 2) == (tmp_path / "log").stat().st_size
    stream.close()
    stream.close()
    assert (tmp_path / "log").read_text() == "before\na half surrogate: \\ud800\n"
