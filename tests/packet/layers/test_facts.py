from __future__ import annotations

import enum
import uuid
from typing import Any

import pytest
from scapy import fields as sf
from scapy.asn1.asn1 import ASN1_INTEGER
from scapy.asn1fields import ASN1F_INTEGER
from scapy.asn1packet import ASN1_Packet
from scapy.packet import Packet, Raw

from scapy_server.packet.layers.facts import FieldFacts, LayerFacts
from scapy_server.packet.layers.field_kinds import Kind
from scapy_server.packet.layers.registry import Registry


class _Inner(Packet):
    pass


def layer(*fields: Any) -> LayerFacts:
    cls = type("_Sample", (Packet,), {"fields_desc": list(fields)})
    return LayerFacts("Sample", "Sample", cls)


def facts(field: Any) -> FieldFacts:
    return layer(field).fields[0]


KINDS: list[tuple[Any, Kind, int | None]] = [
    (sf.ByteField("f", 0), Kind.INTEGER, 8),
    (sf.LEIntField("f", 0), Kind.INTEGER, 32),
    (sf.BitField("f", 0, 3), Kind.INTEGER, 3),
    (sf.ThreeBytesField("f", 0), Kind.INTEGER, 24),
    (sf.NBytesField("f", 0, 6), Kind.INTEGER, 48),
    (sf.ByteEnumField("f", 0, {1: "one"}), Kind.ENUM, 8),
    (sf.BitEnumField("f", 0, 2, {1: "one"}), Kind.ENUM, 2),
    (sf.FlagsField("f", 0, 4, "ABCD"), Kind.FLAGS, 4),
    (sf.IEEEFloatField("f", 0), Kind.FLOAT, 32),
    (sf.IPField("f", None), Kind.IPV4, 32),
    (sf.IP6Field("f", None), Kind.IPV6, 128),
    (sf.MACField("f", None), Kind.MAC, 48),
    (sf.StrField("f", b""), Kind.BYTES, None),
    (sf.PacketField("f", None, _Inner), Kind.LAYER, None),
    (sf.PacketListField("f", [], _Inner), Kind.LAYERS, None),
    (sf.FieldListField("f", [], sf.ByteField("", 0)), Kind.OTHER, None),
]


@pytest.mark.parametrize(("field", "kind", "bits"), KINDS)
def test_kind_and_width(field: Any, kind: Kind, bits: int | None) -> None:
    found = facts(field)
    assert (found.id, found.kind, found.bits) == ("f", kind, bits)
    assert found.class_name == type(field).__name__


@pytest.mark.parametrize("wrap", [sf.Emph, lambda f: sf.ConditionalField(f, lambda _: True)])
def test_what_surrounds_a_field_is_taken_off(wrap: Any) -> None:
    found = facts(wrap(sf.ShortField("f", 7)))
    assert (found.class_name, found.kind, found.default_text) == ("ShortField", Kind.INTEGER, "7")


RANGES: list[tuple[Any, int | None, int | None]] = [
    (sf.ByteField("f", 0), 0, 255),
    (sf.SignedByteField("f", 0), -128, 127),
    (sf.LongField("f", 0), 0, 2**64 - 1),
    (sf.BitField("f", 0, 20), 0, 2**20 - 1),
    (sf.StrField("f", b""), None, None),
]


@pytest.mark.parametrize(("field", "minimum", "maximum"), RANGES)
def test_range(field: Any, minimum: int | None, maximum: int | None) -> None:
    assert (facts(field).minimum, facts(field).maximum) == (minimum, maximum)


class _Colour(enum.Enum):
    RED = 1
    BLUE = 2


@pytest.mark.parametrize("names", [{1: "RED", 2: "BLUE"}, _Colour])
def test_enum(names: Any) -> None:
    assert dict(facts(sf.ByteEnumField("f", 0, names)).enum) == {1: "RED", 2: "BLUE"}


def test_flags_from_the_lowest_bit_up() -> None:
    assert facts(sf.FlagsField("f", 0, 3, ["MF", "DF", "evil"])).flags == ("MF", "DF", "evil")


@pytest.mark.parametrize(("default", "computed"), [(None, True), (0, False)])
def test_numbers_without_default_are_computed(default: int | None, computed: bool) -> None:
    assert facts(sf.ShortField("f", default)).computed is computed
    assert not facts(sf.StrField("f", None)).computed


class _Opaque:
    pass


DEFAULTS: list[tuple[object, str]] = [
    (None, "None"),
    (True, "True"),
    (36864, "36864"),
    (1.5, "1.5"),
    ("0.0.0.0", "'0.0.0.0'"),
    (b"a\x00'", 'b"a\\x00\'"'),
    (bytearray(b"a"), "b'a'"),
    ([1, "a"], "[1, 'a']"),
    ((1,), "(1,)"),
    ((1, (2, 3)), "(1, (2, 3))"),
    ({3, 1, 2}, "{1, 2, 3}"),
    (set(), "set()"),
    ({"b": 1, "a": [2]}, "{'b': 1, 'a': [2]}"),
    (sf.FlagValue(18, "FSRPAU"), "18"),
    (Raw(b"x"), "Raw()"),
    ([Raw(b"x")], "[Raw()]"),
    (ASN1_INTEGER(5), "ASN1_INTEGER(5)"),
    (uuid.UUID(int=0), "UUID()"),
    (_Opaque(), "_Opaque()"),
]


@pytest.mark.parametrize(("default", "text"), DEFAULTS)
def test_default_text_has_no_address_and_no_order_of_chance(default: object, text: str) -> None:
    field: Any = sf.Field("f", None)
    field.default = default
    assert facts(field).default_text == text


class _TurnedAround(sf.ThreeBytesField):
    def getfield(self, pkt: Any, s: bytes) -> tuple[bytes, int]:
        return s[3:], int.from_bytes(s[:3], "little")


@pytest.mark.parametrize(
    ("field", "is_big"),
    [
        (sf.ShortField("f", 0), True),
        (sf.LEShortField("f", 0), False),
        (sf.ThreeBytesField("f", 0), True),
        (sf.LEThreeBytesField("f", 0), False),
        (_TurnedAround("f", 0), False),
        (sf.BitField("f", 0, 4), True),
    ],
)
def test_the_order_of_a_number_is_told_by_what_is_read(field: Any, is_big: bool) -> None:
    assert facts(field).is_big_endian == is_big


def test_a_field_of_several_types_shows_them_all() -> None:
    choice = sf.MultipleTypeField(
        [
            (sf.IPField("f", "0.0.0.0"), lambda packet: packet.a == 0),
            (sf.IP6Field("f", "::"), lambda packet: packet.a == 1),
        ],
        sf.StrField("f", b""),
    )
    found = layer(sf.ByteField("a", 1), choice).by_id["f"]
    assert found.holds_packet_type
    assert [form.kind for form in found.alternatives] == [Kind.IPV4, Kind.IPV6, Kind.BYTES]
    assert {form.id for form in found.alternatives} == {"f"}
    plain = facts(sf.ByteField("f", 0))
    assert plain.alternatives == (plain,)


def test_a_field_that_asks_for_the_layer_below_is_its_fallback() -> None:
    choice = sf.MultipleTypeField(
        [(sf.IPField("f", "0.0.0.0"), lambda packet: packet.underlayer.len == 1)],
        sf.StrField("f", b""),
    )
    assert facts(choice).kind is Kind.BYTES


def test_asn1_fields_which_have_no_format_are_described() -> None:
    number: Any = 3
    described = {"ASN1_root": None, "fields_desc": [ASN1F_INTEGER("f", number)]}
    cls = type("_Sample", (ASN1_Packet,), described)
    found = LayerFacts("Sample", "Sample", cls).fields[0]
    assert (found.bits, found.maximum, found.class_name) == (None, None, "ASN1F_INTEGER")
    assert found.default_text == "ASN1_INTEGER(3)"


def test_ids_may_repeat_and_the_first_is_found() -> None:
    found = layer()
    found.cls.fields_desc = [sf.ByteField("f", 1), sf.ShortField("f", 2)]
    assert [field.index for field in found.fields] == [0, 1]
    assert found.by_id["f"].bits == 8


def test_every_registered_field_can_be_described(registry: Registry) -> None:
    for facts_of_layer in registry:
        for field in facts_of_layer.fields:
            assert field.default_text
            assert field.alternatives
            assert (field.minimum is None) == (field.maximum is None)
