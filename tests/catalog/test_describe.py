from __future__ import annotations

import ipaddress
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.json import encode
from scapy import fields as sf
from scapy.packet import Packet

from scapy_server.catalog.describe import ENUM_NAMES, IPV6_REGEX, MAC_REGEX, describe, set_or_not
from scapy_server.packet.layers.facts import LayerFacts
from scapy_server.schema.definitions import BitValue, FieldDefinition


class _Underscored(Packet):
    """Not registered in Scapy's list of layers: its name begins with an underscore."""


def definition(*fields: Any) -> FieldDefinition:
    cls = type("_Sample", (_Underscored,), {"fields_desc": list(fields)})
    return describe(LayerFacts("Sample", "Sample", cls).fields)


PLAIN = [
    (sf.ByteField("f", 0), {"type": "NUMBER", "min": 0, "max": 255}),
    (sf.SignedByteField("f", 0), {"type": "NUMBER", "min": -128, "max": 127}),
    (sf.BitField("f", 0, 13), {"type": "NUMBER", "min": 0, "max": 8191}),
    (sf.BitField("f", 0, 31), {"type": "NUMBER", "min": 0, "max": 2**31 - 1}),
    (sf.ThreeBytesField("f", 0), {"type": "NUMBER", "min": 0, "max": 2**24 - 1}),
    (sf.SignedIntField("f", 0), {"type": "NUMBER", "min": -(2**31), "max": 2**31 - 1}),
    (sf.IntField("f", 0), {"type": "NUMBER"}),
    (sf.LongField("f", 0), {"type": "NUMBER"}),
    (sf.ShortField("f", None), {"type": "NUMBER", "auto": True, "min": 0, "max": 65535}),
    (sf.IEEEFloatField("f", 0), {"type": "STRING"}),
    (sf.IPField("f", "0.0.0.0"), {"type": "IP_ADDRESS"}),
    (sf.IP6Field("f", "::"), {"type": "STRING", "regex": IPV6_REGEX}),
    (sf.MACField("f", None), {"type": "MAC_ADDRESS", "regex": MAC_REGEX}),
    (sf.XByteField("f", 0), {"type": "NUMBER"}),
    (sf.XShortField("f", 0), {"type": "NUMBER"}),
    (sf.StrField("f", b""), {"type": "STRING"}),
    (sf.StrFixedLenField("f", b"", 4), {"type": "STRING"}),
    (sf.FieldListField("f", [], sf.ByteField("", 0)), {"type": "EXPRESSION"}),
    (sf.PacketListField("f", [], _Underscored), {"type": "EXPRESSION"}),
    (sf.PacketField("f", None, _Underscored), {"type": "EXPRESSION"}),
    (sf.ConditionalField(sf.ByteField("f", 0), lambda _: True), {"type": "NUMBER", "max": 255}),
]


@pytest.mark.parametrize(("field", "expected"), PLAIN)
def test_kinds(field: Any, expected: dict[str, object]) -> None:
    found = definition(field)
    assert (found.id, found.name) == ("f", "f")
    for member, value in expected.items():
        assert getattr(found, member) == value
    allowed = {"id", "name", "format", *expected, *(["min"] if "max" in expected else [])}
    assert {name for name in found.__struct_fields__ if getattr(found, name) is not UNSET} <= (
        allowed
    )


def test_members_that_do_not_apply_are_left_out() -> None:
    assert encode(definition(sf.StrField("f", b""))) == (
        b'{"id":"f","name":"f","type":"STRING","format":"bytes"}'
    )


FORMATS = [
    (sf.ByteField("f", 0), "decimal"),
    (sf.XByteField("f", 0), "hex"),
    (sf.ByteEnumField("f", 0, {1: "one"}), "name"),
    (sf.ByteEnumField("f", 0, {}), "decimal"),
    (sf.XShortEnumField("f", 0, {}), "hex"),
    (sf.FlagsField("f", 0, 8, "abc"), "flags"),
    (sf.IEEEFloatField("f", 0), "float"),
    (sf.IPField("f", "0.0.0.0"), "ipv4"),
    (sf.IP6Field("f", "::"), "ipv6"),
    (sf.MACField("f", None), "mac"),
    (sf.StrField("f", b""), "bytes"),
    (sf.UUIDField("f", None), "text"),
    (sf.PacketField("f", None, _Underscored), "layer"),
    (sf.PacketListField("f", [], _Underscored), "layers"),
    (sf.FieldListField("f", [], sf.ByteField("", 0)), "expression"),
]


@pytest.mark.parametrize(("field", "expected"), FORMATS)
def test_formats(field: Any, expected: str) -> None:
    assert definition(field).format == expected


ENUMS: list[tuple[str, dict[int, str], dict[str, int]]] = [
    ("in numeric order", {2: "b", 1: "a"}, {"a": 1, "b": 2}),
    (
        "a name used again carries its number",
        {5: "x", 3: "x", 4: "y"},
        {"x": 3, "y": 4, "x (5)": 5},
    ),
    ("a blank name is its number", {0: "", 1: "one"}, {"0": 0, "one": 1}),
    ("numbers beyond the width are left out", {255: "last", 256: "no"}, {"last": 255}),
]


@pytest.mark.parametrize(("case", "names", "expected"), ENUMS)
def test_enum(case: str, names: dict[int, str], expected: dict[str, int]) -> None:
    found = definition(sf.ByteEnumField("f", 0, names))
    assert found.type == "ENUM"
    assert isinstance(found.values_dict, dict)
    assert list(found.values_dict.items()) == list(expected.items())
    assert found.min is UNSET


def test_numbers_beyond_a_java_integer_are_no_choices() -> None:
    found = definition(sf.IntEnumField("f", 0, {2**31 - 1: "last", 2**31: "no"}))
    assert found.values_dict == {"last": 2**31 - 1}
    assert definition(sf.IntEnumField("f", 0, {2**31: "no"})).type == "NUMBER"


@pytest.mark.parametrize(("count", "expected"), [(ENUM_NAMES, "ENUM"), (ENUM_NAMES + 1, "NUMBER")])
def test_long_lists_of_names_become_numbers(count: int, expected: str) -> None:
    names = {number: f"name {number}" for number in range(count)}
    found = definition(sf.ShortEnumField("f", 0, names))
    assert found.type == expected
    assert (found.values_dict is UNSET) == (expected == "NUMBER")


def test_an_empty_enum_is_a_number() -> None:
    found = definition(sf.ByteEnumField("f", 0, {}))
    assert (found.type, found.max, found.values_dict) == ("NUMBER", 255, UNSET)


def test_flags_show_the_highest_bit_first() -> None:
    found = definition(sf.FlagsField("f", 0, 3, ["MF", "DF", "evil"]))
    assert found.type == "BITMASK"
    assert found.bits == [set_or_not("evil", 4), set_or_not("DF", 2), set_or_not("MF", 1)]
    assert set_or_not("SYN", 2).values == [BitValue("Not Set", 0), BitValue("Set", 2)]


def test_flags_of_one_name_are_told_apart() -> None:
    found = definition(sf.FlagsField("f", 0, 3, ["R", "D", "R"]))
    assert isinstance(found.bits, list)
    assert [bit.name for bit in found.bits] == ["R (bit 2)", "D", "R (bit 0)"]


@pytest.mark.parametrize(("bits", "expected"), [(31, "BITMASK"), (32, "STRING")])
def test_flags_beyond_a_java_integer_are_text(bits: int, expected: str) -> None:
    found = definition(sf.FlagsField("f", 0, bits, [f"b{n}" for n in range(bits)]))
    assert found.type == expected
    if isinstance(found.bits, list):
        assert found.bits[0].mask == 2**30


def either(first: Any, other: Any) -> FieldDefinition:
    return definition(sf.MultipleTypeField([(first, lambda _: False)], other))


def test_a_field_of_several_types_is_what_all_of_them_are() -> None:
    same = either(sf.IPField("f", "1.2.3.4"), sf.IPField("f", "0.0.0.0"))
    numbers = either(sf.ByteField("f", 0), sf.ShortField("f", 0))
    too_wide = either(sf.ByteField("f", 0), sf.IntField("f", 0))
    texts = either(sf.IPField("f", "0.0.0.0"), sf.StrField("f", b""))
    lists = either(sf.PacketListField("f", [], _Underscored), sf.StrField("f", b""))
    assert same.type == "IP_ADDRESS"
    assert (numbers.type, numbers.min, numbers.max) == ("NUMBER", 0, 65535)
    assert (too_wide.type, too_wide.min, too_wide.max) == ("NUMBER", UNSET, UNSET)
    assert (texts.type, texts.format) == ("STRING", UNSET)
    assert same.format == "ipv4"
    assert lists.type == "EXPRESSION"


def is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text


_PIECES = st.sampled_from(["", "", "0", "1", "ab", "FFFF", "12345", "g", "1.2.3.4", "1.2.3.256"])


@given(st.lists(_PIECES, max_size=10))
def test_ipv6_regex_agrees_with_the_standard_library(pieces: list[str]) -> None:
    text = ":".join(pieces)
    assert bool(re.match(IPV6_REGEX, text)) == is_ipv6(text)


@given(st.ip_addresses(v=6))
def test_ipv6_regex_knows_short_and_long_forms(address: ipaddress.IPv6Address) -> None:
    assert re.match(IPV6_REGEX, str(address))
    assert re.match(IPV6_REGEX, address.exploded.upper())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00:00:00:01:00:00", True),
        ("aA-Bb-0c-1D-2e-3F", True),
        ("00:00:00:01:00", False),
        ("00:00:00:01:00:00:00", False),
        ("000000010000", False),
        ("0g:00:00:01:00:00", False),
    ],
)
def test_mac_regex(text: str, expected: bool) -> None:
    assert bool(re.match(MAC_REGEX, text)) == expected
