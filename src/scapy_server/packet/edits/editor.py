"""Applies the changes of a model to one dissected frame.

A value is put into a layer's packet as it is when packets are built, and where that gives
the field another value its new bytes replace the old ones: in place where they are as many,
else by moving what follows. Only a value that steers the layer's structure, and a field whose
place is not known, make Scapy write the layer anew.
"""

from __future__ import annotations

from typing import Any

from scapy.packet import Packet, Raw

from scapy_server.errors import RefusedError, located
from scapy_server.naming import layer_place
from scapy_server.packet.edits.computing import compute
from scapy_server.packet.edits.edited import EditedFrame, EditedLayer, edited_layer
from scapy_server.packet.edits.encoding import (
    bytes_for,
    encoded,
    fills_bits,
    fills_bytes,
    forms,
    number_in,
    rebuilt,
    same,
)
from scapy_server.packet.edits.lines import line, line_around, place_for_line
from scapy_server.packet.edits.part_editor import PartEditor
from scapy_server.packet.frames.assembly import assemble, built_layer
from scapy_server.packet.frames.place import Place
from scapy_server.packet.frames.tracer import TracedLayer, trace_layer
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.header_lines import holds_lines, is_line
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import detach_payload, forget_bytes, link
from scapy_server.packet.models.budget import ModelBudget
from scapy_server.packet.models.field_writer import FieldWriter
from scapy_server.packet.models.model import FieldSpec, Items, LayerSpec, Undefined, parse_value
from scapy_server.packet.tree.display import show


class Editor:
    """Changes one frame."""

    def __init__(self, frame: EditedFrame, registry: Registry) -> None:
        self.frame = frame
        self._registry = registry
        self.budget = ModelBudget()

    def change(self, depth: int, spec: LayerSpec) -> None:
        """Set the fields of a layer that is there; one that is not what it is called is refused.

        `Raw` means the rest, as bytes, whatever it was dissected to.
        """
        layer = self.frame.layers[depth]
        with located(layer_place(depth, spec.id)):
            if spec.id != layer.id:
                layer = self._as_asked(depth, self._registry.layer(spec.id).cls)
            layer.id = spec.id
            self._write(layer, self._news(layer, spec.fields) if layer.made else spec.fields)

    def _as_asked(self, depth: int, asked: type[Packet]) -> EditedLayer:
        """The layer under another id than its own."""
        layer = self.frame.layers[depth]
        if isinstance(layer.packet, asked):
            return layer
        if not issubclass(asked, Raw) or not (depth or isinstance(layer.packet, Raw)):
            raise RefusedError(f"Protocol id inconsistent: the frame has {layer.id} at this depth")
        return layer if isinstance(layer.packet, Raw) else self._rest_as_bytes(depth)

    def append(self, packet: Packet, layer_id: str) -> None:
        """Put a layer behind the last one; the bytes of the others stay as they are."""
        layers = self.frame.layers
        last = layers[-1] if layers else None
        if last is not None:
            link(last.packet, packet)
        built = assemble([packet], [layer_id]).frame
        at = self.frame.content_end(last) if last is not None else 0
        traced = _as_it_stands(packet, built, at)
        traced.packet = packet
        self.frame.data[at:at] = built
        layers.append(edited_layer(layer_id, traced))

    def compute(self) -> None:
        """Compute all that was reset, from the last layer to the first."""
        for layer in reversed(self.frame.layers):
            with located(layer_place(self.frame.layers.index(layer), layer.id)):
                compute(self.frame, layer, self._registry)

    def _rest_as_bytes(self, depth: int) -> EditedLayer:
        layers = self.frame.layers
        first, below = layers[depth], layers[depth - 1]
        start, stop = first.start, self.frame.content_end(below)
        kept = [layer for layer in layers[depth:] if layer.below in layers[:depth]]
        detach_payload(below.packet)
        traced = trace_layer(Raw, bytes(self.frame.data[start:stop]), start, below.packet)[0]
        link(below.packet, traced.packet)
        rest = edited_layer("Raw", traced)
        layers[depth:] = [rest, *kept]
        return rest

    def _write(self, layer: EditedLayer, specs: tuple[FieldSpec, ...]) -> None:
        last = {spec.id: spec for spec in specs if spec.is_plain}
        facts = self._registry.of_class(type(layer.packet))
        for spec in specs:
            before = bytes(self.frame.data)
            field = self._registry.field(facts, spec.id)
            if not spec.is_plain:
                with located(f"field {spec.path}"):
                    self._change_part(layer, field, spec)
            elif last[spec.id] is spec and not self._is_shown(layer.packet, field, spec):
                self._set(layer, field, spec)
            dissects_itself = type(layer.packet).do_dissect is not Packet.do_dissect
            if dissects_itself and self.frame.data != before:
                self._read_again(layer)

    def _news(self, layer: EditedLayer, specs: tuple[FieldSpec, ...]) -> tuple[FieldSpec, ...]:
        """The fields of a layer without bytes that are to change, which none can."""
        facts = self._registry.of_class(type(layer.packet))
        for spec in specs:
            field = self._registry.field(facts, spec.id)
            if not spec.is_plain or not self._is_shown(layer.packet, field, spec):
                with located(f"field {spec.path}"):
                    raise RefusedError(
                        f"{layer.id} is made by the layer below it and has no bytes in the "
                        "frame; change what it is made of"
                    )
        return ()

    def _change_part(self, layer: EditedLayer, field: FieldFacts, spec: FieldSpec) -> None:
        if not spec.steps:
            self._delete(layer, field, spec)
            return
        writer = self._writer(layer, spec)
        if not PartEditor(self.frame, layer, self._registry, writer).change(field, spec):
            self._rebuild(layer, self._built(layer))

    def _delete(self, layer: EditedLayer, field: FieldFacts, spec: FieldSpec) -> None:
        """Take a header line away, or all that a list holds."""
        place = layer.places[field.index]
        own = bytes(self.frame.data[layer.start : layer.end])
        dissects_itself = type(layer.packet).do_dissect is not Packet.do_dissect
        found = line_around(own, place.bit_offset // 8) if dissects_itself and place.known else None
        if found is not None:
            layer.packet.delfieldval(field.id)
            self.frame.splice(layer, found[0], found[1] - found[0], b"")
        elif isinstance(layer.packet.getfieldval(field.id), list):
            self._set(layer, field, FieldSpec(field.id, Items(())))
        else:
            raise RefusedError("only an item of a list, a list or a header line can be deleted")

    def _read_again(self, layer: EditedLayer) -> None:
        """Let a layer that reads in a way of its own tell where all lies now."""
        depth = self.frame.layers.index(layer)
        stop = self.frame.content_end(self.frame.layers[depth - 1]) if depth else None
        traced = _as_it_stands(
            layer.packet, bytes(self.frame.data[layer.start : stop]), layer.start
        )
        if traced.packet is not layer.packet and layer.reset == {}:
            layer.packet.fields.clear()
            layer.packet.fields.update(traced.packet.fields)
            layer.places = traced.places
            layer.sightings = edited_layer(layer.id, traced).sightings

    def _set(self, layer: EditedLayer, field: FieldFacts, spec: FieldSpec) -> None:
        packet, place = layer.packet, layer.places[field.index]
        if isinstance(spec.value, Undefined) and is_line(packet, field.id):
            if place.present:  # the default of a header line is that it is not there
                self._delete(layer, field, spec)
            return
        before, missing = packet.fields.get(field.id), field.id not in packet.fields
        old_forms = forms(packet)
        own = bytes(self.frame.data[layer.start : layer.end])
        self._writer(layer, spec).write((spec,))
        value = packet.getfieldval(field.id)
        if isinstance(spec.value, Undefined) and value is None and place.bit_length:
            layer.reset[field.id] = place
            return
        layer.reset.pop(field.id, None)
        if not missing and same(before, value) and place.known:
            return
        with located(f"field {spec.id}"):
            if old_forms != forms(packet):
                self._rebuild(layer, rebuilt(packet, field.id, old_forms, own, layer.places))
            else:
                self._put(layer, field, value)

    def _put(self, layer: EditedLayer, field: FieldFacts, value: Any) -> None:
        """Put a new value of a field into the bytes."""
        packet, place = layer.packet, layer.places[field.index]
        if not place.present and place.known:
            self._add(layer, field, value)
        elif fills_bits(packet, field, place):
            self.frame.write_bits(layer, place, number_in(packet, field, value))
        elif place.known and fills_bytes(place):
            self._replace(layer, place, bytes_for(packet, field, place, value))
        else:
            self._write_anew(layer, field)

    def _write_anew(self, layer: EditedLayer, field: FieldFacts) -> None:
        """Have Scapy write the layer, unless header lines are told as they are."""
        own = self._built(layer)
        is_told = own == self.frame.data[layer.start : layer.end]
        if not (is_told and holds_lines(layer.packet, field.id)):
            self._rebuild(layer, own)

    def _is_shown(self, packet: Packet, field: FieldFacts, spec: FieldSpec) -> bool:
        """Whether the value is the one that the field has, in one of the forms it is shown in."""
        if isinstance(spec.value, Undefined) or field.id not in packet.fields:
            return False
        resolved = field.for_packet(packet)
        value, text = show(packet, resolved, packet.getfieldval(field.id), self._registry)
        return spec.value in (parse_value(value), parse_value(text))

    def _writer(self, layer: EditedLayer, spec: FieldSpec) -> FieldWriter:
        def length_so_far() -> int:
            packet = layer.packet
            own = len(encoded(packet, facts.by_id[spec.id], packet.getfieldval(spec.id)))
            place = layer.places[facts.by_id[spec.id].index]
            return layer.end - place.bit_length // 8 + own

        facts = self._registry.of_class(type(layer.packet))
        return FieldWriter(layer.packet, self._registry, self.budget, length_so_far)

    def _replace(self, layer: EditedLayer, place: Place, new: bytes) -> None:
        size = place.bit_length // 8
        if len(new) == size:
            if size:
                self.frame.write_bits(layer, place, int.from_bytes(new, "big"))
            return
        self.frame.splice(layer, place.bit_offset // 8, size, new, (place,))

    def _add(self, layer: EditedLayer, field: FieldFacts, value: Any) -> None:
        """A field that is not there: what its layer leaves out stays out, and the rest is made."""
        if type(layer.packet).do_dissect is Packet.do_dissect:
            return
        name = getattr(field.inner, "real_name", None)
        at = place_for_line(bytes(self.frame.data[layer.start : layer.end])) if name else None
        if at is None or not isinstance(value, bytes):
            self._write_anew(layer, field)
        else:
            self.frame.splice(layer, at, 0, line(str(name), value))

    def _built(self, layer: EditedLayer) -> bytes:
        """The layer's own bytes, as Scapy writes them."""
        payload = bytes(self.frame.data[layer.end : self.frame.content_end(layer)])
        forget_bytes(layer.packet)
        whole, own = built_layer(layer.packet, payload)
        if payload and whole.endswith(payload):
            return whole[: len(whole) - len(payload)]
        return whole[:own]

    def _rebuild(self, layer: EditedLayer, own: bytes) -> None:
        before = layer.end - layer.start
        values = dict(layer.packet.fields)
        self.frame.splice(layer, 0, before, own)
        traced = _as_it_stands(layer.packet, own, layer.start)
        layer.packet.fields.update(values)
        layer.places = traced.places
        layer.sightings = edited_layer(layer.id, traced).sightings
        layer.rebuilt = True


def _as_it_stands(packet: Packet, own: bytes, start: int) -> TracedLayer:
    """Where the fields of a layer lie in bytes that were just written for it."""
    try:
        traced = trace_layer(type(packet), own, start, packet.underlayer)[0]
        traced.header_end = start + len(own)
        return traced
    except Exception:
        nowhere = [Place(0, 0, False) for _ in packet.fields_desc]
        return TracedLayer(packet, start, start + len(own), nowhere)
