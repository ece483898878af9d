"""What the packet server says of an instruction, told apart: what it does, and each parameter.

It is a text of UTF-8 in base64, with the parameters in a list. Source: docs/wire.md, "Definitions".
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_PARAMETERS = re.compile(r"^Parameters:\n(?P<list>(?:[ \t].*\n?)*)", re.MULTILINE)
_PARAMETER = re.compile(r"^ {2}(?P<name>\w+): (?P<text>.*(?:\n {4,}.*)*)", re.MULTILINE)
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class InstructionHelp:
    """What an instruction does, in a paragraph, and what each of its parameters is."""

    about: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


def read_help(text: str) -> InstructionHelp:
    """The help of an instruction as definitions have it; empty where it cannot be read."""
    try:
        plain = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return InstructionHelp()
    paragraphs = plain.split("\n\n")
    found = _PARAMETERS.search(plain)
    return InstructionHelp(
        _in_one_line(paragraphs[1]) if len(paragraphs) > 1 else _in_one_line(plain),
        {} if found is None else _parameters(found["list"]),
    )


def _parameters(text: str) -> dict[str, str]:
    return {each["name"]: _in_one_line(each["text"]) for each in _PARAMETER.finditer(text)}


def _in_one_line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()
