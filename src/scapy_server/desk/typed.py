"""What a person types, as a value of a packet model."""

from __future__ import annotations

import ast
import re
from contextlib import suppress
from typing import Any

import msgspec

from scapy_server.desk.errors import DeskError
from scapy_server.wording import base64_text

_SHOWN = 40  # characters of what is refused
_NOT_DIGITS = re.compile(r"0[xX]|[\s:,]")


def value_of(text: str) -> Any:
    """The value of a model that a typed text stands for.

    JSON objects, arrays and texts in double quotes are read as JSON, texts in single quotes
    and `b'…'` as in Python; all else is the text itself, which the server reads as the field
    needs it. Raises DeskError for JSON or quotes that are not complete.
    """
    if text.startswith(("b'", 'b"', "'")):
        try:
            value = ast.literal_eval(text)
        except (SyntaxError, ValueError):
            raise DeskError(f"the quotes of {text} are not complete") from None
        if isinstance(value, bytes):
            return bytes_value(value)
        return value if isinstance(value, str) else text
    if text.startswith(("{", '"')):
        return from_json(text)
    if text.startswith("["):
        with suppress(DeskError):
            return from_json(text)
        return text  # a list in Python's spelling, which is an expression
    return text


def bytes_value(value: bytes) -> dict[str, str]:
    """Bytes as a value of a packet model."""
    return {"vtype": "BYTES", "base64": base64_text(value)}


def from_json(text: str) -> Any:
    """The value of a JSON text; DeskError says where it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DeskError(f"not JSON: {error}") from None


def from_hex(text: str) -> bytes:
    """The bytes of digits in hexadecimal, with blanks, colons, commas and `0x` between them."""
    try:
        return bytes.fromhex(_NOT_DIGITS.sub("", text))
    except ValueError:
        given = text.strip()
        given = given if len(given) <= _SHOWN else f"{given[:_SHOWN]}…"
        raise DeskError(f"{given!r} is not bytes in hexadecimal, two digits each") from None
