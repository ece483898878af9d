from __future__ import annotations

import pytest

from scapy_server.packet import modules
from scapy_server.packet.registry import Registry


@pytest.fixture(scope="session")
def registry() -> Registry:
    return modules.load()
