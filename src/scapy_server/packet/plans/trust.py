"""Of which classes a stand-in is to be believed, as their methods speak of nothing but fields.

Most of Scapy's classes with methods of their own say no more in these than which field is the
payload's length or its type. That is seen by what their code names. What it may not name is what
a stand-in has not (its bytes, its time, what it carries), or would keep (whatever it is told),
and functions that were not looked into.
"""

from __future__ import annotations

import dis
import re
import struct
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from scapy.config import conf
from scapy.packet import Packet

from scapy_server.packet.plans.watching import UNDERSTOOD

#: Methods by which a class reads itself, which has to be as Scapy's packets do.
_READING = (
    "__init__",
    "__getattr__",
    "dissect",
    "pre_dissect",
    "do_dissect",
    "post_dissect",
    "do_init_fields",
    "do_init_cached_fields",
    "init_fields",
    "getfieldval",
    "getfield_and_val",
    "get_field",
)
#: Methods that are asked what follows.
_ASKED = ("extract_padding", "guess_payload_class", "default_payload_class")
#: What such a method may ask of packets, fields aside. What is below them stops it.
_NAMES = frozenset({*_ASKED, "getfieldval", "fields", "underlayer"})
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


@cache
def tells_what_follows(cls: type[Packet]) -> bool:
    """Whether a class reads itself as most do, and its fields say what follows."""
    methods = [
        method
        for kind in cls.__mro__
        if issubclass(kind, Packet) and kind is not Packet
        for name in _ASKED
        if (method := kind.__dict__.get(name)) is not None
    ]
    if cls in UNDERSTOOD:
        return not any(map(_stores, methods))
    reads_itself = any(getattr(cls, name) is not getattr(Packet, name) for name in _READING)
    return not reads_itself and all(_speaks_of_fields(method, 0) for method in methods)


def _stores(function: Any) -> bool:
    return any(instruction.opname in _STORING for instruction in dis.get_instructions(function))


def _speaks_of_fields(function: Any, depth: int) -> bool:
    if not isinstance(function, FunctionType) or depth > _DEEPEST:
        return False
    if function.__closure__:
        return False
    return all(
        _may_name(instruction, function, depth)
        for code in _codes(function.__code__)
        for instruction in dis.get_instructions(code)
    )


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The code of a function and of those within it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _may_name(instruction: dis.Instruction, function: FunctionType, depth: int) -> bool:
    operation, name = instruction.opname, instruction.argval
    if operation in _STORING or operation in _IMPORTING:
        return False
    if operation in ("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR"):
        return name not in _CHANGING and (name in _NAMES or not hasattr(Packet, name))
    if operation in ("LOAD_GLOBAL", "LOAD_NAME"):
        return _is_known(_meant(function, name), depth)
    return True


def _meant(function: FunctionType, name: str) -> Any:
    if name in function.__globals__:
        return function.__globals__[name]
    builtins = function.__globals__["__builtins__"]
    held = builtins if isinstance(builtins, dict) else vars(builtins)
    return held.get(name)


def _is_known(value: Any, depth: int) -> bool:
    if isinstance(value, FunctionType):
        return _speaks_of_fields(value, depth + 1)
    if value is conf or value is struct:
        return True
    if isinstance(value, _CONSTANTS):
        return True
    return any(value is known for known in _BUILTINS)
