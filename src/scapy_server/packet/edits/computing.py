"""What Scapy computes for fields that are reset: lengths, counts, checksums.

The layer's own bytes are given to its `post_build`, as they are on the wire and with the
reset fields empty, and only the reset fields are taken from what comes back. So a checksum
covers the bytes that are there, not those that Scapy would have written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scapy.packet import Packet

from scapy_server.errors import RefusedError, ScapyServerError, located
from scapy_server.packet.edits.edited import EditedFrame, EditedLayer
from scapy_server.packet.edits.encoding import encoded, fills_bits, number_in
from scapy_server.packet.frames.assembly import built_layer, finished
from scapy_server.packet.frames.place import Place
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import forget_bytes, keep_bytes


def compute(frame: EditedFrame, layer: EditedLayer, registry: Registry) -> None:
    """Compute the reset fields of a layer; what it carries is computed before."""
    if not layer.reset:
        return
    own = bytes(frame.data[layer.start : layer.end])
    behind = frame.content_end(layer)
    payload = bytes(frame.data[layer.end : behind])
    last = layer.start + max(place.end for place in layer.reset.values()) // 8
    with located(f"field {next(iter(layer.reset))}"):
        if last > layer.end:
            trailer = bytes(frame.data[behind:last])
            header = _around(layer, own, payload, trailer, registry)
        else:
            header = computed(layer.packet, layer.reset, own, payload, registry)
    for place in layer.reset.values():
        frame.write_bits(layer, place, place.number(header))
    if layer.resized and last <= layer.end:  # there may be padding in front of the payload
        frame.splice(layer, len(own), 0, header[len(own) :])


def computed(
    packet: Packet, reset: Mapping[str, Place], own: bytes, payload: bytes, registry: Registry
) -> bytes:
    """The bytes of a packet with the fields `reset` computed, and perhaps padding behind them."""
    return _header(packet, _emptied(packet, reset, own, registry), payload)


def _around(
    layer: EditedLayer, own: bytes, payload: bytes, trailer: bytes, registry: Registry
) -> bytes:
    """The whole layer with its payload, for fields that stand behind it."""
    packet, reset = layer.packet, layer.reset
    whole = bytes(_emptied(packet, reset, own + payload + trailer, registry))
    fields = whole[: len(own)] + whole[len(own) + len(payload) :]
    built = _finished(packet, fields, payload, own)
    if len(built) != len(whole):
        raise RefusedError("it stands behind the payload and is not computed; give it a value")
    return built


def _emptied(packet: Packet, reset: Mapping[str, Place], data: bytes, registry: Registry) -> bytes:
    facts = registry.of_class(type(packet))
    empty = bytearray(data)
    for name, place in reset.items():
        place.put(empty, _empty(packet, facts.by_id[name], place))
    return bytes(empty)


def _empty(packet: Packet, field: FieldFacts, place: Place) -> int:
    """What the field holds before `post_build`: 0, or a length that the field counts itself."""
    value: Any = packet.getfieldval(field.id)
    if fills_bits(packet, field, place):
        return number_in(packet, field, value)
    data = encoded(packet, field, value)
    return int.from_bytes(data, "big") if 8 * len(data) == place.bit_length else 0


def _header(packet: Packet, own: bytes, payload: bytes) -> bytes:
    """The layer's bytes with the reset fields computed."""
    if type(packet).do_build is not Packet.do_build:
        return _finished(packet, own, payload, own)
    whole = _finished(packet, own, payload, own)
    if payload and whole.endswith(payload):
        return whole[: len(whole) - len(payload)]
    return whole[: len(own)]


def _finished(packet: Packet, fields: bytes, payload: bytes, own: bytes) -> bytes:
    """What `post_build` makes of the fields and the payload; the packet keeps its own bytes."""
    forget_bytes(packet)
    try:
        if type(packet).do_build is not Packet.do_build:
            whole, length = built_layer(packet, payload)
            return whole[:length]
        return finished(packet, fields, payload)
    except ScapyServerError:
        raise
    except Exception as error:
        reason = str(error).strip().split("\n")[0]
        raise RefusedError(f"it cannot be computed ({reason}); give it a value") from error
    finally:
        keep_bytes(packet, own)
