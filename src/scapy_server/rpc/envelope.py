"""The message around a call: requests are read here, replies are written.

Reading is one pass of msgspec over the bytes; only a message that it refuses is looked
at again, to say what is wrong with it and to find its id all the same. Ids are kept as
the bytes that were sent, so that they are echoed exactly.

Source: JSON-RPC 2.0, sections 4 and 5; the RPC document, "Error Codes".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import msgspec

from scapy_server import limits
from scapy_server.errors import (
    ErrorCode,
    InvalidParams,
    InvalidRequest,
    ParseError,
    RefusedError,
    ScapyServerError,
    shown,
)
from scapy_server.wording import JsonType

NO_ID = msgspec.Raw(b"null")

#: From how many bytes on marks are looked for, and how many until they are counted after all.
_LARGE, _A_FEW = 64 * 1024, 256


class Request(msgspec.Struct, frozen=True):
    """A well-formed request; `params` is UNSET when it has no such member."""

    id: msgspec.Raw
    method: str
    params: object


@dataclass(frozen=True)
class Refusal:
    """A message that is no request, and why; `id` is `NO_ID` where none could be read."""

    id: msgspec.Raw
    error: ScapyServerError


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    jsonrpc: Any = msgspec.UNSET
    id: msgspec.Raw = NO_ID
    method: Any = msgspec.UNSET
    params: Any = msgspec.UNSET


class _Success(msgspec.Struct):
    jsonrpc: str
    id: msgspec.Raw
    result: object


class _ErrorMember(msgspec.Struct):
    code: int
    message: str


class _Failure(msgspec.Struct):
    jsonrpc: str
    id: msgspec.Raw
    error: _ErrorMember


_decoder = msgspec.json.Decoder(_Envelope)
_batch_decoder = msgspec.json.Decoder(list[msgspec.Raw])
_encoder = msgspec.json.Encoder()

#: The decoder says the same of a half surrogate pair close to the end of the text.
_DETAILS = {"Input data was truncated": "the text ends too early, or with half of a surrogate pair"}


def read_request(message: bytes) -> Request | Refusal:
    """Read a message of any bytes. Never raises."""
    request_id = NO_ID
    try:
        brackets = _check_text(message)
        envelope = _decoder.decode(message)
        request_id = envelope.id
        return _checked(envelope, brackets)
    except (msgspec.DecodeError, RecursionError):
        return _diagnosed(message)
    except ScapyServerError as error:
        return Refusal(request_id, error)


def is_batch(message: bytes) -> bool:
    """Whether a message is an array, and so a batch if there are any."""
    return message[:64].lstrip()[:1] == b"["


def read_batch(message: bytes) -> list[bytes]:
    """The requests of a batch, in order, each still to be read; raises ScapyServerError.

    Source: JSON-RPC 2.0, section 6.
    """
    _check_text(message)
    try:
        requests = _batch_decoder.decode(message)
    except RecursionError:
        raise RefusedError("the batch is nested too deeply") from None
    except msgspec.DecodeError as error:
        raise ParseError(_DETAILS.get(str(error), str(error))) from None
    if not requests:
        raise InvalidRequest("a batch holds at least one request")
    limits.BATCH_REQUESTS.check(len(requests))
    return [bytes(request) for request in requests]


def success(request_id: msgspec.Raw, result: object) -> bytes:
    """A reply with a result; raises on a result that JSON cannot hold."""
    return _encoder.encode(_Success("2.0", request_id, result))


def success_around(request_id: msgspec.Raw, result: bytes) -> tuple[bytes, bytes, bytes]:
    """As `success`, of a result that is JSON already, in pieces: the second one is the result."""
    return b'{"jsonrpc":"2.0","id":%b,"result":' % bytes(request_id), result, b"}"


def failure(request_id: msgspec.Raw, code: ErrorCode, message: str) -> bytes:
    """A reply with an error. Never raises."""
    text = message.encode("utf-8", "backslashreplace").decode()
    return _encoder.encode(_Failure("2.0", request_id, _ErrorMember(code, text)))


def _check_text(message: bytes) -> int:
    """Refuse what is too large to be decoded; how many brackets open."""
    limits.MESSAGE_BYTES.check(len(message))
    if not message:
        raise ParseError("the message is empty")
    if not message.isascii():
        try:
            message.decode()
        except UnicodeDecodeError as error:
            raise ParseError(f"byte {error.start} is not UTF-8") from None
    # Commas and brackets bound the number of values before any is made.
    brackets = _occurrences(b"[", message) + _occurrences(b"{", message)
    limits.JSON_VALUES.check(_occurrences(b",", message) + brackets)
    return brackets


def _occurrences(mark: bytes, message: bytes) -> int:
    """How often a byte stands in a message.

    A large message is mostly one long text, such as a capture in base64, in which no mark stands:
    to look for the next one passes over that ten times as fast as counting does.
    """
    if len(message) < _LARGE:
        return message.count(mark)
    place, found = message.find(mark), 0
    while place >= 0 and found < _A_FEW:
        place, found = message.find(mark, place + 1), found + 1
    return found if place < 0 else found + message.count(mark, place)


def _checked(envelope: _Envelope, brackets: int) -> Request:
    if envelope.id is NO_ID:
        raise InvalidRequest('the member "id" is missing')
    if envelope.jsonrpc != "2.0":
        raise InvalidRequest('the member "jsonrpc" must be "2.0"')
    if not isinstance(envelope.method, str):
        raise InvalidRequest('the member "method" must be the name of a method')
    # Nesting takes brackets, so few of them need no closer look.
    if brackets > limits.JSON_DEPTH:
        _check_depth(envelope.params)
    return Request(envelope.id, envelope.method, envelope.params)


#: What the decoder makes of objects and arrays, never a subclass.
_NESTING = frozenset({dict, list})


def _check_depth(value: Any) -> None:
    depth = 0
    level = [value] if type(value) in _NESTING else []
    while level:
        depth += 1
        limits.JSON_DEPTH.check(depth)
        level = [
            member
            for item in level
            for member in (item.values() if type(item) is dict else item)
            if type(member) in _NESTING
        ]


def _diagnosed(message: bytes) -> Refusal:
    """What is wrong with a message that the decoder refused."""
    try:
        members = msgspec.json.decode(message, type=dict[str, msgspec.Raw])
    except RecursionError:
        depth = limits.JSON_DEPTH
        return Refusal(
            NO_ID, RefusedError(f"{depth.meaning} may be at most {int(depth)} {depth.unit}")
        )
    except msgspec.ValidationError:
        return Refusal(NO_ID, _explain_non_object(message))
    except msgspec.DecodeError as error:
        return Refusal(NO_ID, ParseError(_DETAILS.get(str(error), str(error))))
    return Refusal(members.get("id", NO_ID), _explain_members(members))


def _explain_members(members: dict[str, msgspec.Raw]) -> ScapyServerError:
    for name in members:
        if name not in _Envelope.__struct_fields__:
            return InvalidRequest(f"there is no member {shown(name)} in a request")
    beyond = _number_beyond_all(members.get("params", NO_ID))
    return InvalidParams(beyond) if beyond else InvalidRequest("a number is out of range")


class _Infinite(str):
    """The text of a number that no float holds."""


def _number(text: str) -> float | _Infinite:
    number = float(text)
    return number if math.isfinite(number) else _Infinite(text)


_numbers = msgspec.json.Decoder(float_hook=_number)


def _number_beyond_all(params: msgspec.Raw) -> str:
    """What is said of a number that no float holds, with the ids around it; "" if none is."""
    try:
        level: list[tuple[str, object]] = [("", _numbers.decode(params))]
    except msgspec.ValidationError:
        return "a whole number has too many digits"
    while level:
        for place, item in level:
            if isinstance(item, _Infinite):
                return f"{place}{shown(str(item))} is out of range for a number"
        level = [
            (_place(place, item), member)
            for place, item in level
            if isinstance(item, list | dict)
            for member in (item.values() if isinstance(item, dict) else item)
        ]
    return ""


def _place(place: str, item: list[object] | dict[str, object]) -> str:
    name = item.get("id") if isinstance(item, dict) else None
    return f"{place}{shown(name)}: " if isinstance(name, str) else place


def _explain_non_object(message: bytes) -> ScapyServerError:
    try:
        kind = JsonType.of(msgspec.json.decode(message))
    except (msgspec.ValidationError, RecursionError):
        kind = JsonType.ARRAY if message.lstrip().startswith(b"[") else JsonType.NUMBER
    except msgspec.DecodeError as error:
        return ParseError(str(error))
    batches = "; batches are not supported here" if kind is JsonType.ARRAY else ""
    return InvalidRequest(f"a request is an object, not {kind.value}{batches}")
