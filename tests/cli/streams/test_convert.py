"""The options of `convert` reach what carries it out."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server.cli.streams.choices import Playback, ProfileWish
from tests.cli.rendering import command


def test_convert(asked: list[tuple[Any, ...]]) -> None:
    line = "-o x.yaml -t a=1 --port 3 --gap 10us --speedup 2 --loops 0 --force"
    assert command(*f"convert SOURCE {line}".split()).exit_code == 0
    wish = ProfileWish(ports=(3,), tunables="a=1", force=True)
    assert asked == [("SOURCE", "x.yaml", wish, Playback("10us", 2.0, 0))]


@pytest.mark.parametrize("words", ["convert S", "convert S -o x --loops -1"])
def test_wrong_usage_is_told_before_anything_is_read(
    words: str, asked: list[tuple[Any, ...]]
) -> None:
    assert command(*words.split()).exit_code == 2
    assert asked == []
