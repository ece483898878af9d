"""The shape of a model as it came in: all of it but the plain values. Without Scapy.

Source: docs/models.md, "Value forms".
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from scapy_server.packet.models.members import FIELD_MEMBERS, LAYER_MEMBERS, VALUE_MEMBERS
from scapy_server.packet.plans.slots import LARGEST_NUMBER

#: Layer ids, and after each the ids of the given fields with the form of each value: nothing of
#: a plain one, `BYTES` of base64, and of all others what stands for the value itself.
ShapeKey = tuple[str | tuple[str, str], ...]

PLAIN = ""
BYTES = "BYTES"
_LEAST_NUMBER = -LARGEST_NUMBER // 2


def shape_of(model: Any) -> tuple[ShapeKey, list[Any]] | None:
    """The shape of a model and the plain values in order, None if it has none.

    Plain values are whole numbers of 64 bits, strings and base64 bytes. Any other value, with it
    the empty string, which may stand for a default, and whatever is done to a part of a field, is
    a part of the shape. A model that is not quite as documented, or that asks for something drawn
    anew each time, takes the long way.
    """
    if type(model) is not list:
        return None
    key: list[str | tuple[str, str]] = []
    given: list[Any] = []
    for layer in model:
        if type(layer) is not dict:
            return None
        layer_id, fields = layer.get("id"), layer.get("fields")
        if type(layer_id) is not str or layer.get("delete") is True:
            return None
        known = 1 if fields is None else 2  # members, those just read
        if len(layer) != known and not LAYER_MEMBERS.issuperset(layer):
            return None
        key.append(layer_id)
        if fields is None:
            continue
        if type(fields) is not list:
            return None
        for item in fields:
            if type(item) is dict and len(item) == 2:  # as most are: an id and a plain value
                field_id, value = item.get("id"), item.get("value")
                if type(field_id) is str and is_plain_value(value):
                    key.append((field_id, PLAIN))
                    given.append(value)
                    continue
            form = form_of(item)
            if form is None:
                return None
            key.append((item["id"], form))
            if len(form) <= len(BYTES):  # nothing stands for the value itself
                given.append(item["value"])
    return tuple(key), given


def is_plain(item: Any) -> bool:
    """Whether a field of a model that has a shape is one of those with a plain value."""
    return form_of(item) in (PLAIN, BYTES)


def form_of(item: Any) -> str | None:
    """The form of a field's value in a shape, None if the field can be of none."""
    if type(item) is not dict or type(item.get("id")) is not str:
        return None
    value: Any = item.get("value")
    if not FIELD_MEMBERS.issuperset(item):
        return None
    action = item.get("delete"), item.get("insert")
    if action == (None, None):
        if is_plain_value(value):
            return PLAIN
        if type(value) is dict and _is_base64(value):
            return BYTES
        if "value" not in item:
            return None
    if type(value) is dict and value.get("vtype") == "RANDOM":
        return None
    try:
        whole = msgspec.json.encode((value, action))
    except Exception:  # a number that only the long way knows
        return None
    return hashlib.blake2b(whole, digest_size=16).hexdigest()


def is_plain_value(value: Any) -> bool:
    """Whether a value is a number or a text that plans take."""
    kind = type(value)
    return (kind is str and value != "") or (
        kind is int and _LEAST_NUMBER <= value <= LARGEST_NUMBER
    )


def _is_base64(value: dict[str, Any]) -> bool:
    is_bytes = value.get("vtype") == "BYTES" and "generate" not in value
    return is_bytes and VALUE_MEMBERS.issuperset(value)
