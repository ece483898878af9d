"""One answerer for all tests of the room."""

from __future__ import annotations

import pytest

from scapy_server.batch.answering import Answerer
from scapy_server.services.packets.core import Core


@pytest.fixture(scope="session")
def answer(core: Core) -> Answerer:
    return Answerer(core)
