"""What is known of a layer class and its fields, computed once from Scapy.

`LayerFacts` and `FieldFacts` are how the rest of the service sees Scapy's classes:
parsing asks them what a value may be, the field tree how to show it, the catalogue
how to describe it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from scapy import asn1fields as asn1
from scapy import fields as sf
from scapy.asn1.asn1 import ASN1_Object
from scapy.packet import Packet

from scapy_server.packet.layers.field_kinds import (
    Kind,
    bits_of,
    declared_size,
    enum_of,
    flags_of,
    kind_of,
    names_form,
    number_form_of,
    range_of,
)
from scapy_server.packet.layers.number_form import NumberForm

_TEXT_CLASSES = (sf.UUIDField, sf.CharEnumField, asn1.ASN1F_OID)


def unwrap(field: Any, packet: Packet | None) -> Any:
    """The field that does the work: conditions, padding and emphasis taken off.

    A field whose type depends on its packet is resolved for `packet`; where the packet
    stands alone and the field asks for the layer below, it is the field's fallback.
    """
    while isinstance(field, sf._FieldContainer):
        if isinstance(field, sf.MultipleTypeField):
            field = _alternative(field, packet)
        else:
            field = field.fld
    return field


def _alternative(field: Any, packet: Packet | None) -> Any:
    if packet is None:
        return field.dflt
    try:
        return field._find_fld_pkt_val(packet, packet.getfieldval(field.name))[0]
    except Exception:
        return field.dflt


@dataclass(frozen=True)
class FieldFacts:
    """One field of one layer class.

    `declared` is the field as the class declares it, `inner` the field that reads and
    writes the bytes. `bits` is the width, or None where it varies. `minimum` and
    `maximum` bound an integer. `enum` maps numbers to names, `flags` lists the names
    from the lowest bit up ("" where a bit has none). `computed` fields are filled in
    at build time when no value is given.
    """

    id: str
    index: int
    declared: Any
    inner: Any
    kind: Kind
    bits: int | None
    minimum: int | None
    maximum: int | None
    enum: Mapping[int, str]
    flags: tuple[str, ...]
    computed: bool

    @cached_property
    def is_bit_field(self) -> bool:
        """Whether the field is placed by bits; clients show its length as 0."""
        return isinstance(self.inner, sf._BitField)

    @cached_property
    def is_wide_text(self) -> bool:
        """Whether people write the field's bytes as the text that they encode in UTF-16."""
        return isinstance(self.inner, sf.StrFieldUtf16)

    @cached_property
    def holds_packet_type(self) -> bool:
        """Whether the field's type depends on other fields of its packet."""
        return isinstance(_without_conditions(self.declared), sf.MultipleTypeField)

    @cached_property
    def is_named_by_packet(self) -> bool:
        """Whether the names of the field's numbers depend on another field of its packet."""
        return isinstance(self.inner, sf._MultiEnumField)

    @cached_property
    def number_form(self) -> NumberForm | None:
        """How the field's numbers are written, None if not in one of the usual ways."""
        if self.is_named_by_packet:
            return names_form(self.enum, self.minimum, self.maximum)
        return number_form_of(self.inner, self.kind)

    @cached_property
    def is_big_endian(self) -> bool:
        """Whether the bits of a number stand in network order.

        Of whole bytes the field is let read some: what its format says, it may turn around.
        """
        if isinstance(self.inner, sf._BitField):
            return not self.inner.rev
        data = bytes(range(1, (self.bits or 0) // 8 + 1))
        try:
            rest, number = self.inner.getfield(None, data)
            return rest == b"" and int(number) == int.from_bytes(data, "big")
        except Exception:  # it asks its packet
            return False

    @property
    def class_name(self) -> str:
        """The name of the Scapy class that reads and writes the field."""
        return type(self.inner).__name__

    @property
    def default_text(self) -> str:
        """The default as a Python literal where it is one, else what kind of thing it is.

        The same on every host and in every process: no address, no drawn value.
        """
        return _literal(self.inner.default)

    @property
    def alternatives(self) -> tuple[FieldFacts, ...]:
        """The field in each of the types that it may take; itself if there is but one."""
        choice = _without_conditions(self.declared)
        if not isinstance(choice, sf.MultipleTypeField):
            return (self,)
        inners = [unwrap(field, None) for field, *_ in choice.flds]
        inners.append(unwrap(choice.dflt, None))
        return tuple(_describe(self.declared, inner, self.index) for inner in inners)

    @cached_property
    def item(self) -> FieldFacts | None:
        """The field of each item, of a list of one kind of field."""
        if not isinstance(self.inner, sf.FieldListField):
            return None
        return _describe(self.inner.field, unwrap(self.inner.field, None), 0)

    @cached_property
    def holds_text(self) -> bool:
        """Whether text is the field's own form although it is no string of bytes."""
        default = self.inner.default
        if isinstance(default, tuple):
            return isinstance(self.inner.i2h(None, default), str)  # a prefix with its length
        return isinstance(self.inner, _TEXT_CLASSES) or isinstance(default, str)

    @cached_property
    def takes_as_it_is(self) -> type[int] | type[bytes] | None:
        """The type of which Scapy is given the values of the field that are in its bounds."""
        inner = self.inner
        converted = (asn1.ASN1F_field, sf.FixedPointField, sf.StrFixedLenField, sf.StrFieldUtf16)
        if self.holds_packet_type or isinstance(inner, converted) or hasattr(inner, "fields_map"):
            return None
        if isinstance(inner.default, tuple):
            return None
        if self.kind in _COMPUTED_KINDS and self.minimum is not None:
            return int
        return bytes if self.kind is Kind.BYTES and isinstance(inner, sf._StrField) else None

    @cached_property
    def nominal_length(self) -> int:
        """Bytes shown for an absent or empty field: its size as declared, 0 for bits."""
        return 0 if self.is_bit_field else declared_size(self.inner)

    def for_packet(self, packet: Packet) -> FieldFacts:
        """The facts with packet-dependent types and names resolved for `packet` as it stands."""
        facts = self._with_inner(unwrap(self.declared, packet)) if self.holds_packet_type else self
        return facts._named_for(packet) if facts.is_named_by_packet else facts

    def _named_for(self, packet: Packet) -> FieldFacts:
        try:
            chooser = self.inner.depends_on(packet)
        except Exception:
            return self
        return self._by_chooser.get(chooser, self) if isinstance(chooser, int) else self

    @cached_property
    def _by_chooser(self) -> Mapping[int, FieldFacts]:
        """The facts by the value of the field that the names depend on."""
        return {
            chooser: replace(self, enum={int(n): str(name) for n, name in names.items()})
            for chooser, names in self.inner.i2s_multi.items()
        }

    def for_value(self, packet: Packet, value: object) -> FieldFacts:
        """The facts with a packet-dependent type resolved as if `packet` held `value`."""
        choice = _without_conditions(self.declared)
        inner, _ = choice._find_fld_pkt_val(packet, value)
        return self._with_inner(unwrap(inner, packet))

    def _with_inner(self, inner: Any) -> FieldFacts:
        if inner is self.inner:
            return self
        facts = self._others.get(id(inner))  # which they keep, so that no other gets its id
        if facts is None:
            facts = self._others[id(inner)] = _describe(self.declared, inner, self.index)
        return facts

    @cached_property
    def _others(self) -> dict[int, FieldFacts]:
        """The facts with the other types that the field may have, by the id of what does the work.

        These are the class's own, of which there are few.
        """
        return {}


@dataclass(frozen=True)
class LayerFacts:
    """One layer class under the id that clients use.

    A new layer of a class that cannot be built is its `stand_in`, if there is one.
    """

    id: str
    name: str
    cls: type[Packet]
    stand_in: type[Packet] | None = None

    @cached_property
    def fields(self) -> tuple[FieldFacts, ...]:
        """The fields in declaration order; ids may repeat."""
        declared = self.built_class.fields_desc
        several_types = any(
            isinstance(_without_conditions(field), sf.MultipleTypeField) for field in declared
        )
        sample = _sample(self.built_class) if several_types else None
        return tuple(
            _describe(field, unwrap(field, sample), index) for index, field in enumerate(declared)
        )

    @cached_property
    def built_class(self) -> type[Packet]:
        """The class of a new layer: some classes stand for one of their subclasses."""
        if self.stand_in is not None:
            return self.stand_in
        if "dispatch_hook" not in self.cls.__dict__:
            return self.cls
        try:
            chosen: type[Packet] = self.cls.dispatch_hook()
        except Exception:
            return self.cls  # it can only choose by bytes
        return chosen if issubclass(chosen, self.cls) else self.cls

    @cached_property
    def by_id(self) -> Mapping[str, FieldFacts]:
        """The fields by their id; the first of those that share one."""
        named: dict[str, FieldFacts] = {}
        for field in self.fields:
            named.setdefault(field.id, field)
        return named


def _sample(cls: type[Packet]) -> Packet | None:
    try:
        packet: Packet = object.__new__(cls)
        packet.__init__(b"", _internal=1)  # type: ignore[misc]
    except Exception:
        return None  # a class that needs arguments; its fields are described without a packet
    return packet


def _without_conditions(field: Any) -> Any:
    while isinstance(field, sf._FieldContainer) and not isinstance(field, sf.MultipleTypeField):
        field = field.fld
    return field


def _describe(declared: Any, inner: Any, index: int) -> FieldFacts:
    kind = kind_of(inner)
    bits = bits_of(inner)
    minimum, maximum = range_of(inner, kind, bits)
    return FieldFacts(
        id=declared.name,
        index=index,
        declared=declared,
        inner=inner,
        kind=kind,
        bits=bits,
        minimum=minimum,
        maximum=maximum,
        enum=enum_of(inner) if kind is Kind.ENUM else {},
        flags=flags_of(inner) if kind is Kind.FLAGS else (),
        computed=inner.default is None and kind in _COMPUTED_KINDS,
    )


_COMPUTED_KINDS = {Kind.INTEGER, Kind.ENUM, Kind.FLAGS}


def _literal(value: object) -> str:
    if value is None or isinstance(value, bool):
        return repr(value)
    if isinstance(value, int | sf.FlagValue):
        return repr(int(value))
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, str):
        return repr(str(value))
    if isinstance(value, bytes | bytearray):
        return repr(bytes(value))
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(map(_literal, value)))}}}" if value else "set()"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_literal(k)}: {_literal(v)}' for k, v in value.items())}}}"
    content = _literal(value.val) if isinstance(value, ASN1_Object) else ""
    return f"{type(value).__name__}({content})"
