"""The length of an element follows its bytes.

An element is the option, record or attribute around a value that takes another number of
bytes. Of its fields that Scapy would compute, those which were right before and grow with the
bytes are its lengths; they are right again afterwards. What encloses the element keeps its own.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

from scapy.packet import NoPayload

from scapy_server.errors import ScapyServerError
from scapy_server.packet.edits.computing import computed
from scapy_server.packet.edits.edited import EditedFrame, EditedLayer
from scapy_server.packet.frames.located import Seen
from scapy_server.packet.frames.place import Place
from scapy_server.packet.layers.registry import Registry


@dataclass(frozen=True, slots=True)
class Length:
    """A field of a packet within a field, and the number that it had when it was right."""

    field_id: str
    place: Place
    number: int


class Lengths:
    """The lengths of one packet within a field of a layer."""

    def __init__(
        self, frame: EditedFrame, layer: EditedLayer, seen: Seen, registry: Registry
    ) -> None:
        self._frame = frame
        self._layer = layer
        self._seen = seen
        self._registry = registry
        self._right: list[Length] = []

    def look(self, touched: str) -> None:
        """Note which computed fields are right before the touched one changes."""
        facts = self._registry.of_class(type(self._seen.packet))
        for field, place in zip(facts.fields, self._seen.fields, strict=False):
            known = place.known and place.bit_length
            if field.computed and field.id != touched and known:
                number = self._within(place).number(self._own())
                if self._computed(field.id, place) == number:
                    self._right.append(Length(field.id, place, number))

    def follow(self, change: int) -> None:
        """Set those that were right, of a packet of which `change` bytes came or went."""
        for length in self._right:
            number = self._computed(length.field_id, length.place)
            if number is None or not 0 < (number - length.number) * change <= change * change:
                continue
            self._frame.write_bits(self._layer, length.place, number)
            if length.field_id in self._seen.packet.fields:
                self._seen.packet.fields[length.field_id] = number

    def _computed(self, field_id: str, place: Place) -> int | None:
        packet = self._seen.packet
        given = packet.fields.pop(field_id, None)
        payload = b"" if isinstance(packet.payload, NoPayload) else bytes(packet.payload)
        reset = {field_id: self._within(place)}
        try:
            own = computed(packet, reset, self._own(), payload, self._registry)
            return reset[field_id].number(own)
        except ScapyServerError:
            return None
        finally:
            if given is not None:
                packet.fields[field_id] = given

    def _own(self) -> bytes:
        return self._frame.bytes_of(self._layer, self._seen.place)

    def _within(self, place: Place) -> Place:
        within = copy(place)
        within.move(-self._seen.place.bit_offset)
        return within
