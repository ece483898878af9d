"""The options of `preview` reach what carries it out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scapy_server.cli.streams.choices import ProfileWish, Shown
from tests.cli.rendering import command
from tests.cli.streams.wishes import PROFILE, SELECTED, SELECTING, WISHED


def test_preview(asked: list[tuple[Any, ...]]) -> None:
    line = "-n 20 --start 4G --plot a.svg --plot-count 50 --timeline"
    assert command(*f"preview SOURCE {line} {SELECTING} {PROFILE}".split()).exit_code == 0
    ((source, selection, shown, profile),) = asked
    assert (source, selection) == ("SOURCE", SELECTED)
    assert shown == Shown("4G", "20", Path("a.svg"), "50")
    assert profile == ProfileWish(**WISHED, timeline=True)


@pytest.mark.parametrize("words", ["preview", "preview S --port 256"])
def test_wrong_usage_is_told_before_anything_is_read(
    words: str, asked: list[tuple[Any, ...]]
) -> None:
    assert command(*words.split()).exit_code == 2
    assert asked == []
