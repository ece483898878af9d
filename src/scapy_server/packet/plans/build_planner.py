"""Making plans for building: a packet is built the long way and watched.

A given value may be patched (a *slot*) if its field has a fixed place and a plain form,
and if nothing but the field itself looked at it: no other field, no length, no choice
of a payload's class, no display text (`plan_watch`). What is looked at belongs to the
shape. Three kinds of look are understood: checksums that cover addresses, lengths of
fields that never change theirs, and bindings, which compare a value with those that
select another layer. A plan is tried on two packets against the long way before it is
used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest, IPv6
from scapy.packet import Packet, Padding

from scapy_server import limits
from scapy_server.errors import ScapyServerError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames.assembly import Assembled, assemble, stack
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.number_form import NumberForm
from scapy_server.packet.models.model import FieldSpec, Model
from scapy_server.packet.plans.checksums import Checksum, joined, word_sum
from scapy_server.packet.plans.kept import BuildPlan
from scapy_server.packet.plans.long_way import LongWay, Reached
from scapy_server.packet.plans.model_shape import is_plain, shape_of
from scapy_server.packet.plans.plan import Plan
from scapy_server.packet.plans.reply import cut
from scapy_server.packet.plans.slots import BytesSlot, NumberSlot, Slot
from scapy_server.packet.plans.watching import Recorder, WatchedDissection, understood_layers

_CHECKSUM_FIELDS: dict[type[Packet], str] = {
    IP: "chksum",
    TCP: "chksum",
    UDP: "chksum",
    ICMP: "chksum",
    ICMPv6EchoRequest: "cksum",
    ICMPv6EchoReply: "cksum",
}


@dataclass(frozen=True)
class _Given:
    """A plain value of the model: where it stands in it, and the field it is for, or in."""

    position: int
    layer: int
    field: FieldFacts


@dataclass(frozen=True)
class _ComputedChecksum:
    """A checksum that is computed, and the field that shows it."""

    layer: int
    field_id: str
    checksum: Checksum


class Planner:
    """Makes plans for models that a codec can build."""

    def __init__(self, codec: PacketCodec) -> None:
        self._codec = codec
        self._long_way = LongWay(codec)

    def plan(self, raw_model: Any, reached: Reached | None = None) -> BuildPlan | None:
        """The plan for a model, None if packets like it cannot be planned.

        `reached` is what the long way gave, if it was gone.
        """
        try:
            reached = reached or self._long_way.build(raw_model)
            parsed = shape_of(raw_model)
            if parsed is None or reached.work > limits.PLANNED_WORK:
                return None
            found = _Attempt(self._codec, raw_model, reached).plan()
            if found is not None and self._agrees(found[1], raw_model, reached):
                return BuildPlan(parsed[0], found[0], parsed[1], found[1])
        except ScapyServerError:
            pass  # a packet that is refused has no plan
        return None

    def _agrees(self, plan: Plan, raw_model: Any, reached: Reached) -> bool:
        """Whether both ways agree on the packet, and on one with other values throughout."""
        if not _leads_to(reached, plan, raw_model):
            return False
        others = with_others(raw_model, dict(plan.slots))
        return _leads_to(self._long_way.build(others), plan, others)


def _leads_to(reached: Reached, plan: Plan, raw_model: Any) -> bool:
    """Whether the plan gives what the long way does."""
    parsed = shape_of(raw_model)
    return parsed is not None and plan.result(parsed[1]) == reached.json


class _Attempt:
    """One packet, built under watch."""

    def __init__(self, codec: PacketCodec, raw_model: Any, reached: Reached) -> None:
        self._registry = codec.registry
        self._result = reached.result
        self._layers = codec.layers_of(reached.model)
        fields = list(fields_of(raw_model, reached.model))
        self._given = list(self._given_values(fields))
        self._otherwise = {
            (layer, spec.id) for layer, spec, item in fields if spec.steps or not is_plain(item)
        }
        self._asked = [Recorder(layer.packet.fields) for layer in self._layers]
        for layer, recorder in zip(self._layers, self._asked, strict=True):
            layer.packet.fields = recorder

    def plan(self) -> tuple[tuple[int, ...], Plan] | None:
        """The plan, and the positions of the values that belong to the shape."""
        packets = [layer.packet for layer in self._layers]
        classes = [type(packet) for packet in packets]
        if Padding in classes:
            return None
        self._understood = understood_layers(classes)
        stack(packets)
        built = assemble(packets, [layer.id for layer in self._layers])
        if not 0 < len(built.frame) <= limits.PLANNED_FRAME_BYTES:
            return None
        self._frame = built.frame
        self._while_built = [Counter(recorder.reads) for recorder in self._asked]
        self._dissection = WatchedDissection(type(packets[0]), built.frame, self._registry)
        if not self._reads_as_asked(built):
            return None
        checksums = list(self._checksums())
        slots = self._slots({checksum.layer for checksum in checksums})
        fixed = tuple(given.position for given in self._given if given.position not in slots)
        holes = {
            (given.layer, given.field.id): number
            for number, given in enumerate(g for g in self._given if g.position in slots)
        }
        for checksum in checksums:
            holes[checksum.layer, checksum.field_id] = len(holes)
        sums = tuple(computed.checksum for computed in checksums)
        return fixed, Plan(built.frame, tuple(slots.items()), sums, cut(self._result, holes))

    def _given_values(self, fields: Iterable[tuple[int, FieldSpec, Any]]) -> Iterator[_Given]:
        """The plain values; all others are a part of the shape."""
        plain = (each for each in fields if is_plain(each[2]))
        for position, (index, spec, _) in enumerate(plain):
            yield _Given(position, index, self._field(index, spec.id))

    def _reads_as_asked(self, built: Assembled) -> bool:
        chain = self._dissection.chain
        if len(chain) != len(self._layers):
            return False
        return all(
            type(traced.packet) is type(layer.packet)
            and (traced.offset, traced.header_end) == (start, end)
            for traced, layer, start, end in zip(
                chain, self._layers, built.starts, built.ends, strict=True
            )
        )

    def _slots(self, summed_layers: set[int]) -> dict[int, Slot]:
        """By position, the given values that may be patched."""
        slots = {}
        times_given = Counter((given.layer, given.field.id) for given in self._given)
        for given in self._given:
            if given.layer >= self._understood or (given.layer, given.field.id) in self._otherwise:
                continue
            field = self._dissection.fields(given.layer)[given.field.index]
            if times_given[given.layer, field.id] > 1:
                continue
            known = 1 + self._lengths_of(given.layer, field)  # one look is to write it
            summed = self._is_summed(given.layer, field, summed_layers)
            if self._while_built[given.layer][field.id] > known and not summed:
                continue
            slot = self._dissection.slot(given.layer, field)
            if slot is not None:
                slots[given.position] = slot
        return slots

    def _lengths_of(self, layer: int, field: FieldFacts) -> int:
        """How many computed lengths look at the field, if its own never changes."""
        if field.bits is None:
            return 0
        return sum(
            getattr(other.inner, "length_of", None) == field.id
            and self._is_computed(layer, other.id)
            for other in self._dissection.fields(layer)
        )

    def _is_computed(self, layer: int, name: str) -> bool:
        """Whether a field is given no value."""
        return dict.get(self._asked[layer], name) is None

    def _is_summed(self, layer: int, field: FieldFacts, summed_layers: set[int]) -> bool:
        """Whether the field is an address that the next layer's checksum covers."""
        packet = self._layers[layer].packet
        return (
            field.id in ("src", "dst") and type(packet) in (IP, IPv6) and layer + 1 in summed_layers
        )

    def _checksums(self) -> Iterator[_ComputedChecksum]:
        """The computed checksums from the last layer to the first."""
        for index in range(len(self._layers) - 1, -1, -1):
            cls = type(self._layers[index].packet)
            name = _CHECKSUM_FIELDS.get(cls)
            ranges = self._covered(index)
            if name is None or not self._is_computed(index, name) or ranges is None:
                continue
            at, _ = self._bytes_of(index, name)
            form = self._field(index, name).number_form or NumberForm(0, 0xFFFF)
            constant = self._constant(at, ranges)
            checksum = Checksum(at, ranges, constant, form, never_zero=cls is UDP)
            yield _ComputedChecksum(index, name, checksum)

    def _covered(self, index: int) -> tuple[tuple[int, int], ...] | None:
        """The ranges of the frame that a layer's checksum covers, None if it has none."""
        traced = self._dissection.chain[index]
        own = (traced.offset, len(self._frame))
        if type(traced.packet) is IP:
            return ((traced.offset, traced.header_end),)
        if type(traced.packet) is ICMP:
            return (own,)
        if not index or type(self._layers[index - 1].packet) not in (IP, IPv6):
            return None  # without a pseudo header it is not computed
        addresses = (self._bytes_of(index - 1, name) for name in ("src", "dst"))
        return joined((*addresses, own))

    def _constant(self, at: int, ranges: tuple[tuple[int, int], ...]) -> int:
        """What the checksum of this packet says that the ranges do not add up to."""
        frame = bytearray(self._frame)
        number = int.from_bytes(frame[at : at + 2], "big")
        frame[at : at + 2] = b"\0\0"
        return -(number + word_sum(frame, ranges)) % 65535

    def _field(self, layer: int, name: str) -> FieldFacts:
        facts = self._registry.of_class(type(self._layers[layer].packet))
        return self._registry.field(facts, name)

    def _bytes_of(self, layer: int, name: str) -> tuple[int, int]:
        traced = self._dissection.chain[layer]
        place = traced.places[self._field(layer, name).index]
        start = traced.offset + place.bit_offset // 8
        return start, start + place.bit_length // 8


def fields_of(raw_model: Any, model: Model) -> Iterator[tuple[int, FieldSpec, Any]]:
    """The fields of a model in order: the number of the layer, as parsed and as they came."""
    for index, (layer, raw) in enumerate(zip(model, raw_model, strict=True)):
        for spec, item in zip(layer.fields, raw.get("fields") or (), strict=True):
            yield index, spec, item


def with_others(raw_model: Any, slots: Mapping[int, Slot]) -> Any:
    """The model with another value in every slot, by the positions of its plain values."""
    position = 0
    model = []
    for layer in raw_model:
        fields = []
        for item in layer.get("fields") or ():
            changed = item
            if is_plain(item):
                if position in slots:
                    changed = {"id": item["id"], "value": other_value(slots[position])}
                position += 1
            fields.append(changed)
        model.append({"id": layer["id"], "fields": fields})
    return model


def other_value(slot: Slot) -> Any:
    """A value to try the slot with."""
    if isinstance(slot, NumberSlot):
        return slot.another()
    size = slot.stop - slot.start
    if isinstance(slot, BytesSlot):
        return "~" * size
    return {4: "254.1.2.3", 6: "fe:dc:ba:98:76:54", 16: "fe80::7654"}[size]
