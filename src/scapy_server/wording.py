"""How sentences speak of what came in: types, names, texts and bytes.

Everything here is pure and for everybody. What is not taken is refused with
`RefusedError`; nothing else can fail.
"""

from __future__ import annotations

import base64
import binascii
import difflib
from collections.abc import Iterable
from enum import Enum

from scapy_server import work
from scapy_server.errors import RefusedError, shown

#: Characters of an unknown name that are compared with the known ones.
_COMPARED = 64


class JsonType(Enum):
    """The types of JSON; the value is how sentences speak of one."""

    NULL = "null"
    BOOLEAN = "a boolean"
    NUMBER = "a number"
    STRING = "a string"
    ARRAY = "an array"
    OBJECT = "an object"

    @classmethod
    def of(cls, value: object) -> JsonType:
        """The JSON type of a decoded value."""
        return _BY_PYTHON_TYPE[type(value)]


_BY_PYTHON_TYPE = {
    type(None): JsonType.NULL,
    bool: JsonType.BOOLEAN,
    int: JsonType.NUMBER,
    float: JsonType.NUMBER,
    str: JsonType.STRING,
    list: JsonType.ARRAY,
    dict: JsonType.OBJECT,
}


def json_type(value: object) -> str:
    """How sentences name the type of a value: by JSON where JSON has it."""
    for cls in type(value).__mro__:
        if cls in _BY_PYTHON_TYPE:
            return _BY_PYTHON_TYPE[cls].value
    return type(value).__name__


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, None if none is like it. Case does not count.

    A name that it begins is preferred. Of names that are equally like it, it is the one
    with the same letters (two of them swapped), then the one that begins alike, then the
    first known.
    """
    if not work.may_suggest():
        return None
    candidates = {candidate.lower(): candidate for candidate in reversed(list(known))}
    asked = name[:_COMPARED].lower()
    found = difflib.get_close_matches(asked, candidates, n=8, cutoff=0.65)
    if not found:
        return None
    order = {candidate: position for position, candidate in enumerate(reversed(candidates))}

    def likeness(candidate: str) -> tuple[bool, float, bool, bool, int]:
        return (
            candidate.startswith(asked),
            difflib.SequenceMatcher(None, candidate, asked).ratio(),
            sorted(candidate) == sorted(asked),
            candidate[:1] == asked[:1],
            -order[candidate],
        )

    return candidates[max(found, key=likeness)]


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean "X"?` for the known name most like `name`, or nothing."""
    found = closest(name, known)
    return "" if found is None else f'; did you mean "{found}"?'


def check_members(given: Iterable[str], known: Iterable[str], what: str) -> None:
    """RefusedError for the first member that `what` does not have, with the nearest one."""
    names = list(known)
    for name in given:
        if name not in names:
            hint = nearest(name, names) or f"; it has {', '.join(names)}"
            raise RefusedError(f"{what} has no member {shown(name)}{hint}")


def printable(text: str) -> str:
    """The text with every character that could steer a terminal as its escape sequence."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )


def base64_text(data: bytes) -> str:
    """Bytes as they go over the wire: the standard alphabet, padded, in one line."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str, what: str) -> bytes:
    """Decode standard base64; `what` names it in the refusal.

    Padding may be left off, and white space is skipped.
    """
    digits = "".join(text.split())
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError(f"{what} must be base64 in the standard alphabet") from None
