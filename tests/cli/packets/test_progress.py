from __future__ import annotations

import io
import sys

import pytest

from scapy_server.cli.packets.progress import bytes_read, jobs_done


class Screen(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        return True


def test_nobody_looks_and_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    with bytes_read(100) as progress:
        progress(100)
    with jobs_done(2) as done:
        done()
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with jobs_done(4) as done:
        for _ in range(3):
            done()
    assert "3/4" in screen.getvalue()


def test_bytes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with bytes_read(2000) as progress:
        progress(1000)
        progress(1000)
    assert "2.0/2.0 kB" in screen.getvalue()
