"""What the methods of Scapy's classes, and the functions in their fields, may look at.

Most of these say no more than which field is a length or a type. That is seen by what their
code names: such a function gives the same for any two packets with equal fields.
"""

from __future__ import annotations

import dis
import re
import struct
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from scapy.config import conf
from scapy.packet import Packet

#: What changes a collection.
_CHANGING = frozenset({"update", "pop", "popitem", "setdefault", "clear", "append", "extend"})
_STORING = (
    "STORE_ATTR",
    "DELETE_ATTR",
    "STORE_SUBSCR",
    "DELETE_SUBSCR",
    "STORE_GLOBAL",
    "DELETE_GLOBAL",
)
_IMPORTING = ("IMPORT_NAME", "IMPORT_FROM")
_BUILTINS = frozenset({len, min, max, ord, any, all, isinstance, issubclass, sum, abs})
_CONSTANTS = (type, int, str, bytes, float, tuple, frozenset, dict, list, re.Pattern)
_DEEPEST = 3


def stores(function: Any) -> bool:
    """Whether a function keeps anything, in an object or a collection."""
    return any(instruction.opname in _STORING for instruction in dis.get_instructions(function))


def speaks_of_fields(function: Any, names: frozenset[str], depth: int = 0) -> bool:
    """Whether a function looks at fields, and at nothing else of a packet but these `names`.

    It may call others that do no more.
    """
    if not isinstance(function, FunctionType) or depth > _DEEPEST:
        return False
    if function.__closure__:
        return False
    return all(
        _may_name(instruction, function, names, depth)
        for code in _codes(function.__code__)
        for instruction in dis.get_instructions(code)
    )


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The code of a function and of those within it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _may_name(
    instruction: dis.Instruction, function: FunctionType, names: frozenset[str], depth: int
) -> bool:
    operation, name = instruction.opname, instruction.argval
    if operation in _STORING or operation in _IMPORTING:
        return False
    if operation in ("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR"):
        return name not in _CHANGING and (name in names or not hasattr(Packet, name))
    if operation in ("LOAD_GLOBAL", "LOAD_NAME"):
        return _is_known(_meant(function, name), names, depth)
    return True


def _meant(function: FunctionType, name: str) -> Any:
    if name in function.__globals__:
        return function.__globals__[name]
    builtins = function.__globals__["__builtins__"]
    held = builtins if isinstance(builtins, dict) else vars(builtins)
    return held.get(name)


def _is_known(value: Any, names: frozenset[str], depth: int) -> bool:
    if isinstance(value, FunctionType):
        return speaks_of_fields(value, names, depth + 1)
    if value is conf or value is struct:
        return True
    if isinstance(value, _CONSTANTS):
        return True
    return any(value is known for known in _BUILTINS)
