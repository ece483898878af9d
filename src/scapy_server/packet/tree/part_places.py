"""The place of what a path leads to: `qd[0].qtype` of a layer, as a Field Engine offset."""

from __future__ import annotations

from scapy_server.errors import RefusedError
from scapy_server.packet.frames.layout import FieldPlace
from scapy_server.packet.frames.parts import LayerView, Owned
from scapy_server.packet.frames.place import Place, unknown_place
from scapy_server.packet.frames.tracer import TracedLayer
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.values.paths import Target, follow, split_path


class PartPlaces:
    """Finds the places of the parts of one layer."""

    def __init__(self, frame: bytes, traced: TracedLayer, registry: Registry) -> None:
        self._frame = frame
        self._traced = traced
        self._registry = registry

    def find(self, path: str) -> FieldPlace:
        """The place of a part; RefusedError names the step of the path that leads nowhere."""
        head, steps = split_path(path)
        packet = self._traced.packet
        field = self._registry.field(self._registry.of_class(type(packet)), head)
        target = follow(self._registry, packet, field, steps)
        target.refuse_payload()
        place = self._field_place(target)
        facts = target.field.for_packet(target.packet)
        if not target.is_a_field:
            place = self._part_place(target, facts, place)
        return FieldPlace(facts, place.bit_offset, place.bit_length, place.present, place.known)

    def _view(self) -> LayerView:
        assert self._traced.sightings is not None
        return LayerView(self._frame[self._traced.offset :], self._traced.sightings)

    def _field_place(self, target: Target) -> Place:
        if len(target.around) == 1:
            return self._traced.places[target.field.index]
        holder, _ = self._view().holder(target.packet)
        return holder.places[target.field.index]

    def _part_place(self, target: Target, facts: FieldFacts, place: Place) -> Place:
        value = target.packet.getfieldval(target.field.id)
        parts = self._view().parts(Owned(target.packet, facts, value, place))
        if target.key is not None:
            name = target.key.decode("latin-1") if isinstance(target.key, bytes) else target.key
            return next((part.place for part in parts if part.id == name), unknown_place())
        index = target.index or 0
        if index >= len(parts):
            raise RefusedError(f"{target.field.id} has no item [{index}]")
        part = parts[index]
        if target.member is None:
            return part.place
        members = (member.place for member in part.members if member.id == target.member)
        found = next(members, None)
        if found is None:
            raise RefusedError(f"{target.field.id}[{index}] has no {target.member}")
        return found
