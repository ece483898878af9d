"""Building bytes from a stack of layers, and knowing where each layer lies in them.

The layers are built from the last to the first, each once, the way Scapy's own build
does it; what `post_build` inserts (option padding) or appends (trailers) is accounted
for.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from scapy import fields as sf
from scapy.layers.inet import IP
from scapy.packet import NoPayload, Packet, Padding

from scapy_server import limits, work
from scapy_server.errors import RefusedError, ScapyServerError, located, shown
from scapy_server.naming import layer_place
from scapy_server.packet.layers.scapy_state import kept_bytes, settle, stack_on


@dataclass(frozen=True, slots=True)
class Assembled:
    """The bytes of a stack of layers: layer k has `frame[starts[k]:ends[k]]` for itself."""

    frame: bytes
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def stack(layers: Sequence[Packet]) -> None:
    """Make each layer the payload of the one before it."""
    for lower, upper in pairwise(layers):
        if lower.payload is upper:
            continue
        if not isinstance(lower.payload, NoPayload):
            lower.remove_payload()
        stack_on(lower, upper)


def assemble(layers: Sequence[Packet], ids: Sequence[str]) -> Assembled:
    """Build stacked layers; RefusedError names the layer (by `ids`) and field at fault."""
    header_lengths = [0] * len(layers)
    payload = b""
    for index in range(len(layers) - 1, -1, -1):
        layer = layers[index]
        if isinstance(layer, Padding):
            continue  # stands at the end of the frame, see below
        with located(layer_place(index, ids[index])):
            whole, own = built_layer(layer, payload)
            limits.FRAME_BYTES.check(len(whole))
        header_lengths[index] = _header_length(layer, own, whole, payload)
        payload = whole
    starts = []
    position = 0
    for length in header_lengths:
        starts.append(position)
        position += length
    ends = [start + length for start, length in zip(starts, header_lengths, strict=True)]
    frame = payload
    for index, layer in enumerate(layers):
        if isinstance(layer, Padding):
            starts[index] = len(frame)
            frame += kept_bytes(layer) or _padding_bytes(layer)
            ends[index] = len(frame)
    limits.FRAME_BYTES.check(len(frame))
    return Assembled(frame, tuple(starts), tuple(ends))


def _padding_bytes(layer: Packet) -> bytes:
    load = layer.getfieldval("load")
    return load if isinstance(load, bytes) else bytes(load)


def built_layer(layer: Packet, payload: bytes) -> tuple[bytes, int]:
    """The layer with its payload, and how many bytes its own fields built."""
    work.built(len(payload))
    settle(layer)
    try:
        if type(layer).do_build is not Packet.do_build:
            whole = layer.do_build()
            return whole, _own_length(layer, len(whole) - len(payload))
        own = layer.self_build()
        if kept_bytes(layer) is not None:
            return own + payload, len(own)
        return finished(layer, own, payload), len(own)
    except ScapyServerError:
        raise
    except Exception as error:
        raise _build_refusal(layer, error) from error


def finished(layer: Packet, own: bytes, payload: bytes) -> bytes:
    """The layer's bytes and its payload after `post_build`, which computes and pads."""
    settle(layer)
    # For a pseudo header Scapy copies IP with all that is above it: without its payload.
    below = layer.underlayer if isinstance(layer.underlayer, IP) else None
    carried = NoPayload() if below is None else below.payload
    try:
        if below is not None:
            below.payload = NoPayload()
        whole: bytes | None = layer.post_build(own, payload)
    except Exception:
        computed = [field.name for field in layer.fields_desc if field.default is None]
        if not computed or any(layer.getfieldval(name) is None for name in computed):
            raise
        whole = None  # nothing is left to be computed
    finally:
        if below is not None:
            below.payload = carried
    # A post_build that returns nothing has nothing to change.
    if whole is None:
        return own + payload
    return whole + payload if _forgets(layer, own, payload, whole) else whole


def _forgets(layer: Packet, own: bytes, payload: bytes, whole: bytes) -> bool:
    """Whether a `post_build` hands out nothing of the payload that it was given, as VRRP's."""
    if not payload or len(whole) > len(own):
        return False
    return bool(layer.post_build(own, b"") == layer.post_build(own, b"\0") == whole)


def _own_length(layer: Packet, otherwise: int) -> int:
    try:
        return len(layer.self_build())
    except Exception:
        return max(0, otherwise)


def _header_length(layer: Packet, own: int, whole: bytes, payload: bytes) -> int:
    """Where the payload begins in the layer's bytes.

    Usually behind the fields. Otherwise something was inserted before the payload
    (padding of options), or the payload was changed on the way (compressed, encrypted).
    """
    if len(whole) == own + len(payload):
        return own
    trailing = any(isinstance(field, sf.TrailerField) for field in layer.fields_desc)
    own_build = type(layer).do_build is not Packet.do_build  # it may append, as LLDP does
    if (trailing or own_build) and whole[own : own + len(payload)] == payload:
        return own
    if whole.endswith(payload):
        return len(whole) - len(payload)
    found = whole.find(payload)
    return found if found >= 0 else min(own, len(whole))


#: How Scapy places an error itself, and how Python calls an attribute of nothing.
_PLACED = re.compile(r"^While building field '\w+': ")
_OF_NOTHING = re.compile(r"'NoneType' object has no attribute '(\w+)'")


def _build_refusal(layer: Packet, error: Exception) -> RefusedError:
    """Find the field that cannot be built and say so."""
    reason = _PLACED.sub("", str(error).strip().split("\n")[0])
    missing = _what_is_missing(layer, error)
    readable = reason.isprintable() and 0 < len(reason) < 160
    detail = f" ({reason})" if readable else ""
    data: bytes = b""
    for field in layer.fields_desc:
        value = layer.getfieldval(field.name)
        try:
            data = field.addfield(layer, data, value)
        except Exception:
            where = (f"field {field.name}",)
            if field.name in layer.fields:
                return RefusedError(f"{shown(value)} cannot be built{detail}", where)
            given = f"it cannot be computed: {missing}; give it a value" if missing else ""
            default = f"it has no default that can be built; give it a value{detail}"
            return RefusedError(given or default, where)
    if isinstance(error, struct.error):
        return RefusedError(
            "a length or count that is computed goes beyond its field; let it carry less, or give "
            f"the field a value{detail}"
        )
    return RefusedError(missing or f"the layer cannot be built with these values{detail}")


def _what_is_missing(layer: Packet, error: Exception) -> str:
    """What a layer asked for in vain while it was built, "" where that is not known."""
    if not isinstance(error, AttributeError):
        return ""
    cls, below = type(layer), layer.underlayer
    name = str(error).rpartition(": ")[2]
    if of_nothing := _OF_NOTHING.match(name):
        if below is None:
            return f"{cls.__name__} reads what is below it, and nothing is"
        return f"{cls.__name__} reads {of_nothing[1]} of something that is not there"
    if not name.isidentifier() or name in layer.fields:
        return ""
    derived = sorted(each.__name__ for each in cls.__subclasses__())
    if derived:
        others = ", ".join(derived[:4]) + (" …" if len(derived) > 4 else "")
        return (
            f"{cls.__name__} is only what other layers have in common, and lacks their "
            f"{name}; build one of them: {others}"
        )
    if below is None:
        return f"{cls.__name__} reads {name} of the layer that holds it, and none does"
    return (
        f"{cls.__name__} reads {name} of the layer below it, "
        f"which {type(below).__name__} does not have"
    )
