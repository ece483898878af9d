"""Making plans: a packet is built the long way and watched.

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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from scapy import fields as sf
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest, IPv6
from scapy.packet import Packet

from scapy_server.errors import ScapyServerError
from scapy_server.packet.assembly import Assembled, assemble, stack
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.display import show
from scapy_server.packet.facts import FieldFacts
from scapy_server.packet.field_kinds import Kind
from scapy_server.packet.field_tree import result_of
from scapy_server.packet.layout import FieldPlace, LayerLayout
from scapy_server.packet.model import parse_model
from scapy_server.packet.number_form import NumberForm
from scapy_server.packet.plan import (
    AddressSlot,
    BytesSlot,
    Checksum,
    NumberSlot,
    Plan,
    Slot,
    word_sum,
)
from scapy_server.packet.plan_book import shape_of
from scapy_server.packet.plan_watch import (
    Recorder,
    bytes_that_choose,
    is_understood,
    reads,
    recorded_layer,
    selecting_values,
)
from scapy_server.packet.result import FieldResult, PacketResult
from scapy_server.packet.tracer import trace_chain

_ADDRESSES = {4: Kind.IPV4, 6: Kind.MAC, 16: Kind.IPV6}
_encode = msgspec.json.encode


@dataclass
class _Given:
    """A value of the model: where it stands in it, and the field it is for."""

    position: int
    layer: int
    field: FieldFacts
    raw: Any


class Planner:
    """Makes plans for models that a codec can build."""

    def __init__(self, codec: PacketCodec) -> None:
        self._codec = codec
        self._registry = codec.registry

    def plan(self, raw_model: Any) -> tuple[tuple[int, ...], Plan] | None:
        """The plan for a model, with the positions of the values that belong to its shape.

        None if packets like it cannot be planned.
        """
        try:
            attempt = _Attempt(self._codec, raw_model)
            found = attempt.plan()
            if found is not None and all(
                self._agrees(found[1], model) for model in (raw_model, attempt.varied(found[1]))
            ):
                return found
        except ScapyServerError:
            pass  # a packet that is refused has no plan
        return None

    def _agrees(self, plan: Plan, raw_model: Any) -> bool:
        parsed = shape_of(raw_model)
        result = self._codec.build(parse_model(raw_model, self._registry))
        return parsed is not None and plan.result(parsed[1]) == _encode(result)


class _Attempt:
    """One packet, built under watch."""

    def __init__(self, codec: PacketCodec, raw_model: Any) -> None:
        self._registry = codec.registry
        self._raw_model = raw_model
        self._layers = codec.layers_of(parse_model(raw_model, codec.registry))
        self._asked = [Recorder(layer.packet.fields) for layer in self._layers]
        for layer, recorder in zip(self._layers, self._asked, strict=True):
            layer.packet.fields = recorder

    def plan(self) -> tuple[tuple[int, ...], Plan] | None:
        packets = [layer.packet for layer in self._layers]
        if not all(is_understood(type(packet)) for packet in packets):
            return None
        stack(packets)
        built = assemble(packets, [layer.id for layer in self._layers])
        if not built.frame:
            return None
        self._real = trace_chain(type(packets[0]), built.frame, recorded_layer)
        if not self._reads_as_asked(built):
            return None
        self._frame = built.frame
        self._read_while_built = [Counter(recorder.reads) for recorder in self._asked]
        self._read_while_traced = [Counter(reads(traced)) for traced in self._real]
        self._read_while_shown = self._watch_display()
        choosing = bytes_that_choose(built.frame, self._real)
        if choosing is None:
            return None
        self._choosing = choosing
        result, layout = result_of(self._layers, built, self._real, self._registry)
        self._layout = layout.layers
        checksums = list(self._checksums())
        slots = {given.position: slot for given, slot in self._slots(checksums)}
        fixed = tuple(given.position for given in self._given() if given.position not in slots)
        if any(isinstance(given.raw, dict) and given.position in fixed for given in self._given()):
            return None
        ordered = tuple(slots.items())
        plan = _cut(
            result,
            built.frame,
            ordered,
            [c for _, _, c in checksums],
            self._holes([position for position, _ in ordered], checksums),
        )
        return (fixed, plan) if plan else None

    def varied(self, plan: Plan) -> Any:
        """The model with another value in every slot."""
        slots = dict(plan.slots)
        position = 0
        model = []
        for layer in self._raw_model:
            fields = []
            for item in layer.get("fields") or ():
                slot = slots.get(position)
                raw = item["value"] if slot is None else _other_value(slot)
                fields.append({"id": item["id"], "value": raw})
                position += 1
            model.append({"id": layer["id"], "fields": fields})
        return model

    def _reads_as_asked(self, built: Assembled) -> bool:
        if len(self._real) != len(self._layers):
            return False
        return all(
            type(traced.packet) is type(layer.packet)
            and (traced.offset, traced.header_end) == (start, end)
            for traced, layer, start, end in zip(
                self._real, self._layers, built.starts, built.ends, strict=True
            )
        )

    def _given(self) -> Iterator[_Given]:
        position = 0
        for index, layer in enumerate(self._raw_model):
            facts = self._registry.of_class(type(self._layers[index].packet))
            for item in layer.get("fields") or ():
                field = self._registry.field(facts, item["id"])
                yield _Given(position, index, field, item["value"])
                position += 1

    def _watch_display(self) -> list[set[str]]:
        """The fields of each layer that another field's display looks at."""
        looked_at: list[set[str]] = []
        for traced in self._real:
            names: set[str] = set()
            for field in self._registry.of_class(type(traced.packet)).fields:
                before = Counter(reads(traced))
                value = traced.packet.getfieldval(field.id)
                show(traced.packet, field.for_packet(traced.packet), value, self._registry)
                names.update(set(Counter(reads(traced)) - before) - {field.id})
            looked_at.append(names)
        return looked_at

    def _slots(self, checksums: list[tuple[int, str, Checksum]]) -> Iterator[tuple[_Given, Slot]]:
        names = Counter((given.layer, given.field.id) for given in self._given())
        for given in self._given():
            facts = self._registry.of_class(type(self._layers[given.layer].packet))
            ids = Counter(field.id for field in facts.fields)
            if names[given.layer, given.field.id] > 1 or ids[given.field.id] > 1:
                continue
            avoided = self._avoided(given, checksums)
            if avoided is None:
                continue
            slot = self._slot(given, avoided)
            if slot is not None:
                yield given, slot

    def _avoided(
        self, given: _Given, checksums: list[tuple[int, str, Checksum]]
    ) -> frozenset[int] | None:
        """The numbers that would change more than the field, None if any other might."""
        name, layer = given.field.id, given.layer
        known_reads = 1 + self._measured(given)  # the build reads each value to write it
        if self._read_while_built[layer][name] > known_reads and not self._summed(given, checksums):
            return None
        if name in self._read_while_shown[layer]:
            return None
        traced = self._real[layer]
        if not self._read_while_traced[layer][name]:
            return frozenset()
        if layer + 1 == len(self._real):
            return None
        before = reads(traced)[name]
        traced.packet.guess_payload_class(self._frame[traced.header_end :])
        only_guess = self._read_while_traced[layer][name] <= reads(traced)[name] - before
        guesses = type(traced.packet).guess_payload_class is Packet.guess_payload_class
        if not (only_guess and guesses):
            return None
        selecting = frozenset(selecting_values(type(traced.packet), name))
        return None if traced.packet.getfieldval(name) in selecting else selecting

    def _measured(self, given: _Given) -> int:
        """How many computed lengths look at the field, whose own length never changes."""
        field, asked = given.field, self._asked[given.layer]
        if field.for_packet(self._layers[given.layer].packet).bits is None:
            return 0
        facts = self._registry.of_class(type(self._layers[given.layer].packet))
        return sum(
            getattr(other.inner, "length_of", None) == field.id and other.id not in asked
            for other in facts.fields
        )

    def _summed(self, given: _Given, checksums: list[tuple[int, str, Checksum]]) -> bool:
        """Whether the field is an address that the next layer's checksum covers."""
        return (
            given.field.id in ("src", "dst")
            and type(self._real[given.layer].packet) in (IP, IPv6)
            and any(layer == given.layer + 1 for layer, _, _ in checksums)
        )

    def _slot(self, given: _Given, avoided: frozenset[int]) -> Slot | None:
        field = given.field.for_packet(self._layers[given.layer].packet)
        place = self._layout[given.layer].fields[field.index]
        if not place.present or not place.bit_length:
            return None
        first = 8 * self._layout[given.layer].offset + place.bit_offset
        last = first + place.bit_length
        start, stop = first // 8, (last + 7) // 8
        if self._choosing.intersection(range(start, stop)):
            return None
        if field.bits is not None and field.bits != place.bit_length:
            return None
        form = field.number_form
        if form is not None and field.is_big_endian:
            return NumberSlot(start, stop, 8 * stop - last, place.bit_length, form, avoided)
        if first % 8 or last % 8:
            return None
        if _ADDRESSES.get(stop - start) is field.kind:
            return AddressSlot(start, stop)
        if field.kind is Kind.BYTES and type(field.inner) in (sf.StrField, sf.StrFixedLenField):
            return BytesSlot(start, stop)
        return None

    def _checksums(self) -> Iterator[tuple[int, str, Checksum]]:
        """The computed checksums from the last layer to the first."""
        for index in range(len(self._real) - 1, -1, -1):
            packet = self._real[index].packet
            name = _CHECKSUM_FIELDS.get(type(packet))
            if name is None or name in self._asked[index]:
                continue
            ranges = self._covered(index)
            if ranges is None:
                continue
            layout = self._layout[index]
            field = self._registry.field(self._registry.of_class(type(packet)), name)
            at = layout.offset + layout.fields[field.index].bit_offset // 8
            yield index, name, self._checksum(at, ranges, field, type(packet) is UDP)

    def _covered(self, index: int) -> tuple[tuple[int, int], ...] | None:
        traced = self._real[index]
        own = (traced.offset, len(self._frame))
        if type(traced.packet) is IP:
            return ((traced.offset, traced.header_end),)
        if type(traced.packet) is ICMP:
            return (own,)
        below = self._real[index - 1] if index else None
        if below is None or type(below.packet) not in (IP, IPv6):
            return None  # nothing to take a pseudo header from: it is not computed
        addresses = [
            _bytes_of(self._layout[index - 1], self._registry, type(below.packet), name)
            for name in ("src", "dst")
        ]
        return (*addresses, own)

    def _checksum(
        self, at: int, ranges: tuple[tuple[int, int], ...], field: FieldFacts, never_zero: bool
    ) -> Checksum:
        frame = bytearray(self._frame)
        number = int.from_bytes(frame[at : at + 2], "big")
        frame[at : at + 2] = b"\0\0"
        constant = -(number + word_sum(frame, ranges)) % 65535
        form = field.number_form or NumberForm(0, 0xFFFF)
        return Checksum(at, ranges, constant, form, never_zero)

    def _holes(
        self, positions: list[int], checksums: list[tuple[int, str, Checksum]]
    ) -> dict[tuple[int, str], int]:
        """The fields that differ, and which slot or checksum (counted on) each shows."""
        by_position = {given.position: given for given in self._given()}
        holes = {
            (by_position[position].layer, by_position[position].field.id): number
            for number, position in enumerate(positions)
        }
        for number, (layer, name, _) in enumerate(checksums, start=len(positions)):
            holes[layer, name] = number
        return holes


_CHECKSUM_FIELDS: dict[type[Packet], str] = {
    IP: "chksum",
    TCP: "chksum",
    UDP: "chksum",
    ICMP: "chksum",
    ICMPv6EchoRequest: "cksum",
    ICMPv6EchoReply: "cksum",
}


def _bytes_of(layout: LayerLayout, registry: Any, cls: type[Packet], name: str) -> tuple[int, int]:
    field = registry.field(registry.of_class(cls), name)
    place: FieldPlace = layout.fields[field.index]
    start = layout.offset + place.bit_offset // 8
    return start, start + place.bit_length // 8


def _cut(
    result: PacketResult,
    frame: bytes,
    slots: tuple[tuple[int, Slot], ...],
    checksums: list[Checksum],
    holes: dict[tuple[int, str], int],
) -> Plan | None:
    """The plan with the reply's JSON cut where values differ."""
    pieces: list[bytes] = []
    order: list[int] = []
    current = b'{"data":['
    for index, layer in enumerate(result.data):
        head = _encode(msgspec.structs.replace(layer, fields=[]))
        current += (b"," if index else b"") + head.removesuffix(b"]}")
        for number, field in enumerate(layer.fields):
            current += b"," if number else b""
            hole = holes.get((index, field.id))
            if hole is None:
                current += _encode(field)
                continue
            before, after = _around_values(field)
            pieces.append(current + before)
            order.append(hole)
            current = after
        current += b"]}"
    pieces += [current + b'],"binary":"', b'"}']
    return Plan(frame, slots, tuple(checksums), tuple(pieces), tuple(order))


def _around_values(field: FieldResult) -> tuple[bytes, bytes]:
    """The JSON of a field before its value and after its hvalue."""
    whole = _encode(field)
    before = b'{"id":' + _encode(field.id) + b',"value":'
    values = _encode(field.value) + b',"hvalue":' + _encode(field.hvalue)
    return before, whole[len(before) + len(values) :]


def _other_value(slot: Slot) -> Any:
    if isinstance(slot, NumberSlot):
        candidates: Iterable[int] = (slot.form.maximum - 1, slot.form.minimum, slot.form.maximum)
        return next(n for n in candidates if n not in slot.avoided and n >= slot.form.minimum)
    size = slot.stop - slot.start
    if isinstance(slot, BytesSlot):
        return "~" * size
    return {4: "254.1.2.3", 6: "fe:dc:ba:98:76:54", 16: "fe80::7654"}[size]
