from __future__ import annotations

import io
import re
import sys

import pytest

from scapy_server.cli.screen import screen, table

LONG = "a state of more than eighty columns " * 4


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(out: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setenv("COLUMNS", "60")
    rows = table("port", "state")
    rows.add_row("loop", LONG)
    screen().print(rows)
    return re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())


def test_nothing_is_cut_or_folded_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    assert LONG.strip() in printed(io.StringIO(), monkeypatch)


def test_words_are_folded_at_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    out = printed(Terminal(), monkeypatch)
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= 60
