from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server.server.settings import Settings


@pytest.mark.parametrize(
    ("settings", "is_open"),
    [
        (Settings(), True),
        (Settings(host="0.0.0.0"), True),
        (Settings(host="::"), True),
        (Settings(host="127.0.0.1"), False),
        (Settings(allow=("10.0.0.0/8",)), False),
        (Settings(curve_keys=Path("keys")), False),
        (Settings(remote_shutdown=False), True),
    ],
)
def test_what_is_open_to_everyone(settings: Settings, is_open: bool) -> None:
    assert settings.is_open is is_open


def test_workers() -> None:
    assert Settings().worker_count >= 1
    assert Settings(workers=7).worker_count == 7
