"""The options of `explain` reach what carries it out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.cli.rendering import command


def test_explain(asked: list[tuple[Any, ...]]) -> None:
    words = "explain SOURCE --program p.json --stream s --json"
    assert command(*words.split()).exit_code == 0
    assert asked == [("SOURCE", Path("p.json"), "s", True)]


def test_wrong_usage_is_told_before_anything_is_read(asked: list[tuple[Any, ...]]) -> None:
    assert command("explain").exit_code == 2
    assert asked == []
