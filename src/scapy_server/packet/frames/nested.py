"""Seeing packets within fields being read.

`install` is called once, when Scapy is loaded. From then on a packet that dissects itself
from `Located` bytes, wherever Scapy makes one, notes where it and its fields stand, and so
do the fields of ASN.1 and CBOR, which read themselves without `getfield`. Packets that are
made of plain bytes are read by Scapy as ever.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import wraps
from typing import Any

from scapy import asn1fields
from scapy.asn1packet import ASN1_Packet
from scapy.config import conf
from scapy.packet import NoPayload, Packet

from scapy_server.packet.frames.budget import count_fields
from scapy_server.packet.frames.located import Located, Seen, consumed, relocated
from scapy_server.packet.frames.place import Place
from scapy_server.packet.frames.reading import read_layer
from scapy_server.packet.layers.scapy_state import keep_bytes, kept_bytes

_NESTED = "_sees_nested_packets"
#: Whether packets that are made of plain bytes are to tell their class instead of reading them.
_telling: ContextVar[bool] = ContextVar("_telling", default=False)


class _Told(BaseException):
    """A packet's class. No `Exception`, as those that make packets go on after one of those."""

    def __init__(self, cls: type[Packet]) -> None:
        super().__init__(cls)
        self.cls = cls


def class_made(make: Callable[..., Packet], data: bytes, underlayer: Packet | None) -> type[Packet]:
    """The class of the packet that a function makes of bytes, which it does not get to read.

    To read them may take as long as all else of a frame together.
    """
    before = _telling.set(True)
    try:
        return type(make(data, _internal=1, _underlayer=underlayer))
    except _Told as told:
        return told.cls
    finally:
        _telling.reset(before)


def install() -> None:
    """Let packets and fields tell where they read; harmless when called again."""
    if hasattr(Packet, _NESTED):
        return
    Packet.dissect = _watched_dissect(Packet.dissect)  # type: ignore[method-assign]
    Packet.copy = _watched_copy(Packet.copy)  # type: ignore[method-assign]
    for cls in _descendants([asn1fields.ASN1F_field, *_cbor_fields()]):
        if "dissect" in cls.__dict__:
            cls.dissect = _watched_field(cls.__dict__["dissect"])  # type: ignore[attr-defined]
    setattr(Packet, _NESTED, True)


def _cbor_fields() -> Iterator[type]:
    """The fields of CBOR, which only newer Scapy has."""
    module = sys.modules.get("scapy.cbor.cborfields")
    if module is not None:
        yield module.CBORF_field


def _descendants(classes: list[type]) -> Iterator[type]:
    seen = set()
    while classes:
        cls = classes.pop()
        if cls not in seen:
            seen.add(cls)
            classes += cls.__subclasses__()
            yield cls


def _watched_dissect(dissect: Callable[[Packet, bytes], None]) -> Any:
    @wraps(dissect)
    def watched(self: Packet, data: bytes) -> None:
        if not isinstance(data, Located):
            if _telling.get():
                raise _Told(type(self))
            count_fields(1 + len(self.fields_desc))
            dissect(self, data)
            if isinstance(self, ASN1_Packet):
                _keep(self, data)
            return
        data.sightings.budget.read_record(len(self.fields_desc))
        reading = read_layer(self, data, nested=True)
        start = data.where[0] if data else 0
        place = data[: reading.own].place if reading.own else Place(8 * start, 0, True)
        data.sightings.packets[id(self)] = Seen(self, place, reading.places, dict(self.fields))
        self.do_dissect_payload(reading.payload)
        if reading.padding and conf.padding:
            self.add_payload(conf.padding_layer(reading.padding))

    return watched


def _keep(packet: ASN1_Packet, data: bytes) -> None:
    """Let ASN.1 that was read build the bytes that it was read from, as other packets do.

    A certificate takes as long to be encoded as a hundred packets to be read, and one whose
    encoding is not the only one it may have would be another one.
    """
    if kept_bytes(packet) is None and isinstance(packet.payload, NoPayload):
        keep_bytes(packet, bytes(data))


def _watched_copy(copy: Callable[[Packet], Packet]) -> Any:
    """Some packets within fields are copied as soon as they are read."""

    @wraps(copy)
    def watched(self: Packet) -> Packet:
        clone = copy(self)
        if isinstance(self.original, Located):
            packets = self.original.sightings.packets
            seen = packets.get(id(self))
            if seen is not None:
                packets[id(clone)] = Seen(clone, seen.place, seen.fields, seen.values)
        return clone

    return watched


def _watched_field(dissect: Callable[[Any, Packet, bytes], bytes]) -> Any:
    @wraps(dissect)
    def watched(self: Any, packet: Packet, data: bytes) -> bytes:
        count_fields(1)
        rest = dissect(self, packet, data)
        if isinstance(data, Located) and isinstance(rest, bytes):
            place = consumed(data, rest)
            name = getattr(self, "name", None)
            if isinstance(name, str) and place.bit_length:
                data.sightings.reads[id(packet), name] = place
            return relocated(data, rest)
        return rest

    return watched
