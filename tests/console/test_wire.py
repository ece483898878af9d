from __future__ import annotations

import re
from typing import Any

import pytest

from scapy_server.client import ClientError
from scapy_server.console.wire import Wire


def test_messages_are_seen_as_they_go(server_port: int) -> None:
    wire = Wire(f"127.0.0.1:{server_port}", 60)
    seen: list[tuple[str, Any]] = []
    wire.observer = lambda title, message: seen.append((title, message))
    assert wire.send("ping", None) == {}
    (out, request), (back, reply) = seen
    assert (out, back) == ("Sending Request To Server", "Server Response")
    assert list(request) == ["id", "jsonrpc", "method", "params"]
    assert re.fullmatch("[a-z0-9]{8}", request["id"])
    assert list(reply.items()) == [("id", request["id"]), ("jsonrpc", "2.0"), ("result", {})]
    seen.clear()
    wire.send("get_version")
    assert "params" not in seen[0][1]
    with pytest.raises(ClientError):
        wire.send("nope", [1])
    assert seen[-2][1]["params"] == [1]
    assert seen[-1][1]["error"]["code"] == -32601
    wire.close()


def test_what_cannot_be_sent(server_port: int) -> None:
    wire = Wire(f"127.0.0.1:{server_port}", 60)
    with pytest.raises(ClientError, match="cannot be sent as JSON"):
        wire.send("ping", ["\ud800"])
    assert wire.send("ping", None) == {}
    wire.close()
