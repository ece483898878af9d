"""Calling methods as clients do: bytes in, bytes out."""

from __future__ import annotations

import json
from typing import Any

from scapy_server.rpc import Dispatcher

HANDLER = "gCpT7kGF+TG7Jmm90XmxdQ=="


def reply_to(dispatcher: Dispatcher, method: str, params: object = ()) -> dict[str, Any]:
    """The decoded reply."""
    request = {"jsonrpc": "2.0", "id": "17", "method": method, "params": params}
    reply = json.loads(dispatcher.handle(json.dumps(request).encode()).data)
    assert reply["id"] == "17"
    assert ("result" in reply) is not ("error" in reply)
    assert isinstance(reply, dict)
    return reply


def call(dispatcher: Dispatcher, method: str, params: object = ()) -> Any:
    """The result of a call that succeeds."""
    reply = reply_to(dispatcher, method, params)
    assert "error" not in reply, reply
    return reply["result"]


def error(dispatcher: Dispatcher, method: str, params: object = ()) -> tuple[int, str]:
    """Code and message of a call that fails."""
    reply = reply_to(dispatcher, method, params)
    return reply["error"]["code"], reply["error"]["message"]


def in_every_form(dispatcher: Dispatcher, method: str, **named: object) -> Any:
    """The result of a call, checked to be the same in each form: documented, GUI, named."""
    positional = list(named.values())
    result = call(dispatcher, method, positional)
    assert call(dispatcher, method, [HANDLER, *positional]) == result
    assert call(dispatcher, method, named) == result
    return result
