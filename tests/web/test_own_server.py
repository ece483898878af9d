from __future__ import annotations

import os
import signal
import time

import pytest

from scapy_server import Client
from scapy_server.web.own_server import OwnServer
from tests.running import PATIENCE

pytestmark = pytest.mark.processes


def test_it_serves_comes_back_when_it_is_killed_and_ends() -> None:
    server = OwnServer(workers=1)
    try:
        server.wait()
        first = server.process_id
        os.kill(first, signal.SIGKILL)
        end = time.monotonic() + PATIENCE
        while server.process_id == first:
            assert time.monotonic() < end, "it was not started again"
            time.sleep(0.01)
        server.wait()
        with Client(server.address, timeout=PATIENCE) as client:
            assert client.server_status().pid == server.process_id
    finally:
        server.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(server.process_id, 0)
