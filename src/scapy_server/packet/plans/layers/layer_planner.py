"""Making plans for layers: one is read alone, under watch.

What steers how the layer is read is its structure: every field that is looked at while others
are read or shown. All others are shown from the bytes. A layer that looks at what is around
it has no plan, and a plan is believed after it agreed with the long way on another layer of the
structure, with something else behind it.
"""

from __future__ import annotations

import msgspec
from scapy.packet import Packet

from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.build_planner import other_value
from scapy_server.packet.plans.layers.layer_plan import ReadSlot
from scapy_server.packet.plans.layers.planned_layer import Given, PlannedLayer, layer_result
from scapy_server.packet.plans.layers.stand_in import Untold
from scapy_server.packet.plans.layers.trust import tells_what_follows
from scapy_server.packet.plans.layers.watched_layer import WatchedLayer, shown_alone

#: What stands behind a layer besides when it is tried once more: so much that a length which
#: is less than none, of which Python counts from the end, takes another part of it.
_OTHER_BYTES = b"\xa5~\x00" * 85


class LayerPlanner:
    """Makes plans for layers of the classes of a registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        list(registry.given_below(Packet))  # which looks at all classes once, best at the start

    def plan(self, given: Given) -> PlannedLayer | None:
        """The plan for layers as this one, None if there is none.

        Whatever Scapy raises on bytes that do not suit the class escapes.
        """
        if not tells_what_follows(given.cls):
            return None
        try:
            watched = WatchedLayer(given, self._registry)
            if self._is_given_values(watched, given.cls):
                return None
            made = watched.plan()
            return made if made is not None and self._agrees(made, given) else None
        except Untold:
            return None

    def _is_given_values(self, watched: WatchedLayer, cls: type[Packet]) -> bool:
        """Whether a field that is absent may have a value that the payload gives it."""
        absent = {field.id for field, place in watched.declared if not place.present}
        return any(not absent.isdisjoint(names) for names in self._registry.given_below(cls))

    def _agrees(self, made: PlannedLayer, given: Given) -> bool:
        """Whether both ways agree on another layer of the structure, before other bytes."""
        frame, start, end = given.frame, given.start, given.end
        plan = made.plan
        head = bytearray(frame[start : start + plan.size])
        for slot in plan.slots:
            if isinstance(slot, ReadSlot):
                head[slot.start : slot.stop] = bytes(
                    byte ^ 1 for byte in head[slot.start : slot.stop]
                )
            else:
                slot.write(head, other_value(slot))
        behind = frame[start + plan.size : end]
        others = _OTHER_BYTES + bytes(byte ^ 0x5A for byte in behind)
        if plan.goes_on is not None and not behind:
            others = b""
        data = bytes(head) + others
        changed = frame[:start] + data + frame[end:]
        shown = made.read(changed, start, start + len(data))
        traced, fields = shown_alone(given, data, self._registry)
        if shown is None or traced.header_end != shown.stop:
            return False
        long = msgspec.json.encode(layer_result(traced, fields, self._registry))
        return long == shown.json
