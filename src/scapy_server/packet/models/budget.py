"""What one packet model, or one call with many, may cost.

Bounds on single values would still let a model have many of them: generated payloads of
which the last wins, expressions in every field. These bounds are on their sums.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from scapy_server import limits
from scapy_server.numbers import whole_number


class ModelBudget:
    """How many payload bytes and syntax nodes one packet model may still have."""

    def __init__(self) -> None:
        self._payload = 0
        self._nodes = 0

    def spend_payload(self, size: int) -> None:
        """Raise RefusedError if `size` more bytes, made or given, are too many."""
        limits.PAYLOAD_BYTES.check(size)
        self._payload += size
        limits.FRAME_BYTES.check(self._payload)

    def spend_nodes(self, nodes: int) -> None:
        """Raise RefusedError if an expression of `nodes` more is too much."""
        self._nodes += nodes
        limits.MODEL_EXPRESSION_NODES.check(self._nodes)


def check_models(raw_models: list[Any]) -> None:
    """Raise RefusedError if models of one call are too much to build, as they came in.

    Nothing is parsed for it, so that what is refused does not depend on the plans that
    make some models cheap. Models of a wrong shape count for nothing.
    """
    limits.MODELS.check(len(raw_models))
    layers = [layer for model in raw_models if isinstance(model, list) for layer in model]
    limits.CALL_LAYERS.check(len(layers))
    fields = [field for layer in layers for field in _members(layer, "fields")]
    limits.CALL_FIELDS.check(len(fields))
    given = [field.get("value") for field in fields if isinstance(field, dict)]
    values = [value for each in given for value in _flat(each)]
    limits.CALL_TEXT.check(sum(_text_size(value) for value in values))
    limits.CALL_PAYLOAD_BYTES.check(sum(_payload_size(value) for value in values))


def _members(raw: Any, name: str) -> list[Any]:
    members = raw.get(name) if isinstance(raw, dict) else None
    return members if isinstance(members, list) else []


def _flat(value: Any) -> Iterable[Any]:
    """A value, or what is in an array and in those within; JSON_DEPTH bounds how deep it goes."""
    if not isinstance(value, list):
        return (value,)
    return chain.from_iterable(map(_flat, value))


def _text_size(value: Any) -> int:
    """The characters of a text or of an expression, which a text may be as well."""
    if isinstance(value, dict):
        value = value.get("expr")
    if isinstance(value, dict):
        value = value.get("base64")
    return len(value) if isinstance(value, str) else 0


def _payload_size(value: Any) -> int:
    """The bytes that a value of type BYTES gives or asks for, at most."""
    if not isinstance(value, dict):
        return 0
    given = (value.get(name) for name in ("base64", "template_base64", "template_code"))
    asked = (value.get(name) for name in ("size", "total_size"))
    return sum(len(text) for text in given if isinstance(text, str)) + max(map(_amount, asked))


def _amount(size: Any) -> int:
    number = whole_number(size)
    return 0 if number is None or not 0 < number <= limits.PAYLOAD_BYTES else number
