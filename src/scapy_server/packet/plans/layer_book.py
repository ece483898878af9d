"""Reading captured frames layer by layer, by the plans for layers that are known.

Bounded: of the classes of which layers came lately, as many plans as are of use.

Source: docs/limits.md, "Limits".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scapy.packet import Packet, Padding

from scapy_server import limits
from scapy_server.packet.frames.budget import PIECE
from scapy_server.packet.frames.tracer import TracedLayer, dispatched
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.kept import Shapes
from scapy_server.packet.plans.layer_plan import Cost
from scapy_server.packet.plans.layer_planner import LayerPlanner
from scapy_server.packet.plans.stand_in import Untold
from scapy_server.packet.plans.trust import tells_what_follows
from scapy_server.packet.plans.watched_layer import Given, PlannedLayer
from scapy_server.packet.tree.part_tree import MOST_SPENT, PartTree

#: Making a plan takes as long as so many layers do that are read the long way, and all plans
#: together a part of what that takes, or what was saved by plans.
_PLAN_COST = 3
_PART = 4
#: A layer may come so often before there is a plan.
_FREE = 2
#: What one packet may cost before the long way leaves out some of it.
_BOUNDS = Cost(
    int(limits.READ_FIELDS), int(limits.READ_RECORDS), int(limits.READ_BYTES), *MOST_SPENT
)


@dataclass(slots=True)
class KnownLayers:
    """What is known of a class: the plan that was of use last stands in front."""

    layers: list[PlannedLayer] = field(default_factory=list)
    planned: int = 0
    missed: int = 0
    attempts: int = 0

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

    def wants_plan(self) -> bool:
        """Whether to make a plan of a layer that none fits, as some of such will come again."""
        self.missed += 1
        may_cost = self.planned + self.missed // _PART + _FREE
        if self.missed < _FREE or self.attempts * _PLAN_COST > may_cost:
            return False
        self.attempts += 1
        return True


class LayerBook:
    """Shows the layers of frames by plans, and makes these of layers that come again."""

    def __init__(self, registry: Registry) -> None:
        self._known: Shapes[type[Packet], KnownLayers] = Shapes(KnownLayers)
        self._planner = LayerPlanner(registry)

    def read(self, root: type[Packet], frame: bytes) -> list[bytes] | None:
        """The JSON of each layer of a frame; None if not all of them have plans."""
        if len(frame) > limits.PLANNED_FRAME_BYTES:
            return None
        try:
            return self._read(dispatched(root, frame, None), frame)
        except (Exception, Untold):  # whatever it is: the long way knows what to say of the frame
            return None

    def _read(self, cls: type[Packet], frame: bytes) -> list[bytes] | None:
        start, end, taken = 0, len(frame), 0
        costs: list[Cost] = []
        shown: list[bytes] = []
        paddings: list[tuple[int, int]] = []
        while len(shown) < limits.PLANNED_LAYERS:
            found = self._find(cls, frame, start, end)
            if found is None:
                return None
            (plan, stand_in), stop = found
            shown.append(plan.show(frame, start, stop))
            costs.append(plan.cost)
            taken += plan.cost.taken * (end - start + PIECE)
            bits = int.from_bytes(frame[start : start + plan.size], "big")
            rest = frame[stop:end]
            size = stand_in.payload_size(bits, rest)
            if size < len(rest):
                paddings.append((stop + size, end))
            if not size:
                break
            start, end = stop, stop + size
            cls = stand_in.payload_class(bits, rest[:size])
        else:
            return None
        for start, end in reversed(paddings):
            found = self._find(Padding, frame, start, end)
            if found is None:
                return None
            shown.append(found[0].plan.show(frame, start, end))
            costs.append(found[0].plan.cost)
        cost = Cost(*map(sum, zip(*costs, strict=True)))._replace(taken=taken)
        return shown if cost.is_within(_BOUNDS) else None

    def _find(
        self, cls: type[Packet], frame: bytes, start: int, end: int
    ) -> tuple[PlannedLayer, int] | None:
        known = self._known.get(cls)
        return None if known is None else known.find(frame, start, end)

    def shown(self, frame: bytes, traced: TracedLayer, tree: PartTree) -> bytes | None:
        """The JSON of a layer that was read the long way, if it has a plan or gets one.

        What it costs is counted in the `tree` of the frame's parts.
        """
        cls, start = type(traced.packet), traced.offset
        if traced.made or traced.problem or not tells_what_follows(cls):
            return None
        end = start + len(traced.packet.original)
        known = self._known.of(cls)
        try:
            found = known.find(frame, start, end)
            if found is None and _is_small(traced) and known.wants_plan():
                found = self._learnt(known, Given(cls, frame, start, end))
        except (Exception, Untold):  # as above
            return None
        if found is None or found[1] != traced.header_end:
            return None
        plan = found[0].plan
        json = plan.show(frame, start, found[1])
        tree.spend(plan.cost.parts, plan.cost.comparisons, plan.cost.written)
        return json

    def _learnt(self, known: KnownLayers, given: Given) -> tuple[PlannedLayer, int] | None:
        made = self._planner.plan(given)
        if made is None:
            return None
        self._known.learn(known, lambda: known.learn(made))
        stop = made.stop(given.frame, given.start, given.end)
        return None if stop is None else (made, stop)


def _is_small(traced: TracedLayer) -> bool:
    """Whether a layer takes little to be read and shown, as a plan takes that a few times."""
    if traced.sightings is None:
        return True
    size = traced.header_end - traced.offset
    records = len(traced.sightings.packets)
    return size <= limits.PLANNED_HEADER_BYTES and records <= limits.PLANNED_RECORDS
