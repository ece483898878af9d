"""Requests to the server, shown as they go out and come back."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from scapy_server.client import calls
from scapy_server.client.calls import Call
from scapy_server.client.connection import Connection
from scapy_server.client.keys import load

#: Is told of each message: a title, and the message.
Observer = Callable[[str, Any], None]

T = TypeVar("T")

_ID_LETTERS = string.ascii_lowercase + string.digits


class Wire:
    """A connection on which the messages can be watched. For one thread at a time.

    Nothing is sent before the first call. After a call without a reply the next one
    connects anew, so a server may come and go. Raises ClientError, and ValueError for a
    `server` that is not `host:port` or keys that cannot be used.
    """

    def __init__(self, server: str, timeout: float, curve_keys: Path | None = None) -> None:
        keys = None if curve_keys is None else load(curve_keys)
        self._connection = Connection(server, timeout, keys)
        self.observer: Observer | None = None

    def ask(self, call: Call[T]) -> T:
        """The result of a call, in its shape; ClientError for another."""
        return call.read(self._exchanged(call.method, call.params))

    def send(self, method: str, params: Any = msgspec.UNSET) -> Any:
        """The result of any method, with whatever `params` are given; none if UNSET."""
        return msgspec.json.decode(self._exchanged(method, params))

    def _exchanged(self, method: str, params: Any) -> msgspec.Raw:
        request_id = "".join(secrets.choice(_ID_LETTERS) for _ in range(8))
        request = calls.request(method, params, request_id)
        message = calls.encoded(request)
        if self.observer is None:
            return calls.result_of(self._connection.exchange(message), request_id)
        self.observer("Sending Request To Server", request)
        reply = self._connection.exchange(message)
        self.observer("Server Response", _readable(reply))
        return calls.result_of(reply, request_id)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


def _readable(reply: bytes) -> Any:
    """The reply with its members in alphabetical order, as the documents show them."""
    try:
        decoded = json.loads(reply)
    except (ValueError, RecursionError):
        return reply.decode("utf-8", "backslashreplace")
    return dict(sorted(decoded.items())) if isinstance(decoded, dict) else decoded
