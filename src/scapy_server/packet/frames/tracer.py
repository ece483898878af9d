"""Dissection that notes where every field lies.

Scapy's dissection is walked layer by layer: each field's `getfield` is called on what
remains, and the bit position before and after it is kept. Layers that dissect
themselves in a way of their own are left to do so, and their fields are found again
in the bytes. Nothing is dissected twice and nothing is built, and whatever Scapy's guesses
and dissectors write into the layers below theirs is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scapy import fields as sf
from scapy.packet import Packet, Padding, Raw

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.packet.layers.scapy_state import Reading, keep_bytes, kept_bytes, link


@dataclass(slots=True)
class Place:
    """Bits of one field from the start of its layer; one that was not read has none."""

    bit_offset: int
    bit_length: int
    present: bool


@dataclass(slots=True)
class TracedLayer:
    """A dissected layer: its packet object, its first byte, its fields' places.

    `header_end` is the position in the frame where the layer's payload begins.
    """

    packet: Packet
    offset: int
    header_end: int
    places: list[Place]


def new_layer(cls: type[Packet], underlayer: Packet | None) -> Packet:
    """An empty instance of exactly this class, whatever its dispatch would choose."""
    packet: Packet = object.__new__(cls)
    try:
        packet.__init__(_internal=1, _underlayer=underlayer)  # type: ignore[misc]
    except TypeError:  # a class with a constructor of its own
        packet.__init__()  # type: ignore[misc]
        packet.underlayer = underlayer
    return packet


#: Makes the packet object of a layer, of its class and with the layer below it.
NewLayer = Callable[[type[Packet], Packet | None], Packet]


def trace_chain(root: type[Packet], frame: bytes, new: NewLayer = new_layer) -> list[TracedLayer]:
    """Dissect a frame from `root` down, choosing the layers as Scapy does.

    The packets of the result are linked as payloads. Bytes that a layer above the root
    cannot be made of become Raw, bytes beyond a layer's stated length become Padding.
    Raises RefusedError if the root itself does not fit the frame.
    """
    chain: list[TracedLayer] = []
    readings: list[Reading] = []
    paddings: list[tuple[bytes, int]] = []
    cls, data, offset = _dispatched(root, frame, None), frame, 0
    while True:
        traced, payload, padding = _trace_or_raw(cls, data, offset, chain, new)
        if chain:
            link(chain[-1].packet, traced.packet)
        chain.append(traced)
        readings.append(Reading.of(traced.packet))
        if padding:
            paddings.append((padding, offset + len(data) - len(padding)))
        if not payload:
            break
        data, offset = payload, traced.header_end
        cls = _guess(traced.packet, data) if len(chain) < limits.DISSECTED_LAYERS else Raw
    for reading in readings:
        reading.restore()
    for data, offset in reversed(paddings):
        traced = trace_layer(Padding, data, offset, None, new)[0]
        link(chain[-1].packet, traced.packet)
        chain.append(traced)
    return chain


def trace_layer(
    cls: type[Packet],
    data: bytes,
    offset: int,
    underlayer: Packet | None,
    new: NewLayer = new_layer,
) -> tuple[TracedLayer, bytes, bytes]:
    """Dissect one layer of exactly this class; also its payload and its padding.

    Whatever Scapy raises on bytes that do not suit the class escapes.
    """
    packet = new(cls, underlayer)
    packet.original = data
    rest = packet.pre_dissect(data)
    if type(packet).do_dissect is Packet.do_dissect:
        rest, places = _walk(packet, rest, len(data) - len(rest))
    else:
        start = rest
        rest = packet.do_dissect(rest) or b""  # some return nothing when nothing is left
        own_bytes = kept_bytes(packet)
        keep_bytes(packet, start[: len(start) - len(rest)] if own_bytes is None else own_bytes)
        places = _find_fields(packet, data[: len(data) - len(rest)])
    own = len(data) - len(rest)
    rest = packet.post_dissect(rest) or b""
    if data.endswith(rest):
        own = len(data) - len(rest)
    payload, padding = packet.extract_padding(rest)
    if not payload and not padding:
        padding = rest  # a class without payloads that drops what follows: it is on the wire
    payload, padding = payload or b"", padding or b""
    length = _position(payload, data, own)
    _clip(places, 8 * length, packet)
    return TracedLayer(packet, offset, offset + length, places), payload, padding


def _clip(places: list[Place], bits: int, packet: Packet) -> None:
    """End fields where the payload begins: some classes hand a part of one on."""
    for place, field in zip(places, packet.fields_desc, strict=True):
        if isinstance(field, sf.TrailerField):
            continue
        if place.bit_offset <= bits < place.bit_offset + place.bit_length:
            place.bit_length = bits - place.bit_offset


def _trace_or_raw(
    cls: type[Packet], data: bytes, offset: int, chain: Sequence[TracedLayer], new: NewLayer
) -> tuple[TracedLayer, bytes, bytes]:
    underlayer = chain[-1].packet if chain else None
    try:
        return trace_layer(cls, data, offset, underlayer, new)
    except Exception as error:
        if not chain:
            raise RefusedError(
                f"a frame of {len(data)} bytes cannot be read as {cls.__name__}"
            ) from error
        return trace_layer(Raw, data, offset, underlayer, new)


def _guess(packet: Packet, payload: bytes) -> type[Packet]:
    try:
        cls = _dispatched(packet.guess_payload_class(payload), payload, packet)
        if not cls.fields_desc and _is_guess_of_raw(cls, payload, packet):
            return Raw  # a frame around nothing, as HTTP around what is not HTTP
    except Exception:
        return Raw  # as Scapy does with a payload whose class cannot be told
    return cls


def _is_guess_of_raw(cls: type[Packet], payload: bytes, underlayer: Packet) -> bool:
    return new_layer(cls, underlayer).guess_payload_class(payload) is Raw


def _dispatched(cls: type[Packet], data: bytes, underlayer: Packet | None) -> type[Packet]:
    if not isinstance(cls, type):  # a function that makes the layer, as below LLC and DHCPv6
        return type(cls(data, _internal=1, _underlayer=underlayer))
    if "dispatch_hook" not in cls.__dict__:
        return cls
    try:
        chosen: object = cls.dispatch_hook(data, _internal=1, _underlayer=underlayer)
    except Exception:
        return Raw
    return chosen if isinstance(chosen, type) and issubclass(chosen, Packet) else Raw


def _walk(packet: Packet, data: bytes, skipped: int) -> tuple[bytes, list[Place]]:
    """Packet.do_dissect with a note of each field's bits; `skipped` bytes came before."""
    total = len(data) + skipped
    places: list[Place] = []
    rest: Any = data
    trailing = 0
    fields = packet.fields_desc
    for index, field in enumerate(fields):
        before = _bit_position(rest, total - trailing)
        left_before = len(rest[0]) if isinstance(rest, tuple) else len(rest)
        rest, value = field.getfield(packet, rest)
        if isinstance(field, sf.ConditionalField) and value is None:
            places.append(Place(before, 0, False))
            continue
        packet.fields[field.name] = value
        if isinstance(field, sf.TrailerField):
            size = left_before - len(rest)
            trailing += size
            places.append(Place(8 * (total - trailing), 8 * size, True))
            continue
        after = _bit_position(rest, total - trailing)
        places.append(Place(before, max(0, after - before), True))
        if not rest and _may_end(field, value):
            places += [Place(after, 0, False) for _ in fields[index + 1 :]]
            break
    if isinstance(rest, tuple):
        rest = rest[0]
    keep_bytes(packet, data[: len(data) - len(rest)])
    return rest, places


def _bit_position(rest: bytes | tuple[bytes, int], total: int) -> int:
    if isinstance(rest, tuple):
        return 8 * (total - len(rest[0])) + rest[1]
    return 8 * (total - len(rest))


def _may_end(field: Any, value: object) -> bool:
    may_end = getattr(sf, "MayEnd", ())
    return isinstance(field, may_end) or (
        value is not None
        and isinstance(field, sf.ConditionalField)
        and isinstance(field.fld, may_end)
    )


def _find_fields(packet: Packet, header: bytes) -> list[Place]:
    """Places of the fields of a layer with a dissection of its own.

    Each present field is looked for in the header, in order, by the bytes that it
    builds; one that cannot be found is shown with the whole header.
    """
    places = []
    position = 0
    for field in packet.fields_desc:
        value = packet.fields.get(field.name)
        if value is None:
            places.append(Place(8 * position, 0, False))
            continue
        encoded = _encoded(packet, field, value)
        found = header.find(encoded, position) if encoded else -1
        if found < 0:
            places.append(Place(0, 8 * len(header), True))
        else:
            position = found + len(encoded)
            places.append(Place(8 * found, 8 * len(encoded), True))
    return places


def _encoded(packet: Packet, field: Any, value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        if hasattr(field, "addfield"):
            encoded = field.addfield(packet, b"", value)
        else:  # ASN.1
            encoded = field.i2m(packet, value)
    except Exception:
        return b""
    return encoded if isinstance(encoded, bytes) else b""


def _position(payload: bytes, data: bytes, consumed: int) -> int:
    """Where the payload begins in the layer's bytes.

    A layer that transforms its payload (decrypts, unpacks) is taken to end where its
    own fields do.
    """
    if data.startswith(payload, consumed):
        return consumed
    found = data.find(payload) if payload else -1
    return found if found >= 0 else consumed
