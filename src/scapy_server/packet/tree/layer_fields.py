"""The fields of one layer as clients are shown them, one after the other."""

from __future__ import annotations

import msgspec
from scapy.packet import Packet

from scapy_server.packet.frames.parts import LayerView, Owned
from scapy_server.packet.frames.place import Place
from scapy_server.packet.frames.tracer import TracedLayer
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.header_lines import UNKNOWN, Header, has_lines, told
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.tree.exact import exact
from scapy_server.packet.tree.part_tree import PartTree
from scapy_server.schema.results import FieldResult


class LayerFields:
    """What the fields of a layer that was read from a frame are shown as.

    `asked` says what a field that was not read has; `tree` shows those of all layers of the
    frame, and bounds what that costs.
    """

    def __init__(
        self,
        traced: TracedLayer,
        frame: bytes,
        registry: Registry,
        tree: PartTree,
        asked: Packet | None = None,
    ) -> None:
        self._asked = traced.packet if asked is None else asked
        self._traced, self._frame, self._tree = traced, frame, tree
        self._bits_in_frame = 8 * (len(frame) - traced.offset)
        self._view: LayerView | None = None
        self.declared = registry.of_class(type(self._asked)).fields

    def all(self) -> list[FieldResult]:
        """All fields in their order."""
        traced = self._traced
        results = [
            self.field(declared, place)
            for declared, place in zip(self.declared, traced.places, strict=True)
        ]
        if has_lines(traced.packet) and not traced.made:
            own = self._frame[traced.offset : traced.header_end]
            return _as_lines(results, told(traced.packet, own))
        return results

    def field(self, declared: FieldFacts, place: Place) -> FieldResult:
        """A field, with its parts and its value as it means the bytes at its place."""
        traced = self._traced
        # A field that was reached when no bytes were left is not there either.
        reached = place.bit_length > 0 or place.bit_offset < self._bits_in_frame or not place.known
        present = place.present and reached
        holder = traced.packet if place.present else self._asked
        field = declared.for_packet(holder)
        value = holder.getfieldval(field.id)
        result = self._tree.field(holder, field, value, place, reached)
        if present and traced.sightings is not None and isinstance(value, list | dict | Packet):
            view = self._view or LayerView(self._frame[traced.offset :], traced.sightings)
            self._view = view
            parts = self._tree.parts(view, Owned(holder, field, value, place))
            if parts:
                result = msgspec.structs.replace(result, parts=parts)
        if present and isinstance(result.value, dict) and not traced.made:  # as few are
            owned = Owned(holder, field, value, place)
            result = exact(owned, self._frame, traced.offset, result)
        return result


def _as_lines(results: list[FieldResult], header: Header) -> list[FieldResult]:
    """The fields of header lines in the order of these, with what else is to be said of them."""
    order = {name: number for number, name in enumerate(header)}
    return [
        _told(field, header[UNKNOWN]) if field.id == UNKNOWN and UNKNOWN in header else field
        for field in sorted(results, key=lambda field: order.get(field.id, len(order)))
    ]


def _told(unknown: FieldResult, entries: dict[bytes, bytes | int | None]) -> FieldResult:
    text = repr(entries)
    value = {"vtype": "EXPRESSION", "expr": text}
    if unknown.value == value:
        return unknown
    shown = text if unknown.ignored else unknown.hvalue
    return msgspec.structs.replace(unknown, value=value, hvalue=shown, ignored=msgspec.UNSET)
