"""A profile of two streams, and tables as cells."""

from __future__ import annotations

import json
from pathlib import Path

from tests.streams.support import burst, counted, raw_stream


def profile(tmp_path: Path) -> str:
    path = tmp_path / "my profile.json"
    first = raw_stream(name="a", mode=burst(3, 1000), flow_stats=counted(5))
    path.write_text(json.dumps([first, raw_stream(mode=burst(4, 1000))]))
    return f"'{path}'"


def cells(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]
