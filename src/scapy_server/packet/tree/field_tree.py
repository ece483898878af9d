"""The field tree: what was asked for and what the bytes read, side by side.

Each requested layer is shown with the values and places that its own class reads from
its own bytes. Whether a dissector that knows nothing of the request would see the same
is said by `real_id` and `valid_structure`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from scapy.packet import Packet, Padding

from scapy_server import work
from scapy_server.packet.frames.assembly import Assembled
from scapy_server.packet.frames.layout import BuiltPacket, FieldPlace, LayerLayout
from scapy_server.packet.frames.parts import LayerView, Owned
from scapy_server.packet.frames.place import Place
from scapy_server.packet.frames.tracer import TracedLayer, trace_layer
from scapy_server.packet.layers.header_lines import UNKNOWN, Header, has_lines, told
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.tree.exact import exact
from scapy_server.packet.tree.part_places import PartPlaces
from scapy_server.packet.tree.part_tree import PartTree
from scapy_server.schema.results import FieldResult, LayerResult, PacketResult
from scapy_server.wording import base64_text


@dataclass(frozen=True, slots=True)
class RequestedLayer:
    """A layer as it was asked for: the id to show it under and its packet object.

    `rebuilt` says that a change made Scapy write it anew.
    """

    id: str
    packet: Packet
    rebuilt: bool = False


class FieldTree:
    """The requested layers in the built frame, each as its own class reads it there.

    `real` is the frame's own dissection, empty if there is none; `problem` says why its first
    layer is Raw that was to be another one.
    """

    def __init__(
        self,
        layers: Sequence[RequestedLayer],
        built: Assembled,
        real: Sequence[TracedLayer],
        registry: Registry,
        problem: str | msgspec.UnsetType = msgspec.UNSET,
    ) -> None:
        self._layers, self._built, self._registry = layers, built, registry
        self._problem = problem
        found = _without_frames(layers, real, registry) if len(real) > len(layers) else real
        self._found = [*found, *[None] * len(layers)][: len(layers)]
        self._traced = [
            _trace(layer.packet, found, built, index)
            for index, (layer, found) in enumerate(zip(layers, self._found, strict=True))
        ]

    def result(self) -> PacketResult:
        """The field tree, as it is handed out."""
        results = []
        agree = True
        tree = PartTree(self._registry)
        for layer, found, traced, start in zip(
            self._layers, self._found, self._traced, self._built.starts, strict=True
        ):
            work.check()
            real_id = None
            if agree and found is not None:
                real_id = self._registry.nearest_id(type(found.packet))
            agree = agree and found is not None and _related(found.packet, layer, self._registry)
            fields = _fields(layer.packet, traced, self._built.frame, self._registry, tree)
            rebuilt = True if layer.rebuilt else msgspec.UNSET
            name = str(layer.packet.name)
            results.append(LayerResult(layer.id, name, start, real_id, agree, fields, rebuilt))
        binary = base64_text(self._built.frame) if results else None
        return PacketResult(results, binary, self._problem)

    def layout(self) -> BuiltPacket:
        """Where the fields lie."""
        layouts = [
            _layout(layer, traced, self._built, index, self._registry)
            for index, (layer, traced) in enumerate(zip(self._layers, self._traced, strict=True))
        ]
        return BuiltPacket(self._built.frame, tuple(layouts))


def _without_frames(
    layers: Sequence[RequestedLayer], real: Sequence[TracedLayer], registry: Registry
) -> list[TracedLayer]:
    """What was read, without layers of no fields that nobody asked for (LLDPDU, HTTP).

    They are frames around others: with or without them the bytes are the same.
    """
    rest = list(real)
    kept: list[TracedLayer] = []
    for layer in layers:
        is_frame = len(rest) > 1 and not rest[0].packet.fields_desc
        is_another = is_frame and type(rest[0].packet) is not type(layer.packet)
        if is_another and _related(rest[1].packet, layer, registry):
            del rest[0]
        if rest:
            kept.append(rest.pop(0))
    return kept


def shown_id(packet: Packet, registry: Registry) -> str:
    """The id of a dissected layer: padding is shown as Raw, as clients expect."""
    return "Raw" if type(packet) is Padding else registry.nearest_id(type(packet))


def _related(found: Packet, asked: RequestedLayer, registry: Registry) -> bool:
    """Whether one is a kind of the other; the class that was asked for may stand for several."""
    kinds = [type(asked.packet)]
    if asked.id in registry:
        kinds.append(registry.layer(asked.id).cls)
    return isinstance(found, tuple(kinds)) or isinstance(asked.packet, type(found))


def _trace(packet: Packet, found: TracedLayer | None, built: Assembled, index: int) -> TracedLayer:
    """The layer's own reading of its own bytes."""
    start, end = built.starts[index], built.ends[index]
    if (
        found is not None
        and type(found.packet) is type(packet)
        and (found.offset, found.header_end) == (start, end)
    ):
        return found
    work.check()
    try:
        return trace_layer(type(packet), built.frame[start:end], start, packet.underlayer)[0]
    except Exception:
        # Its own fields make it unreadable (a wrong length, say): show what was asked for.
        absent = [Place(0, 0, False) for _ in packet.fields_desc]
        return TracedLayer(packet, start, end, absent)


def _layout(
    layer: RequestedLayer, traced: TracedLayer, built: Assembled, index: int, registry: Registry
) -> LayerLayout:
    facts = registry.of_class(type(layer.packet))
    start, end = built.starts[index], built.ends[index]
    places = tuple(
        FieldPlace(field, place.bit_offset, place.bit_length, place.present, place.known)
        for field, place in zip(facts.fields, traced.places, strict=True)
    )
    inside = PartPlaces(built.frame, traced, registry).find if traced.sightings else None
    return LayerLayout(layer.id, str(layer.packet.name), start, end - start, places, inside)


def _fields(
    asked: Packet, traced: TracedLayer, frame: bytes, registry: Registry, tree: PartTree
) -> list[FieldResult]:
    facts = registry.of_class(type(asked))
    results = []
    bits_in_frame = 8 * (len(frame) - traced.offset)
    view: LayerView | None = None
    for declared, place in zip(facts.fields, traced.places, strict=True):
        # A field that was reached when no bytes were left is not there either.
        reached = place.bit_length > 0 or place.bit_offset < bits_in_frame or not place.known
        present = place.present and reached
        holder = traced.packet if place.present else asked
        field = declared.for_packet(holder)
        value = holder.getfieldval(field.id)
        result = tree.field(holder, field, value, place, reached)
        if present and traced.sightings is not None and isinstance(value, list | dict | Packet):
            view = view or LayerView(frame[traced.offset :], traced.sightings)
            parts = tree.parts(view, Owned(holder, field, value, place))
            if parts:
                result = msgspec.structs.replace(result, parts=parts)
        if present and isinstance(result.value, dict) and not traced.made:  # as few are
            result = exact(Owned(holder, field, value, place), frame, traced.offset, result)
        results.append(result)
    if has_lines(traced.packet) and not traced.made:
        return _as_lines(results, told(traced.packet, frame[traced.offset : traced.header_end]))
    return results


def _as_lines(results: list[FieldResult], header: Header) -> list[FieldResult]:
    """The fields of header lines in the order of these, with what else is to be said of them."""
    order = {name: number for number, name in enumerate(header)}
    return [
        _told(field, header[UNKNOWN]) if field.id == UNKNOWN and UNKNOWN in header else field
        for field in sorted(results, key=lambda field: order.get(field.id, len(order)))
    ]


def _told(unknown: FieldResult, entries: dict[bytes, bytes | None]) -> FieldResult:
    text = repr(entries)
    value = {"vtype": "EXPRESSION", "expr": text}
    if unknown.value == value:
        return unknown
    shown = text if unknown.ignored else unknown.hvalue
    return msgspec.structs.replace(unknown, value=value, hvalue=shown, ignored=msgspec.UNSET)
