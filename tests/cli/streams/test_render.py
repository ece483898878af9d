"""The options of `render` reach what carries it out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scapy_server.cli.streams import rendering
from scapy_server.cli.streams.choices import Format, ProfileWish, Wish
from scapy_server.errors import RefusedError
from scapy_server.streams.sources.given import Selection
from tests.cli.rendering import command
from tests.cli.streams.wishes import PROFILE, SELECTED, SELECTING, WISHED


def test_render(asked: list[tuple[Any, ...]]) -> None:
    line = "-n 10M -o x --start 3 --rate 1k --gap 2s --format raw --nano -j 4 --dry-run"
    more = "--events e.json --per-port"
    words = f"render SOURCE {line} {SELECTING} {PROFILE} {more}".split()
    assert command(*words).exit_code == 0
    ((source, selection, wish, profile, _),) = asked
    assert (source, selection) == ("SOURCE", SELECTED)
    assert wish == Wish("10M", "x", "3", "1k", "2s", Format.RAW, True, 4, True)
    assert profile == ProfileWish(**WISHED, events=Path("e.json"), per_port=True)


def test_nothing_is_asked_for_that_was_not_said(asked: list[tuple[Any, ...]]) -> None:
    assert command("render", "SOURCE").exit_code == 0
    ((_, selection, wish, profile, _),) = asked
    assert (selection, wish, profile) == (Selection(cores=1), Wish(), ProfileWish())


def test_a_refusal_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise RefusedError("it is odd")

    monkeypatch.setattr(rendering, "run", refuse)
    result = command("render", "SOURCE")
    assert (result.exit_code, result.output) == (1, "scapy-server: it is odd\n")


@pytest.mark.parametrize(
    "words",
    [
        "render",
        "render S --cores 0",
        "render S -j 65",
        "render S --seed -1",
        "render S --format txt",
    ],
)
def test_wrong_usage_is_told_before_anything_is_read(
    words: str, asked: list[tuple[Any, ...]]
) -> None:
    assert command(*words.split()).exit_code == 2
    assert asked == []
