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
from scapy_server.client.connection import ClientError, Connection
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

    def call(self, method: str, *params: Any) -> Any:
        """The result of a method, parameters by position."""
        return self.send(method, list(params))

    def ask(self, shape: type[T], method: str, *params: Any) -> T:
        """As `call`, for a result of this shape (see `answers`); ClientError for another."""
        result = self.call(method, *params)
        try:
            return msgspec.convert(result, shape)
        except msgspec.ValidationError as error:
            raise ClientError(
                None, f"the answer to {method} is not that of a Scapy server: {error}"
            ) from error

    def send(self, method: str, params: Any = msgspec.UNSET) -> Any:
        """The result of a method, with whatever `params` are given; none if UNSET."""
        request_id = "".join(secrets.choice(_ID_LETTERS) for _ in range(8))
        request = calls.request(method, params, request_id)
        message = calls.encoded(request)
        if self.observer is None:
            return self._result(self._connection.exchange(message), request_id)
        self.observer("Sending Request To Server", request)
        reply = self._connection.exchange(message)
        self.observer("Server Response", _readable(reply))
        return self._result(reply, request_id)

    def _result(self, reply: bytes, request_id: str) -> Any:
        return msgspec.json.decode(calls.result_of(reply, request_id))

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
