"""Reading and showing one layer that has no plan, with only the fields of what is below it known.

So the layers around it need not be read by Scapy where they have plans. Of most layers that
makes no difference, and what does is seen: a layer that looks at more of what is around it
than the classes and fields below has to be read the long way, with all of the frame.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import msgspec
from scapy.packet import NoPayload, Packet

from scapy_server import work
from scapy_server.packet.frames.budget import Budget
from scapy_server.packet.frames.tracer import Means, TracedLayer, guessed, trace_layer
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import Snapshot, between
from scapy_server.packet.plans.layers.layer_plan import Cost
from scapy_server.packet.plans.layers.planned_layer import (
    BOUNDS,
    PART,
    Given,
    ShownLayer,
    layer_result,
)
from scapy_server.packet.plans.layers.stand_in import UNKNOWN, Below, Untold, field_of
from scapy_server.packet.plans.layers.trust import tells_what_follows
from scapy_server.packet.plans.read_work import work_of_tree
from scapy_server.packet.tree.layer_fields import LayerFields
from scapy_server.packet.tree.part_tree import PartTree


class LoneLayer(NamedTuple):
    """A layer that was read alone: what it left, and what it took of the packet's bounds."""

    traced: TracedLayer
    payload_size: int
    cost: Cost


def read_alone(given: Given, lower: Below | None, registry: Registry) -> LoneLayer:
    """Read a layer on what is told of the `lower` ones, the first one of a frame on None.

    Raises Untold where it looks at more of the frame, and whatever Scapy does with bytes that do
    not suit the class.
    """
    work.dissected()
    untold, data = Untold.count, given.data
    budget = Budget(PART)
    standing: Any = lower
    traced, payload, padding = trace_layer(
        given.cls, data, given.start, standing, Means(budget=budget)
    )
    records, fields = budget.read
    cost = Cost(fields, records, budget.taken)
    budget.close()
    if data[traced.header_end - given.start :] != payload + padding:
        raise ValueError(data)  # what follows stands elsewhere, or is not what stands there
    packet = traced.packet
    absent = {field.name for field in packet.fields_desc} - packet.fields.keys()
    if any(not absent.isdisjoint(names) for names in registry.given_below(given.cls)):
        raise ValueError(absent)  # what its payload is may give these a value
    _check(untold)
    return LoneLayer(traced, len(payload), cost)


def show_alone(lone: LoneLayer, given: Given, registry: Registry) -> ShownLayer:
    """The layer as it is shown; raises as `read_alone`."""
    untold, packet = Untold.count, lone.traced.packet
    between(packet, packet.fields, packet.underlayer, UNKNOWN)
    tree = PartTree(registry)
    fields = LayerFields(lone.traced, given.frame, registry, tree).all()
    json = msgspec.json.encode(layer_result(lone.traced, fields, registry))
    _check(untold)
    cost = Cost(*lone.cost[:3], *tree.spent)

    def payload_class(payload: bytes) -> type[Packet]:
        """Guesses may write into the layer that they are of."""
        snapshot = Snapshot.of(packet)
        between(packet, packet.fields, packet.underlayer, NoPayload())
        cls = guessed(packet, payload)
        snapshot.restore()
        _check(untold)
        return cls

    its_work = work_of_tree(json, [lone.traced], cost.written)
    # Others may write into the layer while they guess what follows it.
    told = partial(field_of, packet) if tells_what_follows(given.cls) else None
    share, stop = cost.share(BOUNDS), lone.traced.header_end
    return ShownLayer(json, share, its_work, stop, lone.payload_size, payload_class, told)


def _check(untold: int) -> None:
    """Raise Untold if anything was since, as some of Scapy's classes catch whatever is raised."""
    if Untold.count != untold:
        raise Untold
