"""A glance at a request, for those who pass it on: its method and id, and no more.

Parameters are skipped, not decoded, so that a glance costs next to nothing; of a message that
is long even to skip, only both ends are looked at. A message that is no request has no method
here; what is wrong with it is for `read_request` to say.
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


LONGEST_SKIPPED = 1024 * 1024  # bytes; a longer message takes milliseconds to skip
LONGEST_DIAGNOSED = 64 * 1024  # bytes; a longer one takes milliseconds to read
_END = 1024
_NOTHING = Peek()
_peek = msgspec.json.Decoder(Peek)
_content = msgspec.json.Decoder(_Content)


def peek(message: bytes) -> Peek:
    """Method and id of a message of any bytes. Never raises."""
    if len(message) > LONGEST_SKIPPED:
        return peek_at_ends(message)
    try:
        if not message.isascii():
            message.decode()  # what is skipped is not checked, and the id would be sent back
        return _peek.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _NOTHING


def request_id(message: bytes) -> msgspec.Raw:
    """The id that a reply to this message must carry, null if it is hard to find. Never raises."""
    glance = peek(message)
    if glance.method or len(message) > LONGEST_DIAGNOSED:
        return glance.id
    return read_request(message).id


def peek_at_ends(message: bytes) -> Peek:
    """What stands before the parameters of a long message, and an id behind them.

    The beginning up to the first parameter is a whole object once it is closed, and so is
    the end from the last `"id"` on once it is opened; where they are not, it is no request
    that anybody sends.
    """
    start = message[:_END]
    found = _NOTHING
    position = start.find(b'"params"')
    if position > 0:
        found = peek(start[:position].rstrip().rstrip(b",") + b"}")
    if found.method and found.id is NO_ID:
        end = message[-_END:]
        position = end.rfind(b'"id"')
        if position > 0:
            behind = peek(b'{"method":"",' + end[position:])
            found = Peek(found.method, behind.id)
    return found


def fingerprint(message: bytes) -> bytes:
    """A hash of what a request asks for: equal for requests that differ in their id alone.

    Of a long message both halves of a mebibyte and the length stand for all of it.
    """
    if len(message) > LONGEST_SKIPPED:
        half = LONGEST_SKIPPED // 2
        ends = message[:half] + message[-half:]
        return hashlib.sha256(b"%d\0" % len(message) + ends).digest()
    try:
        content = _content.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return hashlib.sha256(message).digest()
    return hashlib.sha256(bytes(content.method) + b"\0" + bytes(content.params)).digest()
