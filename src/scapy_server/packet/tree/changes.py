"""What differs between a rendered packet and its template, field by field."""

from __future__ import annotations

from collections.abc import Iterator

from scapy_server.naming import layer_names
from scapy_server.schema.rendering import Change
from scapy_server.schema.results import FieldResult, LayerResult, PacketResult


def changes(template: PacketResult, packet: PacketResult) -> list[Change]:
    """The fields of a packet that differ from the template's, in the packet's order.

    A layer that the template has not at its place counts with all its fields. Of equal
    layers the second one is named "IP:1", as the Field Engine's offsets name it.
    """
    found = []
    for (name, layer), (known_as, known) in _pairs(packet.data, template.data):
        same = known is not None and known_as == name
        values = {field.id: _content(field) for field in known.fields} if same and known else {}
        found += [
            Change(name, field.id, layer.offset + field.offset, field.value, field.hvalue)
            for field in layer.fields
            if not field.ignored and values.get(field.id) != _content(field)
        ]
    return found


def _content(field: FieldResult) -> tuple[str, str]:
    # Some values are only told apart by their readable form, others only without it.
    return repr(field.value), field.hvalue


def _pairs(
    layers: list[LayerResult], others: list[LayerResult]
) -> Iterator[tuple[tuple[str, LayerResult], tuple[str, LayerResult | None]]]:
    partners: list[tuple[str, LayerResult | None]] = [*named(others)]
    for index, pair in enumerate(named(layers)):
        yield pair, partners[index] if index < len(partners) else ("", None)


def named(layers: list[LayerResult]) -> Iterator[tuple[str, LayerResult]]:
    """The layers, each with the name that a change gives it."""
    return zip(layer_names(layer.id for layer in layers), layers, strict=True)
