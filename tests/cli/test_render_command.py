"""The options of `render`, `preview` and `convert` reach what carries them out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scapy_server.cli import convert, preview, render
from scapy_server.cli.choices import Format, Playback, ProfileWish, Shown, Wish
from scapy_server.errors import RefusedError
from scapy_server.streams.sources.given import Selection
from tests.cli.rendering import command

SELECTING = "--program p.json --stream s --seed 5 --cores 3 --hardware raw"
SELECTED = Selection(Path("p.json"), "s", 5, 3, "raw")
PROFILE = "--port 1 --port 2 -m 10% -d 2.5 --force --speed 1G -t size=64 --limit 9 --port-macs a,b"
WISHED: dict[str, Any] = {
    "ports": (1, 2),
    "multiplier": "10%",
    "duration": 2.5,
    "force": True,
    "speed": "1G",
    "tunables": "size=64",
    "limit": "9",
    "port_macs": ("a,b",),
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What each command was to do."""
    seen: list[tuple[Any, ...]] = []
    for module in (render, preview, convert):
        monkeypatch.setattr(module, "run", lambda *arguments: seen.append(arguments))
    return seen


def test_render(asked: list[tuple[Any, ...]]) -> None:
    line = "-n 10M -o x --start 3 --rate 1k --gap 2s --format raw --nano -j 4 --dry-run"
    more = "--events e.json --per-port"
    words = f"render SOURCE {line} {SELECTING} {PROFILE} {more}".split()
    assert command(*words).exit_code == 0
    ((source, selection, wish, profile, _),) = asked
    assert (source, selection) == ("SOURCE", SELECTED)
    assert wish == Wish("10M", "x", "3", "1k", "2s", Format.RAW, True, 4, True)
    assert profile == ProfileWish(**WISHED, events=Path("e.json"), per_port=True)


def test_preview(asked: list[tuple[Any, ...]]) -> None:
    line = "-n 20 --start 4G --plot a.svg --plot-count 50 --timeline"
    assert command(*f"preview SOURCE {line} {SELECTING} {PROFILE}".split()).exit_code == 0
    ((source, selection, shown, profile),) = asked
    assert (source, selection) == ("SOURCE", SELECTED)
    assert shown == Shown("4G", "20", Path("a.svg"), "50")
    assert profile == ProfileWish(**WISHED, timeline=True)


def test_convert(asked: list[tuple[Any, ...]]) -> None:
    line = "-o x.yaml -t a=1 --port 3 --gap 10us --speedup 2 --loops 0"
    assert command(*f"convert SOURCE {line}".split()).exit_code == 0
    assert asked == [("SOURCE", "x.yaml", "a=1", 3, Playback("10us", 2.0, 0))]


def test_nothing_is_asked_for_that_was_not_said(asked: list[tuple[Any, ...]]) -> None:
    assert command("render", "SOURCE").exit_code == 0
    ((_, selection, wish, profile, _),) = asked
    assert (selection, wish, profile) == (Selection(cores=1), Wish(), ProfileWish())


def test_a_refusal_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise RefusedError("it is odd")

    monkeypatch.setattr(render, "run", refuse)
    result = command("render", "SOURCE")
    assert (result.exit_code, result.output) == (1, "scapy-server: it is odd\n")


@pytest.mark.parametrize(
    "words",
    ["render", "render S --cores 0", "render S -j 65", "render S --seed -1", "convert S",
     "render S --format txt", "preview S --port 256", "convert S -o x --loops -1"],
)  # fmt: skip
def test_wrong_usage_is_told_before_anything_is_read(
    words: str, asked: list[tuple[Any, ...]]
) -> None:
    assert command(*words.split()).exit_code == 2
    assert asked == []
