"""Reading captured frames layer by layer, by the plans for layers that are known.

Bounded: of the classes of which layers came lately, as many plans as are of use.

Source: docs/limits.md, "Limits".
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from scapy.packet import Packet, Padding

from scapy_server import limits
from scapy_server.packet.frames.tracer import TracedLayer, dispatched
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.kept import Shapes
from scapy_server.packet.plans.layer_plan import Cost
from scapy_server.packet.plans.layer_planner import LayerPlanner
from scapy_server.packet.plans.lone_layer import read_alone, show_alone
from scapy_server.packet.plans.stand_in import Untold
from scapy_server.packet.plans.trust import tells_what_follows
from scapy_server.packet.plans.watched_layer import Given, PlannedLayer, ShownLayer
from scapy_server.packet.tree.part_tree import MOST_SPENT, PartTree

#: Making a plan takes as long as so many layers do that are read the long way, and all plans
#: together a part of what that takes, or what was saved by plans.
_PLAN_COST = 3
_PART = 4
#: So many plans' worth may be spent on a class before there was any use of one.
_FREE = 2
#: Of a class so many shapes are remembered that have no plan.
_MOST_SHAPES = 64
#: What one packet may cost before the long way leaves out some of it.
_BOUNDS = Cost(
    int(limits.READ_FIELDS), int(limits.READ_RECORDS), int(limits.READ_BYTES), *MOST_SPENT
)


@dataclass(slots=True)
class KnownLayers:
    """What is known of a class: the plan that was of use last stands in front.

    `shapes` are those of layers that no plan fitted lately.
    """

    layers: list[PlannedLayer] = field(default_factory=list)
    planned: int = 0
    missed: int = 0
    attempts: int = 0
    shapes: dict[Hashable, None] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """What the plans take, in bytes."""
        return sum(layer.plan.bytes_taken for layer in self.layers)

    def learn(self, made: PlannedLayer) -> None:
        """Remember a plan; the longest unused gives way."""
        self.layers = [made, *self.layers][: limits.PLANS_OF_A_LAYER]

    def find(self, frame: bytes, start: int, end: int) -> tuple[PlannedLayer, int] | None:
        """The plan for a layer that was handed frame[start:end], and where the layer ends."""
        for place, layer in enumerate(self.layers):
            stop = layer.stop(frame, start, end)
            if stop is not None:
                self.planned += 1
                if place:
                    self.layers.insert(0, self.layers.pop(place))
                return layer, stop
        return None

    def wants_plan(self, shape: Hashable) -> bool:
        """Whether to make a plan of a layer that none fits, as some of such will come again.

        Those do of which the shape has come again.
        """
        self.missed += 1
        if shape not in self.shapes:
            if len(self.shapes) == _MOST_SHAPES:
                del self.shapes[next(iter(self.shapes))]
            self.shapes[shape] = None
            return False
        if self.attempts * _PLAN_COST > self.planned + self.missed // _PART + _FREE:
            return False
        self.attempts += 1
        return True

    def shape(self, frame: bytes, traced: TracedLayer) -> Hashable:
        """What two layers have in common of which the plan for one may fit the other.

        All but what the plans that there are show from the bytes; without any, where the
        fields lie, and how many bytes those with parts have.
        """
        own = frame[traced.offset : traced.header_end]
        places = traced.places
        if not self.layers:
            size = 0 if traced.sightings is None else len(own)
            return size, *[each.bit_offset for each in places]
        shown = self.layers[0].shown
        names = (each.name for each in traced.packet.fields_desc)
        return tuple(
            [
                (each.bit_offset, each.bit_length, each.number(own))
                for name, each in zip(names, places, strict=True)
                if name not in shown
            ]
        )


class LayerBook:
    """Shows the layers of frames by plans, and makes these of layers that come again.

    What has no plan is read alone, where it does not look at what is around it.
    """

    def __init__(self, registry: Registry) -> None:
        self._known: Shapes[type[Packet], KnownLayers] = Shapes(KnownLayers)
        self._registry = registry
        self._planner = LayerPlanner(registry)
        self._looking: set[type[Packet]] = set()

    def read(self, root: type[Packet], frame: bytes) -> list[bytes] | None:
        """The JSON of each layer of a frame; None if it takes the long way to tell."""
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

    def _read(self, cls: type[Packet], frame: bytes) -> list[bytes] | None:
        start, end = 0, len(frame)
        lower: type[Packet] | None = None
        shown: list[bytes] = []
        costs: list[Cost] = []
        paddings: list[tuple[int, int]] = []
        while len(shown) < limits.PLANNED_LAYERS:
            layer = self._layer(Given(cls, frame, start, end), lower)
            shown.append(layer.json)
            costs.append(layer.cost)
            stop = layer.stop + layer.payload_size
            if stop < end:
                paddings.append((stop, end))
            if not layer.payload_size:
                break
            start, end, lower = layer.stop, stop, cls
            cls = layer.payload_class(frame[start:end])
        else:
            return None
        for start, end in reversed(paddings):
            layer = self._layer(Given(Padding, frame, start, end), cls)
            shown.append(layer.json)
            costs.append(layer.cost)
        cost = Cost(*map(sum, zip(*costs, strict=True)))
        return shown if cost.is_within(_BOUNDS) else None

    def _layer(self, given: Given, lower: type[Packet] | None) -> ShownLayer:
        """A layer as a plan or as it alone shows it; raises Untold where that cannot be."""
        known = self._known.get(given.cls)
        found = None if known is None else known.find(given.frame, given.start, given.end)
        if found is not None:
            return found[0].read(given, found[1])
        if given.cls in self._looking:
            raise Untold
        try:
            lone = read_alone(given, lower, self._registry)
            found = self._learnt(given.frame, lone.traced)
            return (
                show_alone(lone, given, self._registry)
                if found is None
                else found[0].read(given, found[1])
            )
        except Untold:
            self._looking.add(given.cls)
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
            found = known and known.find(frame, start, start + len(traced.packet.original))
        except (Exception, Untold):  # as above
            return None
        found = found or self._learnt(frame, traced)
        if found is None or found[1] != traced.header_end:
            return None
        plan = found[0].plan
        json = plan.show(frame, start, found[1])
        tree.spend(plan.cost.parts, plan.cost.comparisons, plan.cost.written)
        return json

    def _learnt(self, frame: bytes, traced: TracedLayer) -> tuple[PlannedLayer, int] | None:
        """The plan for a layer that has none, if it gets one, and where the layer ends."""
        cls, start = type(traced.packet), traced.offset
        if not tells_what_follows(cls) or not _is_small(traced):
            return None
        known = self._known.of(cls)
        if not known.wants_plan(known.shape(frame, traced)):
            return None
        end = start + len(traced.packet.original)
        try:
            made = self._planner.plan(Given(cls, frame, start, end))
            if made is None:
                return None
            self._known.learn(known, lambda: known.learn(made))
            stop = made.stop(frame, start, end)
        except (Exception, Untold):  # of a class that cannot even be watched
            return None
        return None if stop is None else (made, stop)


def _is_small(traced: TracedLayer) -> bool:
    """Whether a layer takes little to be read and shown, as a plan takes that a few times."""
    if traced.sightings is None:
        return True
    size = traced.header_end - traced.offset
    records = len(traced.sightings.packets)
    return size <= limits.PLANNED_HEADER_BYTES and records <= limits.PLANNED_RECORDS
