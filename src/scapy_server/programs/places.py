"""Names of fields and layers become bytes of the packet, and bytes get names.

A name is `Layer.field`, `Layer:N.field` (N counts the layers of that name from 0) or,
where a whole layer is meant, `Layer` or `Layer:N`. A layer goes by its class or its
display name; `|` stands for a dot inside a name (`802|1Q.type`).

Names are as the packet editor offers and sends them.

Source: RPC document, "Field Engine VM instruction model".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from scapy_server import naming
from scapy_server.engine.bounds import PADDED_FRAME_BYTES
from scapy_server.errors import RefusedError, shown
from scapy_server.numbers import whole_number
from scapy_server.packet.frames.layout import BuiltPacket, FieldPlace, LayerLayout
from scapy_server.programs import values
from scapy_server.wording import nearest

CAST_SIZES = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class Place:
    """A byte of the packet and, where it was named, the layer and field of the name."""

    byte: int
    name: str = ""
    layer: LayerLayout | None = None
    field: FieldPlace | None = None

    @property
    def bits(self) -> tuple[int, int]:
        """First bit (from the packet's start) and number of bits of the named field."""
        assert self.layer is not None
        assert self.field is not None
        return self.layer.offset * 8 + self.field.bit_offset, self.field.bit_length

    @property
    def is_bit_field(self) -> bool:
        """Whether the named field does not fill whole bytes."""
        if self.field is None:
            return False
        start, length = self.bits
        return start % 8 != 0 or length % 8 != 0


@dataclass(frozen=True, slots=True)
class MaskWrite:
    """How a mask write reaches a bit field: where, through what, moved how far."""

    pkt_offset: int
    pkt_cast_size: int
    mask: int
    shift: int


CurrentFieldId = Callable[[str, str], str]


def as_given(layer_id: str, field_id: str) -> str:
    """The id of a field where no former ones are known."""
    return field_id


def field_place(
    value: object, packet: BuiltPacket | None, current_field_id: CurrentFieldId = as_given
) -> Place:
    """The place of a field's name or of a byte number; raises RefusedError."""

    def named(name: str, packet: BuiltPacket) -> Place:
        return _named_field(name, packet, current_field_id)

    return _place(value, packet, named, 'a field such as "IP.src" or a byte number')


def layer_place(value: object, packet: BuiltPacket | None) -> Place:
    """The place of a layer's name or of a byte number; raises RefusedError."""
    return _place(value, packet, _named_layer, 'a layer such as "IP" or a byte number')


def _place(
    value: object,
    packet: BuiltPacket | None,
    named: Callable[[str, BuiltPacket], Place],
    expected: str,
) -> Place:
    byte = whole_number(value)
    if byte is not None:
        if byte < 0:
            raise RefusedError(f"{byte} is before the packet; bytes count from 0")
        return Place(byte)
    if not isinstance(value, str) or not value.strip():
        raise values.unfit(value, expected)
    if packet is None:
        raise RefusedError(f"{shown(value)} is {expected} only where the packet is given")
    return named(value.strip(), packet)


def _named_field(name: str, packet: BuiltPacket, current_field_id: CurrentFieldId) -> Place:
    part = _named_part(name, packet) if "." in name else None
    if part is not None:
        return part
    if name.count(".") != 1:
        raise RefusedError(
            f'{shown(name)} is not a field; write "Layer.field" or "Layer:N.field" with one dot'
            ' ("|" for a dot in a name: "802|1Q.type"), or a byte number'
        )
    layer_name, _, field_name = name.partition(".")
    layer = _find_layer(layer_name, packet)
    wanted = field_name.replace("|", ".")
    current = current_field_id(layer.id, wanted)
    places = [place for place in layer.fields if place.field.id == current]
    if not places:
        known = [place.field.id for place in layer.fields]
        raise RefusedError(f"{layer.id} has no field {shown(wanted)}{nearest(wanted, known)}")
    return _first_present(places, name, layer)


def _first_present(places: Sequence[FieldPlace], name: str, layer: LayerLayout) -> Place:
    """The first one that takes bytes; raises RefusedError where none does."""
    for place in places:
        if place.present and place.bit_length:
            return Place(layer.offset + place.bit_offset // 8, name, layer, place)
    if not all(place.known for place in places):
        raise RefusedError(f"the place of {name} in this packet is not known")
    raise RefusedError(f"{name} takes no bytes in this packet")


def _named_part(name: str, packet: BuiltPacket) -> Place | None:
    """The place of a path such as `DNS.qd[0].qtype`; None of a name that is no path."""
    layer_name, _, path = name.partition(".")
    if not ("." in path or "[" in path):
        return None
    if not any(_is_named(layer, layer_name) for layer in packet.layers):
        return None
    layer = _find_layer(layer_name, packet)
    if layer.inside is None:
        return None
    try:
        place = layer.inside(path)
    except RefusedError as error:
        raise RefusedError(f"{shown(name)} is not a field: {error.problem}") from error
    return _first_present([place], name, layer)


def _is_named(layer: LayerLayout, name: str) -> bool:
    plain = name.partition(":")[0].replace("|", ".")
    return plain in (layer.id, layer.name)


def _named_layer(name: str, packet: BuiltPacket) -> Place:
    layer = _find_layer(name, packet)
    return Place(layer.offset, name, layer)


def _find_layer(name: str, packet: BuiltPacket) -> LayerLayout:
    try:
        plain, ordinal = naming.split_name(name)
    except ValueError:  # a display name with a colon
        plain, ordinal = name, 0
    wanted = plain.replace("|", ".")
    # A class id is exact; the display name is asked only where no class has that name.
    found = [layer for layer in packet.layers if layer.id == wanted] or [
        layer for layer in packet.layers if layer.name == wanted
    ]
    if not found:
        known = [name for layer in packet.layers for name in (layer.id, layer.name)]
        raise RefusedError(f"the packet has no layer {shown(wanted)}{nearest(wanted, known)}")
    if ordinal >= len(found):
        count = f"only {len(found)}" if len(found) > 1 else "only one"
        raise RefusedError(
            f"{shown(name)} counts from 0 and the packet has {count} {wanted} layer"
            + "s" * (len(found) > 1)
        )
    return found[ordinal]


def mask_write(place: Place) -> MaskWrite | None:
    """The mask write that sets exactly the named bit field, if one can."""
    start, length = place.bits
    for cast_size in CAST_SIZES:
        shift = cast_size * 8 - start % 8 - length
        if shift >= 0:
            return MaskWrite(start // 8, cast_size, ((1 << length) - 1) << shift, shift)
    return None


def padded_length(packet: BuiltPacket) -> int:
    """Bytes that the engine has: it pads a short packet with zeros before it starts."""
    return max(len(packet.frame), PADDED_FRAME_BYTES)


def layer_names(packet: BuiltPacket) -> Iterator[tuple[str, LayerLayout]]:
    """Each layer with the name that finds it: its id, with its number where it repeats."""
    names = naming.layer_names(layer.id.replace(".", "|") for layer in packet.layers)
    yield from zip(names, packet.layers, strict=True)


def field_name(packet: BuiltPacket, byte: int, size: int) -> str | None:
    """The name of the field of whole bytes that starts there and holds `size` bytes."""
    return _name_where(
        packet,
        lambda start, length: (
            start == byte * 8 and length >= size * 8 and start % 8 == 0 and length % 8 == 0
        ),
    )


def masked_field_name(packet: BuiltPacket, write: MaskWrite) -> str | None:
    """The name of the field whose bits are those of the mask, and that starts there."""
    width = write.pkt_cast_size * 8
    used = write.mask.bit_length()
    run = write.mask & -write.mask
    if not run or write.mask.bit_count() != used - run.bit_length() + 1:
        return None
    start, length = write.pkt_offset * 8 + width - used, write.mask.bit_count()
    return _name_where(
        packet,
        lambda first, bits: (first, bits) == (start, length) and first // 8 == write.pkt_offset,
    )


def layer_name(packet: BuiltPacket, byte: int) -> str | None:
    """The name of the layer that starts at that byte; the last if some are empty."""
    return {layer.offset: name for name, layer in layer_names(packet)}.get(byte)


def _name_where(packet: BuiltPacket, fits: Callable[[int, int], bool]) -> str | None:
    for layer_text, layer in layer_names(packet):
        seen: set[str] = set()
        for place in layer.fields:
            if not place.present or not place.bit_length or place.field.id in seen:
                continue
            seen.add(place.field.id)
            if fits(layer.offset * 8 + place.bit_offset, place.bit_length):
                return f"{layer_text}.{place.field.id.replace('.', '|')}"
    return None
