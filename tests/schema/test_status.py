"""How a server is doing, as clients read it."""

from __future__ import annotations

import msgspec

from scapy_server.client import Client
from scapy_server.schema.status import ServerStatus


def test_what_a_server_answers_has_this_shape(server_port: int) -> None:
    with Client(f"127.0.0.1:{server_port}", timeout=60) as client:
        client.ping()
        answer = client.call("server_status")
    status = msgspec.convert(answer, ServerStatus)
    assert status.methods["ping"].requests >= 1
    assert status.workers[0].state in {"idle", "busy"}
    assert msgspec.to_builtins(status) == answer
