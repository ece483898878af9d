"""Layers of one class and structure: how they are shown, and who tells what follows them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from scapy.packet import Packet

from scapy_server import limits
from scapy_server.packet.frames.budget import PIECE
from scapy_server.packet.frames.tracer import TracedLayer
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.layers.layer_plan import Cost, LayerPlan
from scapy_server.packet.plans.layers.stand_in import StandIn
from scapy_server.packet.tree.field_tree import shown_id
from scapy_server.packet.tree.part_tree import MOST_SPENT
from scapy_server.schema.results import FieldResult, LayerResult


class Given(NamedTuple):
    """What a layer of a class was handed: the bytes from `start` to `end` of a frame."""

    cls: type[Packet]
    frame: bytes
    start: int
    end: int

    @property
    def data(self) -> bytes:
        """The bytes."""
        return self.frame[self.start : self.end]


#: What is shown by plans may cost such a part of what one packet may, and what is read alone too:
#: the long way shows all of that for sure (`READ_WORK`), and may have to read it again.
PART = 3
BOUNDS = Cost(
    limits.READ_FIELDS // PART, limits.READ_RECORDS // PART, limits.READ_BYTES // PART, *MOST_SPENT
)


class ShownLayer(NamedTuple):
    """A layer as it is shown: where it ends, how much of what follows it carries, and who
    tells which class reads that, and what its fields are to layers that ask. `share` is its part of
    what a packet may cost, and `work` what it takes to read it the long way."""

    json: bytes
    share: float
    work: int
    stop: int
    payload_size: int
    payload_class: Callable[[bytes], type[Packet]]
    told: Callable[[str], Any] | None


class PlannedLayer(NamedTuple):
    """How layers of a structure are shown, and who tells what follows them.

    `shown` are the fields that are shown from the bytes. A layer's `share` and `work` are as of
    a `ShownLayer`; of its share there is so much more for each byte that it was handed.
    """

    plan: LayerPlan
    stand_in: StandIn
    shown: frozenset[str]
    share: float
    share_of_a_byte: float
    work: int

    def read(self, frame: bytes, start: int, end: int) -> ShownLayer | None:
        """A layer that was handed frame[start:end], None if it is of no such kind.

        Raises Untold, or whatever Scapy does that is asked about what follows.
        """
        plan, stand_in = self.plan, self.stand_in
        stop = start + plan.size
        head = frame[start:stop]
        bits = int.from_bytes(head, "big")
        if stop > end or bits & plan.mask != plan.structure:
            return None
        stand_in.stand_for(bits)
        if plan.tail:
            taken = stand_in.tail_size(end - stop)
            if taken <= 0:
                return None
            stop += taken
        if plan.goes_on is not None and plan.goes_on != (stop < end, stop < len(frame)):
            return None
        json = plan.show_header(head, bits, frame, start, stop)
        share = self.share + self.share_of_a_byte * (end - start + PIECE)
        size = stand_in.payload_size(frame[stop:end])
        told = partial(stand_in.field_of, bits)
        return ShownLayer(json, share, self.work, stop, size, stand_in.payload_class, told)


def layer_result(traced: TracedLayer, fields: list[FieldResult], registry: Registry) -> LayerResult:
    """What a layer of a captured frame is shown as."""
    cls = type(traced.packet)
    layer_id, name = shown_id(traced.packet, registry), str(traced.packet.name)
    return LayerResult(layer_id, name, traced.offset, registry.nearest_id(cls), True, fields)
