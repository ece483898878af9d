"""Texts of expressions with what they mean, so that it need not be read from them again.

What is written is compared with what it makes, and to make that from the values themselves
takes a third of the time. `meaning` is what `evaluate` would give: where a text is so long or
so deep that a bound of expressions may be near, or could be read in another way, it asks that.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from scapy.packet import Packet

from scapy_server import limits
from scapy_server.packet.expressions.arithmetic import Budget
from scapy_server.packet.expressions.constructors import CONSTRUCTORS
from scapy_server.packet.expressions.evaluation import evaluate
from scapy_server.packet.expressions.layers import made, new_layer, stacked
from scapy_server.packet.layers.facts import LayerFacts
from scapy_server.packet.layers.registry import Registry

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?")
#: Texts of fewer characters outside quotes, with fewer levels, are within all bounds but those
#: that a `Budget` counts.
_SAFE_CHARACTERS = 4096
_SAFE_DEPTH = 16
_SAFE_QUOTED = 64 * 1024

Fields = Sequence[tuple[str, "Written"]]


class InexpressibleError(Exception):
    """No text of the grammar makes a value; its text names the type."""


class Written(NamedTuple):
    """A text, and what makes the value that it means.

    `quoted` is how many of its characters stand in quotes, `depth` how many brackets it has
    one in another; `is_sure` if there is no other way to read it.
    """

    text: str
    make: Callable[[Budget], Any]
    quoted: int = 0
    depth: int = 0
    is_sure: bool = True


def meaning(written: Written, registry: Registry) -> Any:
    """The value of the text, as `evaluate` gives it; raises what that does."""
    if _is_safe(written):
        return written.make(Budget())
    return evaluate(written.text, registry)


def means_layers(written: Written, layers: int) -> bool:
    """Whether a text that makes so many layers is surely read as it was written."""
    return _is_safe(written) and layers <= limits.EXPRESSION_LAYERS


def _is_safe(written: Written) -> bool:
    """Whether a text is within all bounds but those that a `Budget` counts."""
    return (
        written.is_sure
        and written.depth <= _SAFE_DEPTH
        and written.quoted <= _SAFE_QUOTED
        and len(written.text) - written.quoted <= _SAFE_CHARACTERS
    )


def constant(text: str, value: object) -> Written:
    """The literal of a number, text, bytes or None."""
    if isinstance(value, str | bytes):
        size = len(value)

        def make(budget: Budget) -> object:
            budget.charge(data=size)
            return value

        return Written(text, make, len(text), 0, isinstance(value, bytes) or value.isascii())
    return Written(text, lambda _: value)


def collection(
    text: str, kind: Callable[[Sequence[Any]], object], items: Sequence[Written]
) -> Written:
    """A list, tuple, set or dictionary of what is written, which `kind` makes."""
    return _around(text, items, lambda budget: kind([item.make(budget) for item in items]))


def dictionary(keys_and_values: Sequence[Any]) -> dict[Any, Any]:
    """The dictionary of a `collection`, one after the other."""
    return dict(zip(keys_and_values[::2], keys_and_values[1::2], strict=True))


def call(name: str, argument: Written) -> Written:
    """A constructor with its one argument."""

    def make(budget: Budget) -> object:
        return CONSTRUCTORS[name].make([argument.make(budget)], {})

    return _around(f"{name}({argument.text})", [argument], make)


def layers(chain: Sequence[tuple[LayerFacts, Fields]], registry: Registry) -> Written:
    """Layers with fields, one on the other."""
    texts = []
    for layer, fields in chain:
        texts.append(f"{layer.id}({','.join(f'{name}={each.text}' for name, each in fields)})")

    def make(budget: Budget) -> Packet:
        bottom: Packet | None = None
        for layer, fields in chain:
            values = [(name, each.make(budget)) for name, each in fields]
            packet = made(layer, values, registry, budget)
            bottom = packet if bottom is None else stacked(bottom, packet, registry)
        assert bottom is not None
        return bottom

    names = [name for layer, fields in chain for name in (layer.id, *(each for each, _ in fields))]
    parts = [each for _, fields in chain for _, each in fields]
    return _around("/".join(texts), parts, make, all(map(_is_word, names)))


def from_bytes(layer: LayerFacts, data: bytes) -> Written:
    """A layer as the bytes that it reads."""
    literal = repr(data)

    def make(budget: Budget) -> Packet:
        budget.charge(data=len(data))
        return new_layer(layer, [data], budget)

    return Written(f"{layer.id}({literal})", make, len(literal), 1, _is_word(layer.id))


def _around(
    text: str, parts: Sequence[Written], make: Callable[[Budget], Any], is_sure: bool = True
) -> Written:
    return Written(
        text,
        make,
        sum(part.quoted for part in parts),
        1 + max((part.depth for part in parts), default=0),
        is_sure and all(part.is_sure for part in parts),
    )


@cache
def _is_word(name: str) -> bool:
    return _WORD.fullmatch(name) is not None and not keyword.iskeyword(name)
