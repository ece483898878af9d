"""JSON that is to have the shape of a Struct, and what is wrong with it in words.

`fitted` raises a `Misfit`, a value that knows the member at fault, for callers with sentences
of their own; `checked` makes the sentence for the options of a method.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from scapy_server.errors import InvalidParams, ScapyServerError, shown
from scapy_server.wording import json_type, nearest

S = TypeVar("S", bound=msgspec.Struct)

_MISSING = re.compile(r"Object missing required field `(\w+)`")
_PATH = re.compile(r"at `\$\.(\w+)(?:\[(\d+)\])?`")


@dataclass(frozen=True)
class Misfit(Exception):
    """A member that is missing (`wanted` None), or whose value `given` is not `wanted`.

    `item` is the place in an array of the one that is at fault.
    """

    member: str
    wanted: str | None = None
    given: object = None
    item: int | None = None


def fitted(given: Mapping[str, Any], shape: type[S]) -> S:
    """The object as its Struct; raises Misfit. Members that the Struct has not are passed over."""
    try:
        return msgspec.convert(given, shape)
    except msgspec.ValidationError as error:
        missing = _MISSING.match(str(error))
        if missing:
            raise Misfit(missing[1]) from None
        found = _PATH.search(str(error))
        assert found is not None, error
        member, item = found[1], found[2]
        info = inspect.type_info(shape)
        assert isinstance(info, inspect.StructType)
        (kind,) = (field.type for field in info.fields if field.encode_name == member)
        if item is None:
            raise Misfit(member, _in_words(kind), given[member]) from None
        raise Misfit(member, _in_words(kind), given[member][int(item)], int(item)) from None


def checked(
    given: Mapping[str, Any], shape: type[S], error: type[ScapyServerError] = InvalidParams
) -> S:
    """The options of a method as their Struct; raises `error` for one that there is not, with
    the nearest one, and for a value of another kind."""
    known = shape.__struct_fields__
    for name in given:
        if name not in known:
            hint = nearest(name, known) or f"; there are {', '.join(known)}"
            raise error(f"there is no option {shown(name)}{hint}")
    try:
        return fitted(given, shape)
    except Misfit as misfit:
        value = misfit.given
        plain = isinstance(value, str | int | float) and not isinstance(value, bool)
        named = shown(value) if plain else json_type(value)
        raise error(f"{misfit.member} must be {misfit.wanted}, not {named}") from None


def _in_words(kind: inspect.Type) -> str:
    match kind:
        case inspect.UnionType(types=(first, *_)):
            return _in_words(first)
        case inspect.LiteralType(values=values):
            return _one_of(list(values))
        case inspect.EnumType(cls=cls):
            return _one_of([each.value for each in cls])
        case inspect.IntType(ge=int(low), le=int(high)):
            return f"a whole number from {low} to {high}"
        case inspect.IntType(ge=int(low)):
            return f"a whole number, {low} or more"
        case inspect.IntType():
            return "a whole number"
        case inspect.FloatType():
            return "a number"
        case inspect.BoolType():
            return "true or false"
        case inspect.StrType():
            return "a string"
        case _:
            return "an array of whole numbers"


def _one_of(values: list[Any]) -> str:
    *others, last = values
    return f"one of {', '.join(map(str, others))} or {last}"
