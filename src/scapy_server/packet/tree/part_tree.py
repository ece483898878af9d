"""The fields of a packet and their parts, as clients are shown them, to any depth in bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from scapy.packet import Packet

from scapy_server import limits
from scapy_server.packet.expressions.writing import MOST_COMPARISONS, Writer
from scapy_server.packet.frames.parts import PAYLOAD, Holder, LayerView, Member, Owned, Part
from scapy_server.packet.frames.place import Place
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.tree.display import show, show_alone
from scapy_server.schema.results import FieldResult, PartResult

#: What may be spent on a packet before some of it is left out.
MOST_SPENT = int(limits.PARTS), MOST_COMPARISONS, int(limits.WRITTEN_FIELDS) - 1


class Spent(NamedTuple):
    """How many parts were shown, layers compared with their text, and fields written."""

    parts: int
    comparisons: int
    written: int


class PartTree:
    """Shows the fields of one packet and their parts, as many as its bounds allow."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._left = int(limits.PARTS)
        #: Writes all that the packet's fields and their parts hold.
        self.writer = Writer(registry)

    @property
    def spent(self) -> Spent:
        """What was spent so far."""
        return Spent(int(limits.PARTS) - self._left, *self.writer.spent)

    def spend(self, parts: int, comparisons: int, written: int) -> None:
        """Count what others showed of the same packet."""
        self._left -= parts
        self.writer.spend(comparisons, written)

    def parts(self, view: LayerView, owned: Owned) -> list[PartResult]:
        """The parts of a field of a layer."""
        return self._parts(view, owned, 0)

    def field(
        self, packet: Packet, field: FieldFacts, value: Any, place: Place, reached: bool = True
    ) -> FieldResult:
        """A field of a packet with its value and its place, without its parts.

        One that was read is there if it was `reached` before the bytes ended.
        """
        shown, text = show(packet, field, value, self._registry, self.writer)
        bit_offset, bit_length = place.bit_offset, place.bit_length
        if field.is_bit_field or not place.known:
            length = 0
        else:
            length = (bit_length + 7) // 8 if bit_length else field.nominal_length
        return FieldResult(
            field.id,
            shown,
            text,
            bit_offset // 8,
            length,
            bit_offset,
            bit_length,
            msgspec.UNSET if place.present and reached else True,
            msgspec.UNSET if place.known else True,
        )

    def _parts(self, view: LayerView, owned: Owned, depth: int) -> list[PartResult]:
        if depth >= limits.PART_DEPTH or self._left <= 0:
            return []
        results = []
        for part in view.parts(owned):
            self._left -= 1
            if self._left < 0:
                break
            results.append(self._part(view, part, depth))
        return results

    def _part(self, view: LayerView, part: Part, depth: int) -> PartResult:
        if part.holder is not None:
            fields = list(self._fields(view, part.holder, depth + 1))
        else:
            fields = [self._member(member) for member in part.members]
        result = PartResult(
            id=part.id,
            name=part.name,
            offset=part.place.bit_offset // 8,
            length=part.place.bit_length // 8,
            bit_offset=part.place.bit_offset,
            bit_length=part.place.bit_length,
            fields=fields,
            unplaced=msgspec.UNSET if part.place.known else True,
        )
        if part.holder is not None:
            layer_id = self._registry.nearest_id(type(part.holder.packet))
            return msgspec.structs.replace(result, layer=layer_id)
        value, hvalue = show_alone(part.value, self._registry, self.writer)
        return msgspec.structs.replace(result, value=value, hvalue=hvalue)

    def _fields(self, view: LayerView, holder: Holder, depth: int) -> Iterator[FieldResult]:
        packet = holder.packet
        facts = self._registry.of_class(type(packet))
        for declared, place in zip(facts.fields, holder.places, strict=True):
            field = declared.for_packet(packet)
            value = holder.value(field.id)
            result = self.field(packet, field, value, place)
            owned = Owned(packet, field, value, place)
            parts = self._parts(view, owned, depth) if place.present else []
            yield msgspec.structs.replace(result, parts=parts) if parts else result
        payload = view.payload(packet)
        if payload is not None and depth < limits.PART_DEPTH:
            yield self._payload(view, payload, depth)

    def _payload(self, view: LayerView, payload: Packet, depth: int) -> FieldResult:
        value, hvalue = show_alone(payload, self._registry, self.writer)
        holder, place = view.holder(payload)
        part = Part("[0]", str(payload.name), payload, place, holder)
        return FieldResult(
            id=PAYLOAD,
            value=value,
            hvalue=hvalue,
            offset=place.bit_offset // 8,
            length=place.bit_length // 8,
            bit_offset=place.bit_offset,
            bit_length=place.bit_length,
            unplaced=msgspec.UNSET if place.known else True,
            parts=[self._part(view, part, depth)],
        )

    def _member(self, member: Member) -> FieldResult:
        value, hvalue = show_alone(member.value, self._registry, self.writer)
        place = member.place
        return FieldResult(
            id=member.id,
            value=value,
            hvalue=hvalue,
            offset=place.bit_offset // 8,
            length=place.bit_length // 8,
            bit_offset=place.bit_offset,
            bit_length=place.bit_length,
        )
