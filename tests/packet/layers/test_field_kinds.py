"""What is told of a field from its class."""

from __future__ import annotations

from typing import Any

import pytest
from scapy import asn1fields as asn1
from scapy import fields as sf
from scapy.asn1.asn1 import ASN1_INTEGER
from scapy.layers.l2 import Ether
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
from scapy_server.packet.layers.registry import Registry


class _Own(sf.ByteField):
    """Shows its number in a way of its own."""

    def i2repr(self, pkt: Packet | None, x: int) -> str:
        return f"<{x}>"


class _Signed(sf.ByteField):
    """Reads its byte as a number from -128 on."""

    def m2i(self, pkt: Packet | None, x: int) -> int:
        return x - 256 if x > 127 else x


class _Packing(sf.Field[Any, Any]):
    """Packs its value itself."""

    def addfield(self, pkt: Any, s: bytes, val: Any) -> bytes:
        return s + bytes(val)


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        (sf.ShortField("f", 0), Kind.INTEGER),
        (sf.ShortEnumField("f", 0, {}), Kind.ENUM),
        (sf.FlagsField("f", 0, 8, "AB"), Kind.FLAGS),
        (sf.SourceIPField("f"), Kind.IPV4),
        (sf.StrLenField("f", b"", length_from=lambda packet: 3), Kind.BYTES),
        (sf.FieldListField("f", [], sf.ByteField("", 0)), Kind.OTHER),
        (sf.PacketField("f", None, Ether), Kind.LAYER),
        (sf.PacketListField("f", [], Ether), Kind.LAYERS),
        (asn1.ASN1F_INTEGER("f", ASN1_INTEGER(0)), Kind.INTEGER),
        (asn1.ASN1F_enum_INTEGER("f", ASN1_INTEGER(0), {}), Kind.ENUM),
        (asn1.ASN1F_STRING("f", None), Kind.BYTES),
        (_Packing("f", b"x"), Kind.BYTES),
        (_Packing("f", []), Kind.OTHER),
    ],
)
def test_kinds(field: Any, kind: Kind) -> None:
    assert kind_of(field) is kind


@pytest.mark.parametrize(
    ("field", "bits", "size"),
    [
        (sf.ByteField("f", 0), 8, 1),
        (sf.BitField("f", 0, 13), 13, 0),
        (sf.X3BytesField("f", 0), 24, 3),
        (sf.LEThreeBytesField("f", 0), 24, 3),
        (sf.StrFixedLenField("f", b"", 5), 40, 0),
        (sf.StrField("f", b""), None, 0),
        (sf.BitLenField("f", 0, length_from=lambda packet: 3), None, 0),
        (_Packing("f", b"", "4s"), None, 4),
    ],
)
def test_widths(field: Any, bits: int | None, size: int) -> None:
    assert bits_of(field) == bits
    if size:
        assert declared_size(field) == size


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (sf.ByteField("f", 0), (0, 255)),
        (sf.SignedShortField("f", 0), (-32768, 32767)),
        (sf.BitField("f", 0, 3), (0, 7)),
        (_Signed("f", 0), (-128, 127)),
        (sf.StrField("f", b""), (None, None)),
    ],
)
def test_ranges(field: Any, expected: tuple[int | None, int | None]) -> None:
    assert range_of(field, kind_of(field), bits_of(field)) == expected


def test_names_of_numbers_and_of_bits() -> None:
    assert enum_of(sf.ByteEnumField("f", 0, {1: "one", 2: "two"})) == {1: "one", 2: "two"}
    assert enum_of(sf.ByteField("f", 0)) == {}
    assert flags_of(sf.FlagsField("f", 0, 3, "ABCD")) == ("A", "B", "C")
    assert flags_of(sf.FlagsField("f", 0, 2, ["syn", "ack"])) == ("syn", "ack")


@pytest.mark.parametrize(
    ("field", "number", "text"),
    [
        (sf.ByteField("f", 0), 7, "7"),
        (sf.XByteField("f", 0), 7, "0x7"),
        (sf.ByteEnumField("f", 0, {1: "one"}), 1, "one"),
        (sf.ByteEnumField("f", 0, {1: "one"}), 2, "2"),
        (sf.XShortEnumField("f", 0, {1: "one"}), 2, "0x2"),
        (sf.FlagsField("f", 0, 3, "ABC"), 5, "AC"),
    ],
)
def test_numbers_are_written_as_scapy_shows_them(field: Any, number: int, text: str) -> None:
    form = number_form_of(field, kind_of(field))
    assert form is not None
    assert form.show(number) == text
    assert str(field.i2repr(None, field.any2i(None, number))).strip("'") == text


@pytest.mark.parametrize(
    "field", [_Own("f", 0), sf.StrField("f", b""), asn1.ASN1F_INTEGER("f", ASN1_INTEGER(0))]
)
def test_a_class_with_a_way_of_its_own_has_no_form(field: Any) -> None:
    assert number_form_of(field, kind_of(field)) is None


def test_a_name_that_is_a_number_means_the_number() -> None:
    form = names_form({1: "one", 2: "7"}, 0, 255)
    assert form is not None
    assert (form.show(1), form.show(2)) == ("one", "2")
    assert names_form({1: "one"}, None, None) is None


def test_every_field_of_every_layer_is_of_a_kind(registry: Registry) -> None:
    kinds = {field.kind for layer in list(registry)[:200] for field in layer.fields}
    assert {Kind.INTEGER, Kind.ENUM, Kind.BYTES, Kind.FLAGS} <= kinds
