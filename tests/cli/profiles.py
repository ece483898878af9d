"""Profiles in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.cli.rendering import write_json


def profile(tmp_path: Path, *streams: dict[str, Any]) -> str:
    return write_json(tmp_path / "profile.json", [{"stream": stream} for stream in streams])
