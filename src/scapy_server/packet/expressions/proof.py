"""Layers that are surely made again by a text of their fields, told without making them.

What the text makes is a packet of the same class with the same values, stacked in the same way.
So it builds the same bytes as the values that were read do, if nothing else takes part: fields
that write what they are given, and methods that speak of nothing but fields. These values are
written here, field by field, and compared with what the packet was read from. To make the packet
and build it takes ten times as long.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from scapy import fields as sf
from scapy.packet import NoPayload, Packet, Raw

from scapy_server.addresses import ipv4, ipv6, mac
from scapy_server.packet.expressions.layers import layers_in
from scapy_server.packet.layers.facts import FieldFacts, LayerFacts
from scapy_server.packet.layers.field_kinds import Kind
from scapy_server.packet.layers.methods import speaks_of_fields
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import kept_bytes, new_layer

#: By what a class makes, stacks and builds packets, besides `post_build`.
_MAKING = (
    *("__init__", "__getattr__", "__iter__", "clone_with", "copy"),
    *("init_fields", "do_init_fields", "do_init_cached_fields", "prepare_cached_fields"),
    *("getfieldval", "getfield_and_val", "setfieldval", "delfieldval", "get_field"),
    *("add_payload", "remove_payload", "add_underlayer", "remove_underlayer", "add_parent"),
    *("build", "do_build", "self_build", "do_build_payload", "build_padding", "build_done"),
    *("pre_dissect", "do_dissect", "post_dissect", "dissect", "__bytes__"),
)
#: By what a field makes bytes of what it is given.
_WRITING = ("addfield", "i2m", "any2i", "any2i_one", "h2i", "randval")
_NUMBERS = (Kind.INTEGER, Kind.ENUM, Kind.FLAGS)
_ADDRESSES = {Kind.IPV4: ipv4, Kind.IPV6: ipv6, Kind.MAC: mac}
#: What functions may ask of a packet besides its fields.
_NAMES = frozenset({"getfieldval", "fields"})
_HOLDING = (sf.PacketField, sf.PacketLenField, sf.PacketListField)
_UNSURE = sf.StrFieldUtf16, sf.BitLenField, sf.FixedPointField


class _Written(NamedTuple):
    """A field that writes what it is given and nothing else; `holds` says whether packets."""

    facts: FieldFacts
    holds: bool


class _Writing(NamedTuple):
    """How a class writes itself: its fields, and how many layers an empty one consists of."""

    fields: tuple[_Written, ...]
    layers: int


class Made(NamedTuple):
    """What a text of fields makes: so many layers, which build these bytes."""

    data: bytes
    layers: int


class Proof:
    """Tells what texts of packets make, of each packet once."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        #: By the packet's id; the packets stay, so that no other gets it.
        self._known: dict[int, tuple[Packet, Made | None]] = {}

    def made_again(self, packet: Packet) -> Made | None:
        """What a text of the fields of a packet and its payload makes, None if that is not sure.

        Of packets that were dissected it is only what they were read from.
        """
        known = self._known.get(id(packet))
        if known is not None:
            return known[1]
        try:
            made = self._made(packet)
        except Exception:  # a value that is not of its field's kind
            made = None
        self._known[id(packet)] = packet, made
        return made

    def _made(self, packet: Packet) -> Made | None:
        data, layers = b"", 0
        if not isinstance(packet.payload, NoPayload):
            above = self.made_again(packet.payload)
            if above is None:
                return None
            data, layers = above
        cls, kept = type(packet), kept_bytes(packet)
        writing = _writing(self._registry.of_class(cls))
        if writing is None or kept is None or packet.fields_desc is not cls.fields_desc:
            return None
        own = self._written(packet, writing)
        if own is None:
            return None
        layers += own.layers + writing.layers
        finishes = cls.post_build is not Packet.post_build
        whole = packet.post_build(own.data, data) if finishes else own.data + data
        return Made(whole, layers) if whole == kept + data else None

    def _written(self, packet: Packet, writing: _Writing) -> Made | None:
        """What the fields write, and how many layers they hold; None of others than declared."""
        data, layers = b"", 0
        left = len(packet.fields)
        for field, holds in writing.fields:
            if field.id not in packet.fields:
                value = packet.getfieldval(field.id)
            else:
                left -= 1
                value = packet.fields[field.id]
                if holds:
                    inside = self._inside(value)
                    if inside is None:
                        return None
                    layers += inside
                else:
                    value = _assigned(packet, field, value)
            data = field.declared.addfield(packet, data, value)
        return None if left else Made(data, layers)

    def _inside(self, value: Any) -> int | None:
        """How many layers the packets consist of that a field holds, None if one is not sure."""
        layers = 0
        for each in value if isinstance(value, list) else [value]:
            made = self.made_again(each) if isinstance(each, Packet) else None
            if made is None:
                return None
            layers += made.layers
        return layers


def _assigned(packet: Packet, field: FieldFacts, value: Any) -> Any:
    """What the field has once it is given what the text of a value means; ValueError of others."""
    if isinstance(value, sf.FlagValue) and type(field.inner).any2i is sf.FlagsField.any2i:
        return value
    if field.kind in _NUMBERS and isinstance(value, int | sf.FlagValue):
        given: Any = int(value)
        assert field.minimum is not None and field.maximum is not None
        if not field.minimum <= given <= field.maximum:
            raise ValueError(value)
    elif field.kind is Kind.BYTES and isinstance(value, bytes):
        given = bytes(value)
    elif field.kind in _ADDRESSES and isinstance(value, str):
        given = _ADDRESSES[field.kind](str(value))
    else:
        raise ValueError(value)
    return field.declared.any2i(packet, given)


@cache
def _writing(layer: LayerFacts) -> _Writing | None:
    """How a class writes itself, None if others than its fields take part."""
    cls = layer.cls
    makes_itself = any(
        getattr(cls, name, None) is not getattr(Packet, name, None)
        for name in _MAKING
        if not (cls is Raw and name == "__init__")  # which takes bytes, and does nothing else
    )
    finishes = cls.post_build is Packet.post_build or speaks_of_fields(cls.post_build, _NAMES)
    names = [field.id for field in layer.fields]
    if makes_itself or not finishes or layer.built_class is not cls:
        return None
    if not names or len(set(names)) < len(names) or not all(map(_writes_alone, layer.fields)):
        return None
    fields = (_Written(field, isinstance(field.inner, _HOLDING)) for field in layer.fields)
    return _Writing(tuple(fields), layers_in(new_layer(cls, None)))


def _writes_alone(field: FieldFacts) -> bool:
    """Whether what a field writes depends on the fields of its packet alone."""
    declared, inner = field.declared, field.inner
    while declared is not inner:
        if isinstance(declared, sf.ConditionalField):
            if not speaks_of_fields(declared.cond, _NAMES):
                return False
        elif not isinstance(declared, sf.Emph):
            return False
        declared = declared.fld
    if not isinstance(inner, sf.Field) or isinstance(inner, _UNSURE):
        return False
    if isinstance(inner, sf.StrFixedLenField) and not speaks_of_fields(inner.length_from, _NAMES):
        return False
    known = field.kind in _NUMBERS and field.minimum is not None
    known = known or field.kind is Kind.BYTES or field.kind in _ADDRESSES
    methods = (getattr(type(inner), name, None) for name in _WRITING)
    return (known or isinstance(inner, _HOLDING)) and all(
        method is None or method.__module__ == sf.__name__ or speaks_of_fields(method, _NAMES)
        for method in methods
    )
