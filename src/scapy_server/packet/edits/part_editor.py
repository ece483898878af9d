"""Changes of parts: what a path leads to within the fields of a layer."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from scapy.packet import Packet

from scapy_server.errors import RefusedError
from scapy_server.packet.edits.edited import EditedFrame, EditedLayer
from scapy_server.packet.edits.encoding import (
    bytes_for,
    check_told,
    encoded,
    fills_bits,
    fills_bytes,
    forms,
    number_in,
    rebuilt,
    same,
)
from scapy_server.packet.edits.lengths import Lengths
from scapy_server.packet.edits.lines import line, line_around, place_for_line
from scapy_server.packet.edits.options import OptionBytes
from scapy_server.packet.frames.elements import alignment, first_element
from scapy_server.packet.frames.located import Located, Seen
from scapy_server.packet.frames.parts import LayerView, Owned, Part
from scapy_server.packet.frames.place import Place, unknown_place
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import forget_bytes, keep_bytes
from scapy_server.packet.models.field_writer import FieldWriter
from scapy_server.packet.models.model import Action, FieldSpec, Undefined, parse_value
from scapy_server.packet.tree.display import show, show_alone
from scapy_server.packet.values.paths import AbsentPartError, Target, follow


class PartEditor:
    """Changes parts of one layer's fields.

    `change` answers False where the place of the part is not known: the value stands in the
    packet then, and the layer is to be written anew.
    """

    def __init__(
        self, frame: EditedFrame, layer: EditedLayer, registry: Registry, writer: FieldWriter
    ) -> None:
        self._frame = frame
        self._layer = layer
        self._registry = registry
        self._writer = writer

    def change(self, field: FieldFacts, spec: FieldSpec) -> bool:
        """Set, delete or insert what the path of a change leads to."""
        target = follow(self._registry, self._layer.packet, field, spec.steps)
        carried = target.carried if spec.action is Action.SET else None
        if carried is not None and (
            self._is_shown(carried, spec)
            or self._writer.means(spec.value, carried)  # shown as bytes alone
        ):
            return True
        if self._changed(target, spec):
            return True
        for packet, _ in target.around:  # of which none is to build the bytes that it had
            forget_bytes(packet)
        return False

    def _changed(self, target: Target, spec: FieldSpec) -> bool:
        if target.key is not None:
            return self._entry(target, spec)
        target.refuse_payload()
        if target.is_a_field:
            return self._field(target, spec)
        return self._item(target, spec)

    def _view(self) -> LayerView:
        return LayerView(bytes(self._frame.data[self._layer.start :]), self._layer.sightings)

    def _seen(self, target: Target) -> list[Seen]:
        """What was seen of the packets within fields, from the outermost in; all or none."""
        packets = self._layer.sightings.packets
        seen = [packets.get(id(packet)) for packet, _ in target.around[1:]]
        found = [each for each in seen if each is not None and each.place.known and each.fields]
        return found if len(found) == len(seen) else []

    def _places(self, target: Target, seen: list[Seen]) -> list[Place]:
        """The places of the fields on the way, the target's own last."""
        fields = [field for _, field in target.around]
        places = [self._layer.places[fields[0].index]]
        places += [each.fields[f.index] for each, f in zip(seen, fields[1:], strict=False)]
        return places if len(places) == len(fields) else [unknown_place()]

    def _field(self, target: Target, spec: FieldSpec) -> bool:
        packet, field = target.packet, target.field
        if spec.action is not Action.SET:
            raise RefusedError(
                f"{field.id} is no item of a list that could be {spec.action.value}d"
            )
        seen = self._seen(target)
        held = packet.getfieldval(field.id)
        if seen and field.id not in packet.fields:  # some Scapy forgets once they are read
            held = seen[-1].values.get(field.id, held)
        value, text = show(packet, field.for_packet(packet), held, self._registry)
        if spec.value in (parse_value(value), parse_value(text)):
            return True
        places = self._places(target, seen)
        place = places[-1]
        before, old_forms = packet.getfieldval(field.id), forms(packet)
        lengths = self._lengths(target, seen)
        self._writer.write_target(target, spec)
        new = packet.getfieldval(field.id)
        if same(before, new):
            self._keep(seen)
            return True
        if not place.known or not place.present or not seen:
            return False
        around = [*places, *(each.place for each in seen)]
        if old_forms != forms(packet):
            own = self._frame.bytes_of(self._layer, seen[-1].place)
            start = seen[-1].place.bit_offset
            within = [
                Place(p.bit_offset - start, p.bit_length, p.present, p.known)
                for p in seen[-1].fields
            ]
            data = rebuilt(packet, field.id, old_forms, own, within)
            self._replace(seen[-1].place, data, around)
            self._layer.rebuilt = True
        elif fills_bits(packet, field, place):
            self._frame.write_bits(self._layer, place, number_in(packet, field, new))
        elif fills_bytes(place):
            data = bytes_for(packet, field, place, new)
            check_told(before, new, self._frame.bytes_of(self._layer, place), data)
            change = len(data) - place.bit_length // 8
            self._replace(place, data, around)
            self._keep(seen)
            for each in lengths:
                each.follow(change)
        else:
            return False
        self._keep(seen)
        return True

    def _lengths(self, target: Target, seen: list[Seen]) -> list[Lengths]:
        """The lengths of each packet on the way, from the innermost item of a list inwards."""
        found: list[Lengths] = []
        for depth in range(len(seen) - 1, -1, -1):
            each = seen[depth]
            lengths = Lengths(self._frame, self._layer, each, self._registry)
            lengths.look(target.around[depth + 1][1].id)
            found.append(lengths)
            holder, field = target.around[depth]
            if isinstance(holder.getfieldval(field.id), list):
                break
        self._keep(seen)
        return found

    def _item(self, target: Target, spec: FieldSpec) -> bool:
        packet, field = target.packet, target.field
        seen = self._seen(target)
        places = self._places(target, seen)
        resolved = field.for_packet(packet)
        value = packet.getfieldval(field.id)
        index = target.index or 0
        parts = self._view().parts(Owned(packet, resolved, value, places[-1]))
        is_set = spec.action is Action.SET and not target.member and index < len(parts)
        if is_set and self._is_shown(parts[index].value, spec):
            return True
        if target.member and self._set_member(parts[index], target.member, spec):
            return True
        option = self._option(parts[index]) if target.member else None
        self._writer.write_target(target, spec)
        if not places[-1].known or (target.around[1:] and not seen):
            return False
        at = self._bounds(parts, index, places[-1], spec)
        if at is None:
            return False
        items = packet.getfieldval(field.id)
        data = b""
        if spec.action is not Action.DELETE:
            data = element_bytes(packet, resolved, items[index])
        if option is not None:
            data = option.with_value(data, items[index])
        around = [*places, *(each.place for each in seen)]
        filled = places[-1].bit_length // 8 % alignment(resolved.inner) == 0
        self._frame.splice(self._layer, at.bit_offset // 8, at.bit_length // 8, data, around)
        if spec.action is not Action.DELETE:
            self._see(items[index], at, data)
        if filled:
            self._align(resolved, places[-1], around)
        self._keep(seen)
        return True

    def _option(self, part: Part) -> OptionBytes | None:
        """An option in its own bytes; None where it is not known which are its value."""
        start = part.place.bit_offset
        bounds = {
            each.id: slice((each.place.bit_offset - start) // 8, (each.place.end - start) // 8)
            for each in part.members
        }
        if "value" not in bounds or not part.place.known:
            return None
        own = self._frame.bytes_of(self._layer, part.place)
        nothing = slice(0, 0)
        kind = bounds[part.members[0].id]
        return OptionBytes(own, kind, bounds.get("length", nothing), bounds["value"])

    def _see(self, item: Any, at: Place, data: bytes) -> None:
        """Remember where a packet that came into a list stands."""
        if isinstance(item, Packet):
            keep_bytes(item, data)
            own = Place(at.bit_offset, 8 * len(data), True)
            self._layer.sightings.packets[id(item)] = Seen(item, own, [], {})

    def _bounds(self, parts: list[Part], index: int, place: Place, spec: FieldSpec) -> Place | None:
        """Where bytes are replaced; None where the place is not known."""
        if spec.action is not Action.INSERT:
            found = parts[index].place
            return found if found.known else None
        if index < len(parts):
            found = parts[index].place
        elif parts:
            last = parts[-1].place
            found = Place(last.end, 0, True, last.known)
        else:
            found = place
        return Place(found.bit_offset, 0, True) if found.known else None

    def _is_shown(self, value: Any, spec: FieldSpec) -> bool:
        """Whether a change sets what is there already, in one of the forms it is shown in."""
        shown, text = show_alone(value, self._registry)
        return spec.value in (parse_value(shown), parse_value(text))

    def _set_member(self, part: Part, member: str, spec: FieldSpec) -> bool:
        """Set the kind or the length of an option, or a value of the same size, in its bytes."""
        found = next((each for each in part.members if each.id == member), None)
        if found is None:
            has = ", ".join(each.id for each in part.members)
            raise AbsentPartError(f"{part.id} has no {member}; it has {has}")
        if self._is_shown(found.value, spec):
            return True
        if member == "value":
            return False
        number = self._writer.number(spec.value, found.place.bit_length)
        self._frame.write_bits(self._layer, found.place, number)
        return True

    def _align(self, field: FieldFacts, place: Place, around: list[Place]) -> None:
        short = -(place.bit_length // 8) % alignment(field.inner)
        if short:
            self._frame.splice(self._layer, place.end // 8, 0, bytes(short), tuple(around))

    def _entry(self, target: Target, spec: FieldSpec) -> bool:
        entries = target.packet.getfieldval(target.field.id)
        piece = entries.get(target.key)
        if isinstance(spec.value, Undefined) and spec.action is Action.SET:
            if piece is None:
                return True
            spec = replace(spec, action=Action.DELETE)  # the default of a line is that it is not
        held = bytes(piece) if isinstance(piece, bytes) else piece
        if spec.action is Action.SET and self._is_shown(held, spec):
            return True
        place = piece.place if isinstance(piece, Located) else unknown_place()
        self._writer.write_target(target, spec)
        return self._lines_changed(target, place, spec)

    def _lines_changed(self, target: Target, place: Place, spec: FieldSpec) -> bool:
        own = bytes(self._frame.data[self._layer.start : self._layer.end])
        entries = target.packet.getfieldval(target.field.id)
        if spec.action is Action.DELETE:
            bounds = line_around(own, place.bit_offset // 8) if place.known else None
            if bounds is None:
                return False
            self._frame.splice(self._layer, bounds[0], bounds[1] - bounds[0], b"")
        elif place.known:
            self._replace(place, bytes(entries[target.key]), [])
        else:
            at = place_for_line(own)
            if at is None:
                return False
            name = target.key.decode("latin-1")
            self._frame.splice(self._layer, at, 0, line(name, bytes(entries[target.key])))
        return True

    def _replace(self, place: Place, data: bytes, around: list[Place]) -> None:
        size = place.bit_length // 8
        at = place.bit_offset // 8
        if len(data) == size:
            if size:
                self._frame.write_bits(self._layer, place, int.from_bytes(data, "big"))
            return
        self._frame.splice(self._layer, at, size, data, tuple(around))

    def _keep(self, seen: list[Seen]) -> None:
        """Let the packets on the way build the bytes that they have now."""
        for each in seen:
            keep_bytes(each.packet, self._frame.bytes_of(self._layer, each.place))


def element_bytes(packet: Packet, field: FieldFacts, item: Any) -> bytes:
    """The bytes of one item of a list."""
    if isinstance(item, Packet):
        try:
            return bytes(item.build())
        except Exception as error:
            raise RefusedError(
                f"{type(item).__name__} cannot be built with these values"
            ) from error
    data = encoded(packet, field, [item])
    return first_element(packet, field.inner, item, data)
