"""`name=value` words, as parameters of instructions and programs."""

from __future__ import annotations

import shlex
from typing import Any

from scapy_server.desk.errors import DeskError


def words_of(text: str) -> list[str]:
    """The words of a line, with quotes as in a shell; DeskError for a lone quote."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise DeskError(f"{error}".lower()) from None


def assignments(words: list[str]) -> dict[str, Any]:
    """Parameters by name; DeskError for a word that is none."""
    parameters: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise DeskError(f"{word!r} is not a parameter; write name=value")
        # A list is an expression to the server, everything else it takes as text.
        parameters[name] = {"vtype": "EXPRESSION", "expr": value} if value[:1] == "[" else value
    return parameters
