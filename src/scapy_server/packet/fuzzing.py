"""Random values for the fields of a packet model that nobody gave one, as Scapy's fuzz().

Fields that are computed, and those by which a layer names the next one, keep to their work,
so that the layers stay what they are. The same seed gives the same packet.
"""

from __future__ import annotations

import random
from typing import Any

from scapy.fields import ConditionalField
from scapy.packet import Packet

from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.facts import FieldFacts, LayerFacts
from scapy_server.packet.layers.scapy_state import given_names
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.values.random_values import assign_random


def fuzzed_model(raw_model: list[Any], seed: int, codec: PacketCodec) -> list[dict[str, Any]]:
    """The model with a seeded random value in each field that is left to its default.

    Raises as `parse_model` and `PacketCodec.build` for a model that is none.
    """
    layers = codec.layers_of(parse_model(raw_model, codec.registry))
    fuzzed = list(raw_model)
    for depth, layer in enumerate(layers):
        facts = codec.registry.of_class(type(layer.packet))
        added = [
            {"id": field.id, "value": {"vtype": "RANDOM", "seed": _seed(seed, depth, field.id)}}
            for field in _left_to_default(layer.packet, facts)
            if _has_random(layer.packet, field)
        ]
        fuzzed = _with_fields(fuzzed, depth, added, codec)
    return fuzzed


def _with_fields(
    model: list[Any], depth: int, added: list[dict[str, Any]], codec: PacketCodec
) -> list[Any]:
    """The model with these fields in a layer, but for those with which it cannot be built."""
    layer = model[depth]
    changed = {**layer, "fields": [*(layer.get("fields") or []), *added]}
    tried = [*model[:depth], changed, *model[depth + 1 :]]
    try:
        codec.place(parse_model(tried, codec.registry))
    except RefusedError:
        if len(added) <= 1:
            return model
        half = len(added) // 2
        first = _with_fields(model, depth, added[:half], codec)
        return _with_fields(first, depth, added[half:], codec)
    return tried


def _left_to_default(packet: Packet, facts: LayerFacts) -> list[FieldFacts]:
    taken = {*given_names(packet), *packet.fields, *packet.overloaded_fields}
    return [
        field
        for field in facts.by_id.values()
        if field.id not in taken
        and not field.computed
        and not isinstance(field.declared, ConditionalField)
    ]


def _has_random(packet: Packet, field: FieldFacts) -> bool:
    if isinstance(field.inner.default, dict | list):  # what holds several values is left alone
        return False
    try:
        assign_random(packet, field, 0)
    except RefusedError:
        return False
    finally:
        packet.delfieldval(field.id)
    return True


def _seed(seed: int, depth: int, field_id: str) -> int:
    return random.Random(f"{seed}/{depth}/{field_id}").getrandbits(31)
