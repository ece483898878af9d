"""A stream in a file, for all who render one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.rendering import stream, write_json


@pytest.fixture
def source(tmp_path: Path) -> str:
    return write_json(tmp_path / "stream.json", [{"name": "one", "stream": stream()}])
