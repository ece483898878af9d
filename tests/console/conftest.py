"""A console for every test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scapy_server.console.wire import Wire
from tests.console.pipe import Pipe


@pytest.fixture
def pipe(server_port: int) -> Iterator[Pipe]:
    wire = Wire(f"127.0.0.1:{server_port}", 60)
    yield Pipe(wire)
    wire.close()
