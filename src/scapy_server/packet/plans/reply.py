"""Cutting the JSON of a result where packets of a shape differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from scapy_server.packet.plans.layers.layer_plan import OFFSET, TAIL
from scapy_server.packet.plans.plan import Reply
from scapy_server.schema.results import FieldResult, LayerResult, PacketResult

#: Marks a cut. JSON has no such byte, so that nothing in a packet can be taken for it.
_CUT = b"\0"
_MARK: Any = msgspec.Raw(_CUT)
_QUOTED_MARK: Any = msgspec.Raw(b'"' + _CUT + b'"')


def cut(result: PacketResult, holes: Mapping[tuple[int, str], int]) -> Reply:
    """The reply in pieces; `holes` are the fields that differ, by layer and id."""
    order: list[int] = []

    def field_of(index: int, field: FieldResult) -> FieldResult:
        hole = holes.get((index, field.id))
        if hole is None:
            return field
        order.append(hole)
        return msgspec.structs.replace(field, value=_MARK, hvalue=_MARK)

    def layer_of(index: int, layer: LayerResult) -> LayerResult:
        fields = [field_of(index, field) for field in layer.fields]
        return msgspec.structs.replace(layer, fields=fields)

    marked = msgspec.structs.replace(
        result,
        data=[layer_of(index, layer) for index, layer in enumerate(result.data)],
        binary=_QUOTED_MARK,
    )
    return Reply(tuple(msgspec.json.encode(marked).split(_CUT)), tuple(order))


def cut_layer(
    result: LayerResult, holes: Mapping[str, int], tail: str | None
) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
    """The JSON of a layer in pieces, and the numbers of what a `LayerPlan` shows between them.

    `holes` are the fields that differ, `tail` is the one that differs in its length too.
    """
    order = [OFFSET]
    fields = []
    for field in result.fields:
        if field.id == tail:
            order += TAIL
            marks = dict.fromkeys(("value", "hvalue", "length", "bit_length"), _MARK)
            fields.append(msgspec.structs.replace(field, **marks))
        elif field.id in holes:
            order += [holes[field.id], holes[field.id] + 1]
            fields.append(msgspec.structs.replace(field, value=_MARK, hvalue=_MARK))
        else:
            fields.append(field)
    marked = msgspec.structs.replace(result, offset=_MARK, fields=fields)
    return tuple(msgspec.json.encode(marked).split(_CUT)), tuple(order)
