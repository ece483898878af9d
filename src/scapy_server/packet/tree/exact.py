"""Values that mean the bytes that stand in a frame.

Of some bytes a field reads a value from which it would write other ones: options that are cut
or padded in a way of their own, lines that end otherwise, a list whose items say less than they
were, a text that is shorter than its field. Then the value for programs is the bytes themselves,
as an expression; people are shown what was read, and parts are as ever.
"""

from __future__ import annotations

from typing import Any

import msgspec
from scapy import fields as sf
from scapy.packet import Packet

from scapy_server.packet.frames.parts import Owned
from scapy_server.packet.layers.field_kinds import Kind
from scapy_server.packet.layers.scapy_state import Snapshot
from scapy_server.schema.results import FieldResult

#: Items of a list, packets aside, that are written to be compared; of more the bytes are said.
_MOST_ITEMS = 32
#: Bytes that a field writes in a way of its own to be compared; of more these are said.
_MOST_BYTES = 4096


def exact(owned: Owned, frame: bytes, offset: int, result: FieldResult) -> FieldResult:
    """The result of a field of the layer at `offset`, with a value that means its bytes.

    Numbers and texts as they are always do.
    """
    if not isinstance(result.value, dict):
        return result
    field, place = owned.field, owned.place
    is_said = field.kind is Kind.BYTES and _is_said(field.inner, owned.value)
    is_whole = place.known and place.bit_offset % 8 == place.bit_length % 8 == 0
    if is_said or not is_whole:
        return result
    if not hasattr(field.inner, "addfield"):
        return result  # ASN.1, which takes no bytes for a value
    start, end = offset + place.bit_offset // 8, offset + place.end // 8
    before, data = frame[offset:start], frame[start:end]
    if not data and not owned.value:
        return result
    if not _costs_much(owned, frame):
        written = _written(owned, before)
        # One that writes nothing by itself leaves that to its layer, as NTLM's do.
        if written in (before + data, before) or (written is None and data):
            return result
    means = {"vtype": "EXPRESSION", "expr": f"RawVal({data!r})"}
    return msgspec.structs.replace(result, value=means)


def _is_said(inner: Any, value: Any) -> bool:
    """Whether a field of bytes surely writes those that its value has.

    Others fill up, or encode, as the labels of a name, with or without an end.
    """
    if isinstance(inner, sf.StrFixedLenField):
        return False
    cls = type(inner)
    is_plain = cls.i2m is sf._StrField.i2m and cls.addfield is sf._StrField.addfield
    return is_plain or not isinstance(value, bytes) or len(value) > _MOST_BYTES


def _costs_much(owned: Owned, frame: bytes) -> bool:
    """Whether to write the value may take much longer than to have read it.

    Some fields write each item anew for every one before it, and some make items as long, and
    put them as far behind the packet's end, as it says.
    """
    value = owned.value
    if isinstance(value, bytes) and len(value) > _MOST_BYTES:
        return bool(type(owned.field.inner).i2m is not sf.StrFixedLenField.i2m)
    if isinstance(value, list) and len(value) > _MOST_ITEMS and not isinstance(value[0], Packet):
        return True
    place = getattr(owned.field.inner, "offset_name", None)
    if place is None:
        return False
    packet = owned.packet
    said = (packet.fields[name] for name in packet.fields if name.endswith((place, "Len")))
    return any(isinstance(each, int) and each > len(frame) for each in said)


def _written(owned: Owned, before: bytes) -> bytes | None:
    """What a field makes of the bytes in front of it and its value; None if it makes nothing.

    Some set other fields while they write.
    """
    state = Snapshot.of(owned.packet)
    try:
        data = owned.field.declared.addfield(owned.packet, before, owned.value)
    except Exception:
        return None
    finally:
        state.restore()
    return data if isinstance(data, bytes) else None
