"""The field tree: what was asked for and what the bytes read, side by side.

Each requested layer is shown with the values and places that its own class reads from
its own bytes. Whether a dissector that knows nothing of the request would see the same
is said by `real_id` and `valid_structure`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from scapy.packet import Packet, Padding

from scapy_server import work
from scapy_server.packet.frames.assembly import Assembled
from scapy_server.packet.frames.layout import BuiltPacket, FieldPlace, LayerLayout
from scapy_server.packet.frames.place import Place
from scapy_server.packet.frames.tracer import TracedLayer, trace_layer
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.tree.layer_fields import LayerFields
from scapy_server.packet.tree.part_places import PartPlaces
from scapy_server.packet.tree.part_tree import PartTree
from scapy_server.schema.results import LayerResult, PacketResult
from scapy_server.wording import base64_text


@dataclass(frozen=True, slots=True)
class RequestedLayer:
    """A layer as it was asked for: the id to show it under and its packet object.

    `rebuilt` says that a change made Scapy write it anew.
    """

    id: str
    packet: Packet
    rebuilt: bool = False


#: Gives the JSON of a layer of a frame as it was read, if it is known without showing it.
KnownLayer = Callable[[bytes, TracedLayer, PartTree], bytes | None]


def nothing_known(frame: bytes, traced: TracedLayer, tree: PartTree) -> None:
    """Of no layer."""


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
        #: How many fields of what the layers' fields hold were written, once there is a result.
        self.written = 0
        self._problem = problem
        found = _without_frames(layers, real, registry) if len(real) > len(layers) else real
        self._found = [*found, *[None] * len(layers)][: len(layers)]
        self._traced = [
            _trace(layer.packet, found, built, index)
            for index, (layer, found) in enumerate(zip(layers, self._found, strict=True))
        ]

    def result(self, known: KnownLayer = nothing_known) -> PacketResult:
        """The field tree, as it is handed out.

        Of a frame as it was read, `known` gives the JSON of the layers that need not be shown.
        """
        results: list[Any] = []
        agree = True
        tree = PartTree(self._registry)
        for layer, found, traced, start in zip(
            self._layers, self._found, self._traced, self._built.starts, strict=True
        ):
            work.check()
            json = known(self._built.frame, traced, tree)
            if json is not None:
                results.append(msgspec.Raw(json))
                continue
            real_id = None
            if agree and found is not None:
                real_id = self._registry.nearest_id(type(found.packet))
            agree = agree and found is not None and _related(found.packet, layer, self._registry)
            frame = self._built.frame
            fields = LayerFields(traced, frame, self._registry, tree, layer.packet).all()
            rebuilt = True if layer.rebuilt else msgspec.UNSET
            name = str(layer.packet.name)
            results.append(LayerResult(layer.id, name, start, real_id, agree, fields, rebuilt))
        self.written = tree.spent.written
        binary = base64_text(self._built.frame) if results else None
        return PacketResult(results, binary, self._problem)

    @property
    def spent(self) -> int:
        """What was read within the layers to tell their fields, as about so many of these."""
        seen = (traced.sightings for traced in self._traced if traced.sightings is not None)
        budgets = {id(each.budget): each.budget for each in seen}
        return sum(budget.spent for budget in budgets.values())

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
    if isinstance(asked.packet, type(found)):  # as nearly always
        return True
    kinds = [type(asked.packet)]
    if asked.id in registry:
        kinds.append(registry.layer(asked.id).cls)
    return isinstance(found, tuple(kinds))


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
