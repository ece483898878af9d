"""What commands were to do, instead of doing it."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server.cli.streams import converting, explaining, previewing, rendering


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What each command was to do."""
    seen: list[tuple[Any, ...]] = []
    for module in (rendering, previewing, converting, explaining):
        monkeypatch.setattr(module, "run", lambda *arguments: seen.append(arguments))
    return seen
