"""Reading captured frames layer by layer, by the plans for layers that are known.

Bounded: of the classes of which layers came lately, as many plans as are of use.

Source: docs/limits.md, "Limits".
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scapy.packet import Packet, Padding

from scapy_server import limits
from scapy_server.packet.frames.place import Place
from scapy_server.packet.frames.reading import holds_parts
from scapy_server.packet.frames.tracer import TracedLayer, dispatched
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.kept import Shapes
from scapy_server.packet.plans.layers.layer_planner import LayerPlanner
from scapy_server.packet.plans.layers.lone_layer import read_alone, show_alone
from scapy_server.packet.plans.layers.planned_layer import Given, PlannedLayer, ShownLayer
from scapy_server.packet.plans.layers.stand_in import Below, Untold
from scapy_server.packet.plans.layers.trust import tells_what_follows
from scapy_server.packet.tree.part_tree import PartTree

#: Making a plan takes as long as so many layers do that are read the long way, and all plans
#: together a part of what that takes, or what was saved by plans.
_PLAN_COST = 3
_PART = 4
#: So many plans' worth may be spent on a class before there was any use of one.
_FREE = 2
#: Of a class so many shapes are remembered that have no plan.
_MOST_SHAPES = 64


@dataclass(slots=True)
class KnownLayers:
    """What is known of a class: the plan that was of use last stands in front.

    `shapes` are those of layers that no plan fitted lately, with how many of each there were.
    """

    layers: list[PlannedLayer] = field(default_factory=list)
    planned: int = 0
    missed: int = 0
    attempts: int = 0
    shapes: dict[Hashable, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """What the plans take, in bytes."""
        return sum(layer.plan.bytes_taken for layer in self.layers)

    def learn(self, made: PlannedLayer) -> None:
        """Remember a plan; the longest unused gives way."""
        self.layers = [made, *self.layers][: limits.PLANS_OF_A_LAYER]

    def read(self, frame: bytes, start: int, end: int) -> ShownLayer | None:
        """A layer that was handed frame[start:end] as a plan shows it, None if none fits."""
        for place, planned in enumerate(self.layers):
            layer = planned.read(frame, start, end)
            if layer is not None:
                self.planned += 1
                if place:
                    self.layers.insert(0, self.layers.pop(place))
                return layer
        return None

    def wants_plan(self, shape: Hashable) -> bool:
        """Whether to make a plan of a layer that none fits, as some of such will come again.

        Those do whose shape has come as often as pays for a plan.
        """
        self.missed += 1
        count = self.shapes.get(shape, 0) + 1
        if count == 1 and len(self.shapes) == _MOST_SHAPES:
            del self.shapes[next(iter(self.shapes))]
        self.shapes[shape] = count
        if count < _PLAN_COST:
            return False
        if self.attempts * _PLAN_COST > self.planned + self.missed // _PART + _FREE:
            return False
        self.attempts += 1
        return True

    def shape(self, frame: bytes, traced: TracedLayer) -> Hashable:
        """What two layers have in common of which the plan for one may fit the other.

        All but what the plans that there are show from the bytes; without any, where the
        fields lie, and what those have that may have parts.
        """
        own = frame[traced.offset : traced.header_end]
        packet = traced.packet
        places = zip(packet.fields_desc, traced.places, strict=True)
        if not self.layers:
            return tuple(
                [
                    (place.bit_offset, _content(packet, field, place, own))
                    if holds_parts(field)
                    else place.bit_offset
                    for field, place in places
                ]
            )
        shown = self.layers[0].shown
        return tuple(
            [
                (place.bit_offset, place.bit_length, _content(packet, field, place, own))
                for field, place in places
                if field.name not in shown
            ]
        )


def _content(packet: Packet, field: Any, place: Place, own: bytes) -> Hashable:
    """What a field has, but for numbers within its parts, which plans show from the bytes."""
    value = packet.fields.get(field.name)
    if not isinstance(value, list) or not all(isinstance(item, tuple) for item in value):
        return place.number(own)
    return tuple(
        [
            (str(item[:-1]), len(item[-1])) if item and isinstance(item[-1], tuple) else str(item)
            for item in value
        ]
    )


#: So much, as about so many fields, may be read of one frame to make plans for its layers, and so
#: much of it alone, before its last layer: the long way may have to read all of that again.
_MOST_PLANNED, _MOST_ALONE = 320, 192
_FIELDS_OF_A_LAYER, _FIELDS_OF_A_RECORD = 8, 4


class ShownFrame(NamedTuple):
    """The JSON of each layer of a frame, and what it takes to read it the long way."""

    layers: list[bytes]
    work: int


class LayerBook:
    """Shows the layers of frames by plans, and makes these of layers that come again.

    What has no plan is read alone, where it does not look at what is around it.
    """

    def __init__(self, registry: Registry) -> None:
        self._known: Shapes[type[Packet], KnownLayers] = Shapes(KnownLayers)
        self._registry = registry
        self._planner = LayerPlanner(registry)
        self._looking: set[type[Packet]] = set()
        #: What may still be read of the frame to make plans, and of its layers alone.
        self._to_plan = self._alone = 0

    def learn_from(self, root: type[Packet], frames: Iterable[bytes]) -> None:
        """Make plans of the layers of frames as of such that have come again."""
        for frame in frames:
            for _ in range(_PLAN_COST):
                self.read(root, frame)

    def read(self, root: type[Packet], frame: bytes) -> ShownFrame | None:
        """The layers of a frame; None if it takes the long way to tell."""
        self._to_plan, self._alone = _MOST_PLANNED, _MOST_ALONE
        if len(frame) > limits.PLANNED_FRAME_BYTES:
            return None
        try:
            return self._read(dispatched(root, frame, None), frame)
        except (Exception, Untold):  # whatever it is: the long way knows what to say of the frame
            return None

    def plans_of(self, cls: type[Packet]) -> list[PlannedLayer]:
        """The plans for layers of a class, the one that was of use last in front."""
        known = self._known.get(cls)
        return [] if known is None else known.layers

    def _read(self, cls: type[Packet], frame: bytes) -> ShownFrame | None:
        start, end, share, work = 0, len(frame), 0.0, 0
        lower: Below | None = None
        shown: list[bytes] = []
        paddings: list[tuple[int, int]] = []
        # Of what costs more the long way may leave out some.
        while len(shown) < limits.PLANNED_LAYERS and share <= 1:
            json, cost, its_work, start, size, payload_class, told = self._layer(
                cls, frame, start, end, lower
            )
            shown.append(json)
            share += cost
            work += its_work
            if start + size < end:
                paddings.append((start + size, end))
                end = start + size
            if not size:
                break
            lower, cls = Below(cls, told, lower), payload_class(frame[start:end])
        else:
            return None
        for start, end in reversed(paddings):
            layer = self._layer(Padding, frame, start, end, Below(cls))
            shown.append(layer.json)
            share += layer.share
            work += layer.work
        return ShownFrame(shown, work) if share <= 1 else None

    def _layer(
        self, cls: type[Packet], frame: bytes, start: int, end: int, lower: Below | None
    ) -> ShownLayer:
        """A layer as a plan or as it alone shows it; raises Untold where that cannot be."""
        known = self._known.get(cls)
        layer = None if known is None else known.read(frame, start, end)
        if layer is not None:
            return layer
        if cls in self._looking:
            raise Untold
        given = Given(cls, frame, start, end)
        try:
            lone = read_alone(given, lower, self._registry)
        except Untold:
            self._looking.add(cls)
            raise
        self._alone -= _work_of(lone.traced)
        if lone.payload_size and self._alone < 0:
            raise Untold
        try:
            return self._learnt(frame, lone.traced) or show_alone(lone, given, self._registry)
        except Untold:
            self._looking.add(cls)
            raise

    def shown(self, frame: bytes, traced: TracedLayer, tree: PartTree) -> bytes | None:
        """The JSON of a layer that was read the long way, if it has a plan or gets one.

        What it costs is counted in the `tree` of the frame's parts.
        """
        if traced.made or traced.problem:
            return None
        start = traced.offset
        known = self._known.get(type(traced.packet))
        try:
            layer = known and known.read(frame, start, start + len(traced.packet.original))
        except (Exception, Untold):  # as above
            return None
        layer = layer or self._learnt(frame, traced)
        if layer is None or known is None or layer.stop != traced.header_end:
            return None
        cost = known.layers[0].plan.cost
        tree.spend(cost.parts, cost.comparisons, cost.written)
        return layer.json

    def _learnt(self, frame: bytes, traced: TracedLayer) -> ShownLayer | None:
        """A layer as the plan shows it that it gets, None if it gets none."""
        cls, start = type(traced.packet), traced.offset
        if not tells_what_follows(cls) or not _is_small(traced):
            return None
        known, its_work = self._known.of(cls), _work_of(traced)
        if its_work > self._to_plan or not known.wants_plan(known.shape(frame, traced)):
            return None
        self._to_plan -= its_work
        end = start + len(traced.packet.original)
        try:
            made = self._planner.plan(Given(cls, frame, start, end))
            if made is None:
                return None
            self._known.learn(known, lambda: known.learn(made))
            layer = made.read(frame, start, end)
        except (Exception, Untold):  # of a class that cannot even be watched
            return None
        return layer if layer is not None and layer.stop == traced.header_end else None


def _work_of(traced: TracedLayer) -> int:
    """What it takes to read a layer, as about so many fields."""
    records, fields, _ = traced.within
    return _FIELDS_OF_A_LAYER + _FIELDS_OF_A_RECORD * records + fields


def _is_small(traced: TracedLayer) -> bool:
    """Whether a layer takes little to be read and shown, as a plan takes that a few times."""
    if traced.sightings is None:
        return True
    size = traced.header_end - traced.offset
    records = len(traced.sightings.packets)
    return size <= limits.PLANNED_HEADER_BYTES and records <= limits.PLANNED_RECORDS
