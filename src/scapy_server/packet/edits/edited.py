"""A frame that is being changed, and where everything lies in it meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from scapy.packet import Packet

from scapy_server.packet.frames.located import Sightings
from scapy_server.packet.frames.place import Place
from scapy_server.packet.frames.tracer import TracedLayer
from scapy_server.packet.layers.scapy_state import keep_bytes


@dataclass(slots=True, eq=False)  # compared field by field, packets would be too
class EditedLayer:
    """A layer with its id for clients; it has `frame[start:end]` for itself.

    `places` count from `start`; a layer that another has `made` has none.
    One that is `resized` has other bytes than it was read from. `reset` are the fields whose
    value is to be computed at the end. `below` is, of padding, the layer that left it over.
    """

    id: str
    packet: Packet
    start: int
    end: int
    places: list[Place]
    sightings: Sightings
    below: EditedLayer | None = None
    rebuilt: bool = False
    reset: dict[str, Place] = field(default_factory=dict)
    made: bool = False
    resized: bool = False

    @property
    def all_places(self) -> Iterable[Place]:
        """The places of its fields and of all that they hold, each once."""
        found = {id(place): place for place in self.places}
        for seen in self.sightings.packets.values():
            found[id(seen.place)] = seen.place
            found.update((id(place), place) for place in seen.fields)
        return found.values()


class EditedFrame:
    """The bytes of a frame and the layers that they were dissected to."""

    def __init__(self, frame: bytes, chain: Sequence[TracedLayer], ids: Sequence[str]) -> None:
        self.data = bytearray(frame)
        self.layers: list[EditedLayer] = []
        for traced, layer_id in zip(chain, ids, strict=True):
            layer = edited_layer(layer_id, traced)
            if traced.below is not None:
                layer.below = self.layers[traced.below]
            self.layers.append(layer)

    def bytes_of(self, layer: EditedLayer, place: Place) -> bytes:
        """The bytes that a place touches."""
        start = layer.start + place.bit_offset // 8
        return bytes(self.data[start : layer.start + (place.end + 7) // 8])

    def write_bits(self, layer: EditedLayer, place: Place, number: int) -> None:
        """Put a number into the bits of a place, and nowhere else."""
        place.put(self.data, number, layer.start)
        keep_bytes(layer.packet, bytes(self.data[layer.start : layer.end]))

    def splice(
        self, layer: EditedLayer, at: int, size: int, new: bytes, around: Sequence[Place] = ()
    ) -> None:
        """Put bytes in the place of `size` bytes from `at` of the layer's own.

        What follows moves; the places `around` (what was replaced, and what encloses it)
        grow or shrink with it.
        """
        first = layer.start + at
        trailing = first >= layer.end and size > 0
        self.data[first : first + size] = new
        change = len(new) - size
        enclosing = set(map(id, around))
        for place in layer.all_places:
            if id(place) in enclosing:
                place.bit_length += 8 * change
            elif place.present and place.first >= 8 * (at + size):
                place.move(8 * change)
        if not trailing:
            layer.end += change
            layer.resized = layer.resized or change != 0
        for other in self.layers:
            if other is not layer and other.start >= first + size and self._follows(other, layer):
                other.start += change
                other.end += change
        keep_bytes(layer.packet, bytes(self.data[layer.start : layer.end]))

    def _follows(self, other: EditedLayer, layer: EditedLayer) -> bool:
        return self.layers.index(other) > self.layers.index(layer)

    def content_end(self, layer: EditedLayer) -> int:
        """Where what the layer carries ends: before the padding and trailers of those below."""
        depth = self.layers.index(layer)
        below = self.layers[: depth + 1]
        ends = [len(self.data)]
        ends += [
            other.start
            for other in self.layers
            if other.below is not None and any(other.below is lower for lower in below)
        ]
        ends += [lower.start + place.bit_offset // 8 for lower, place in self._trailers(depth + 1)]
        return max(layer.end, min(ends))

    def cut(self, depth: int) -> None:
        """Take the layers from `depth` on away; those below keep their bytes, trailers too."""
        if depth >= len(self.layers):
            return
        start = self.layers[depth].start if depth else 0
        kept = b""
        for layer, place in self._trailers(depth):
            if layer.start + place.bit_offset // 8 >= start:
                trailer = self.bytes_of(layer, place)
                place.bit_offset = 8 * (start + len(kept) - layer.start)
                kept += trailer
        self.data[start:] = kept
        del self.layers[depth:]
        if self.layers:
            self.layers[-1].packet.remove_payload()

    def _trailers(self, depth: int) -> list[tuple[EditedLayer, Place]]:
        """The fields that stand behind the payload of the first layers, the inner ones first."""
        return [
            (layer, place)
            for layer in reversed(self.layers[:depth])
            for place in layer.places
            if place.present and place.bit_length
            if place.bit_offset >= 8 * (layer.end - layer.start)
        ]


def edited_layer(layer_id: str, traced: TracedLayer) -> EditedLayer:
    """A layer as it was traced, to be changed."""
    return EditedLayer(
        layer_id,
        traced.packet,
        traced.offset,
        traced.header_end,
        traced.places,
        traced.sightings or Sightings(),
        made=traced.made,
    )
