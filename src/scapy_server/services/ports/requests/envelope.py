"""The JSON-RPC of TRex's server: requests are read here, replies written.

The dialect differs from the packet service's in codes, texts, and in that any id but null
will do. Ids go back as they came.

Source: JSON-RPC 2.0, sections 4 and 6; docs/ports.md, "Requests".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from scapy_server.services.ports.requests.refusals import BadRequest, Refusal, UnknownMethod

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True)
class Call:
    """A well-formed request; `params` is whatever was sent, None if nothing."""

    id: object
    method: str
    params: object


@dataclass(frozen=True)
class Misformed:
    """An element that is no request; `id` is None where none could be read."""

    id: object
    refusal: Refusal


def read_call(element: object) -> Call | Misformed:
    """Read one decoded request. Never raises."""
    if not isinstance(element, dict):
        return Misformed(None, BadRequest("a request is an object"))
    identifier = element.get("id")
    if identifier is None:
        return Misformed(None, BadRequest("Missing 'id' field"))
    if element.get("jsonrpc") != "2.0":
        return Misformed(identifier, BadRequest("Invalid JSONRPC Version"))
    method = element.get("method")
    if method is None or method == "":
        return Misformed(identifier, BadRequest("Missing Method Name"))
    if isinstance(method, int | float):
        return Misformed(identifier, UnknownMethod(encoded(method).decode()))
    if not isinstance(method, str):
        return Misformed(identifier, BadRequest("Error in JSON request: 'method' is no string"))
    return Call(identifier, method, element.get("params"))


def success(identifier: object, result: object) -> dict[str, Any]:
    """The reply to a call that was carried out, ready for `encoded`."""
    return {"jsonrpc": "2.0", "id": identifier, "result": result}


def failure(identifier: object, refusal: Refusal) -> dict[str, Any]:
    """The reply to a call that was not."""
    return fault(identifier, refusal.code, refusal.title, refusal.text)


def fault(identifier: object, code: int, message: str, text: str = "") -> dict[str, Any]:
    """An error reply of the transport itself: what is no JSON, too large, or our own failure."""
    error: dict[str, Any] = {"code": code, "message": message}
    if text:
        error["specific_err"] = text
    return {"jsonrpc": "2.0", "id": identifier, "error": error}


def encoded(reply: object) -> bytes:
    """Replies as JSON text."""
    return _encoder.encode(reply)
