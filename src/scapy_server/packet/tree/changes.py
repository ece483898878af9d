"""What differs between a rendered packet and its template, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from scapy_server.naming import layer_names
from scapy_server.schema.rendering import Change
from scapy_server.schema.results import (
    FieldResult,
    LayerResult,
    PacketResult,
    PartResult,
    ResultValue,
)


def changes(template: PacketResult, packet: PacketResult) -> list[Change]:
    """The fields of a packet that differ from the template's, in the packet's order.

    Of a field of as many parts as the template's it is the parts that differ, by their paths.
    A layer that the template has not at its place counts with all its fields. Of equal
    layers the second one is named "IP:1", as the Field Engine's offsets name it.
    """
    found = []
    for (name, layer), (known_as, known) in _pairs(packet.data, template.data):
        same = known is not None and known_as == name
        others = known.fields if same and known else []
        found += [
            Change(name, path, layer.offset + each.offset, *_said(each))
            for path, each in _differing(layer.fields, others)
        ]
    return found


def shown(fields: Sequence[FieldResult]) -> Iterator[tuple[str, FieldResult | PartResult]]:
    """The fields of a layer and all that they are made of, each with its path."""
    for field in fields:
        yield field.id, field
        for part in field.parts or ():
            path = field.id + _step(part)
            yield path, part
            for inner, each in shown(part.fields):
                yield f"{path}.{inner}", each


def _differing(
    fields: Sequence[FieldResult], others: Sequence[FieldResult]
) -> Iterator[tuple[str, FieldResult | PartResult]]:
    known = {other.id: other for other in others}
    for field in fields:
        other = known.get(field.id)
        if field.ignored is True or (other and _content(other) == _content(field)):
            continue
        within = list(_within(field, other)) if other else []
        yield from within or [(field.id, field)]


def _within(
    field: FieldResult, other: FieldResult
) -> Iterator[tuple[str, FieldResult | PartResult]]:
    """What differs of the parts of a field; nothing if they are not the same ones."""
    parts, others = field.parts or (), other.parts or ()
    if [(part.id, part.layer) for part in parts] != [(part.id, part.layer) for part in others]:
        return
    for part, known in zip(parts, others, strict=True):
        path = field.id + _step(part)
        if part.fields:
            for inner, each in _differing(part.fields, known.fields):
                yield f"{path}.{inner}", each
        elif _content(part) != _content(known):
            yield path, part


def _step(part: PartResult) -> str:
    return part.id if part.id.startswith("[") else f".{part.id}"


def _said(shown: FieldResult | PartResult) -> tuple[ResultValue, str]:
    if isinstance(shown.value, msgspec.UnsetType) or isinstance(shown.hvalue, msgspec.UnsetType):
        return "", ""  # a packet says what it is by its fields
    return shown.value, shown.hvalue


def _content(shown: FieldResult | PartResult) -> tuple[str, str]:
    # Some values are only told apart by their readable form, others only without it.
    return repr(shown.value), str(shown.hvalue)


def _pairs(
    layers: list[LayerResult], others: list[LayerResult]
) -> Iterator[tuple[tuple[str, LayerResult], tuple[str, LayerResult | None]]]:
    partners: list[tuple[str, LayerResult | None]] = [*named(others)]
    for index, pair in enumerate(named(layers)):
        yield pair, partners[index] if index < len(partners) else ("", None)


def named(layers: list[LayerResult]) -> Iterator[tuple[str, LayerResult]]:
    """The layers, each with the name that a change gives it."""
    return zip(layer_names(layer.id for layer in layers), layers, strict=True)
