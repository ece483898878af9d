"""Literals: the texts and numbers within the expressions, lists and parts of a model.

They are what an editor changes in such values. A literal varies in letters and digits only: how
long a text is, and what else stands in it, such as the dots between the labels of a name, belongs
to the shape; IPv4 addresses vary as a whole, and numbers where they are the value of an option.
Without Scapy.

Source: docs/models.md, "Value forms".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from scapy_server.packet.plans.model_shape import ShapeKey, form_of, is_plain

Literal = str | int
#: What is to stand in the place of a literal.
Visit = Callable[[Literal], Literal]

#: A text of an expression, or a number that is an item, or among the items of a value.
_IN_EXPRESSION = re.compile(
    r"""'([^'"\\]*)'|"([^'"\\]*)"|(?:(?<=,\ )|(?<=\[)|(?<=',\ \())(0|[1-9]\d{0,18})(?=[,)\]])""",
    re.ASCII | re.VERBOSE,
)
#: Texts that look the same in an expression, in JSON and in a frame.
_PLAIN = re.compile(r"[ !#-&(-\[\]-~]+")
_RUNS = re.compile("[A-Za-z0-9]+")
_ADDRESS = re.compile(r"(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})", re.ASCII)
#: More of them are too many to look at in passing.
_MOST = 32


def is_address(text: str) -> bool:
    """Whether a text may be an IPv4 address."""
    return _ADDRESS.fullmatch(text) is not None


def runs(text: str) -> list[tuple[int, int]]:
    """Where the letters and digits of a text begin and end."""
    return [run.span() for run in _RUNS.finditer(text)]


def literal_shape(model: Any) -> tuple[ShapeKey, tuple[Literal, ...]] | None:
    """The shape of a model without its literals, and these in order.

    The model has a shape. None if it has no literals, or too many.
    """
    found: list[Literal] = []

    def leave_out(literal: Literal) -> str:
        found.append(literal)
        if isinstance(literal, int):
            return "\0n"
        if is_address(literal):
            return "\0i"
        return "\0t" + _RUNS.sub(lambda run: "a" * len(run[0]), literal)

    key: list[str | tuple[str, str]] = []
    for layer in model:
        key.append(layer["id"])
        for item in layer.get("fields") or ():
            before = len(found)
            other = _item(item, leave_out)
            if len(found) > before:
                key.append((item["id"], msgspec.json.encode(other["value"]).decode()))
            else:
                key.append((item["id"], str(form_of(item))))
    return (tuple(key), tuple(found)) if 0 < len(found) <= _MOST else None


def with_literals(model: Any, others: Sequence[Literal]) -> Any:
    """A model with other literals, as many as it has."""
    rest = iter(others)
    return [
        {**layer, "fields": [_item(item, lambda _: next(rest)) for item in layer["fields"] or ()]}
        if "fields" in layer
        else layer
        for layer in model
    ]


def holds_literal(item: Any) -> bool:
    """Whether a field with a plain value has a literal for that."""
    found: list[Literal] = []
    _item(item, lambda literal: found.append(literal) or literal)  # type: ignore[func-returns-value]
    return bool(found)


def _item(item: dict[str, Any], visit: Visit) -> dict[str, Any]:
    """A field of a model with what stands in the place of its literals."""
    field_id, value = item["id"], item.get("value")
    is_part = "." in field_id or "[" in field_id
    if len(item) != 2 or (is_plain(item) and not is_part):
        return item
    if isinstance(value, int):  # of a part: other numbers than an option's may steer
        return {"id": field_id, "value": visit(value)} if _is_option_value(item) else item
    return {"id": field_id, "value": _value(value, visit, first=True)}


def _is_option_value(item: dict[str, Any]) -> bool:
    return str(item["id"]).endswith("].value") and 0 <= item["value"] < 1 << 63


def _value(value: Any, visit: Visit, first: bool) -> Any:
    if isinstance(value, str):
        return visit(value) if _PLAIN.fullmatch(value) else value
    if type(value) is int and not first and 0 <= value < 1 << 63:
        return visit(value)
    if isinstance(value, list):
        return [_value(each, visit, first=number == 0) for number, each in enumerate(value)]
    if isinstance(value, dict) and value.get("vtype") == "EXPRESSION" and len(value) == 2:
        text = value.get("expr")
        if isinstance(text, str):
            return {"vtype": "EXPRESSION", "expr": _expression(text, visit)}
    return value


def _expression(text: str, visit: Visit) -> str:
    def put(match: re.Match[str]) -> str:
        if match[3]:
            return str(visit(int(match[3])))
        own = match[1] or match[2] or ""
        quote = match[0][0]
        return f"{quote}{visit(own)}{quote}" if _PLAIN.fullmatch(own) else match[0]

    return _IN_EXPRESSION.sub(put, text)
