"""A glance at a request, for those who pass it on: its method and id, and no more.

Parameters are skipped, not decoded, so that a glance costs next to nothing. A message
that is no request has no method here; what is wrong with it is for `read_request` to say.
"""

from __future__ import annotations

import hashlib

import msgspec

from scapy_server.rpc.envelope import NO_ID, read_request


class Peek(msgspec.Struct, frozen=True):
    """The method that a message names, "" if none, and its id as the bytes that were sent."""

    method: str = ""
    id: msgspec.Raw = NO_ID


class _Content(msgspec.Struct):
    method: msgspec.Raw = NO_ID
    params: msgspec.Raw = NO_ID


_NOTHING = Peek()
_peek = msgspec.json.Decoder(Peek)
_content = msgspec.json.Decoder(_Content)


def peek(message: bytes) -> Peek:
    """Method and id of a message of any bytes. Never raises."""
    try:
        if not message.isascii():
            message.decode()  # what is skipped is not checked, and the id would be sent back
        return _peek.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _NOTHING


def request_id(message: bytes) -> msgspec.Raw:
    """The id that a reply to this message must carry. Never raises."""
    glance = peek(message)
    return glance.id if glance.method else read_request(message).id


def fingerprint(message: bytes) -> bytes:
    """A hash of what a request asks for: equal for requests that differ in their id alone."""
    try:
        content = _content.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return hashlib.sha256(message).digest()
    return hashlib.sha256(bytes(content.method) + b"\0" + bytes(content.params)).digest()
