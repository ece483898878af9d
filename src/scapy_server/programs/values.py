"""The forms in which clients write parameter values, and what each means.

Every value may be a JSON number, boolean or text; null means the default. Text may be
decimal, hexadecimal in either case, an IPv4 address or a MAC address. Lists come as
JSON arrays or as expressions. All readers raise RefusedError.

Source: RPC document, "Field Engine VM instruction model".
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from scapy_server import limits
from scapy_server.addresses import address_number, ipv6_bytes
from scapy_server.errors import RefusedError, shown
from scapy_server.numbers import whole_number
from scapy_server.wording import decode_base64, json_type

Evaluate = Callable[[str], object]


def unpack(raw: object, evaluate: Evaluate) -> object:
    """The plain value inside a typed one (`{"vtype": …}`); anything else as it is.

    An expression is evaluated once, here; UNDEFINED gives None.
    """
    if not isinstance(raw, dict):
        return raw
    vtype = raw.get("vtype")
    if vtype == "UNDEFINED":
        return None
    if vtype == "OBJECT":
        return raw.get("value")
    if vtype == "EXPRESSION":
        return _evaluated(_source(raw.get("expr")), evaluate)
    raise RefusedError(
        '"vtype" of a Field Engine parameter must be EXPRESSION, OBJECT or UNDEFINED, '
        f"not {shown(vtype)}"
    )


def _evaluated(source: str, evaluate: Evaluate) -> object:
    """The value of an expression; a plain list may be longer than expressions may be."""
    if source.lstrip().startswith("["):
        try:
            return msgspec.json.decode(source.replace("'", '"'), type=list[int | str])
        except msgspec.MsgspecError:
            pass  # more than plain numbers and texts
    return evaluate(source)


def _source(expression: object) -> str:
    if isinstance(expression, dict) and isinstance(expression.get("base64"), str):
        try:
            return decode_base64(expression["base64"], '"expr"').decode()
        except UnicodeDecodeError:
            raise RefusedError('"expr" is not UTF-8 in base64') from None
    if not isinstance(expression, str):
        raise RefusedError(f'"expr" must be a string, not {json_type(expression)}')
    return expression


def is_none_text(value: object) -> bool:
    """Whether the text stands for "no value" (never asked of names)."""
    return isinstance(value, str) and value.strip() in ("None", "none")


def integer(value: object, expected: str) -> int:
    """A whole number given as number or as decimal or hexadecimal text."""
    number = whole_number(value)
    if number is None:
        raise unfit(value, expected)
    return number


def quantity(value: object, expected: str) -> int:
    """A whole number, or the number that an IPv4 or MAC address stands for."""
    number = whole_number(value)
    if number is None and isinstance(value, str):
        number = address_number(value.strip())
        if number is None:
            _refuse_ipv6(value.strip())
    if number is None:
        raise unfit(value, expected)
    return number


def _refuse_ipv6(text: str) -> None:
    """Say of an IPv6 address, which no variable can hold, how such are varied all the same."""
    try:
        octets = ipv6_bytes(text)
    except RefusedError:
        return
    last = int.from_bytes(octets[-4:], "big")
    raise RefusedError(
        f"{shown(text)} is an IPv6 address, and a variable has at most 8 of its 16 bytes: let the "
        f"packet's field hold it, and a variable of size 4 its end, here {last}, written with "
        "offset_fixup 12"
    )


def truth(value: object) -> bool:
    """A boolean given as such or as text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise unfit(value, "true or false")


def quantities(value: object, evaluate: Evaluate) -> tuple[int, ...]:
    """The members of a value list; text that starts with "[" is read as an expression."""
    if isinstance(value, str) and value.strip().startswith("["):
        value = _evaluated(value, evaluate)
    if not isinstance(value, list):
        raise unfit(value, "a list such as [1, 5, 9] or ['16.0.0.1', '16.0.0.7']")
    limits.FIELD_ENGINE_LIST_VALUES.check(len(value))
    return tuple(
        quantity(member, f"a whole number, an IPv4 or a MAC address (member {index})")
        for index, member in enumerate(value)
    )


def unfit(value: object, expected: str) -> RefusedError:
    """The refusal of a value that is not what was expected."""
    given = "null" if value is None else shown(value)
    return RefusedError(f"{given} is not {expected}")
