"""A console beside a control plane behind a socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scapy_server.console.wire import Wire
from tests.client.test_ports import served
from tests.console.pipe import Pipe
from tests.services.ports.rig import Rig


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def console(rig: Rig) -> Iterator[Pipe]:
    """A console whose packet server is nowhere, and whose ports server is there."""
    wire = Wire("127.0.0.1:1", 1.0)
    console = Pipe(wire)
    with served(lambda message: rig.control.handle(message).data) as client:
        console.seat.ports = client
        yield console
    wire.close()
