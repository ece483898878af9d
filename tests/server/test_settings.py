from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server.server.settings import QUICK_METHODS, QUICK_SECONDS, Settings
from scapy_server.services.packets.table import METHODS


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


def test_quick_methods_exist() -> None:
    assert {method.name for method in METHODS} >= QUICK_METHODS


def test_deadlines() -> None:
    assert Settings().deadline("build_pkt") == 10.0
    assert Settings().deadline("ping") == QUICK_SECONDS
    assert Settings(request_timeout=1.0).deadline("ping") == 1.0


def test_workers() -> None:
    assert Settings().worker_count >= 1
    assert Settings(workers=7).worker_count == 7
