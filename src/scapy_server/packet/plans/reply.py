"""Cutting the JSON of a result where packets of a shape differ."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from scapy_server.packet.plans.plan import Reply
from scapy_server.packet.tree.result import FieldResult, PacketResult

_encode = msgspec.json.encode


def cut(result: PacketResult, holes: Mapping[tuple[int, str], int]) -> Reply:
    """The reply in pieces; `holes` are the fields that differ, by layer and id."""
    pieces: list[bytes] = []
    order: list[int] = []
    current = b'{"data":['
    for index, layer in enumerate(result.data):
        head = _encode(msgspec.structs.replace(layer, fields=[]))
        current += (b"," if index else b"") + head.removesuffix(b"]}")
        for number, field in enumerate(layer.fields):
            current += b"," if number else b""
            hole = holes.get((index, field.id))
            if hole is None:
                current += _encode(field)
                continue
            before, after = _around_values(field)
            pieces.append(current + before)
            order.append(hole)
            current = after
        current += b"]}"
    pieces += [current + b'],"binary":"', b'"}']
    return Reply(tuple(pieces), tuple(order))


def _around_values(field: FieldResult) -> tuple[bytes, bytes]:
    """The JSON of a field before its value and after its hvalue."""
    whole = _encode(field)
    before = b'{"id":' + _encode(field.id) + b',"value":'
    values = _encode(field.value) + b',"hvalue":' + _encode(field.hvalue)
    return before, whole[len(before) + len(values) :]
