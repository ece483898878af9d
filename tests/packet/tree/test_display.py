from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy import fields as sf
from scapy.layers.inet import IPOption_NOP
from scapy.packet import Packet

from scapy_server import limits
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import new_layer
from scapy_server.packet.tree.display import BINARY, bytes_text, show
from scapy_server.packet.values.field_values import assign, coerce
from tests.packet.cases import SAME, expression, given_bytes


def field_of(name: str, registry: Registry) -> tuple[Packet, FieldFacts]:
    layer_id, field_id = name.split(".")
    layer = registry.layer(layer_id)
    return new_layer(layer.built_class, None), registry.field(layer, field_id)


@pytest.mark.parametrize(
    ("name", "held", "value", "hvalue"),
    [
        ("IP.ttl", 64, 64, "64"),
        ("IP.tos", 16, 16, "0x10"),
        ("IP.chksum", 0x3ACE, 15054, "0x3ace"),
        ("IP.proto", 6, 6, "tcp"),
        ("IP.proto", 200, 200, "200"),
        ("Ether.type", 0x800, 2048, "IPv4"),
        ("Ether.type", 0x9999, 0x9999, "0x9999"),
        ("ARP.op", 1, 1, "who-has"),
        ("ICMP.type", 8, 8, "echo-request"),
        ("TCP.flags", 0x12, 18, "SA"),
        ("TCP.flags", 0x29, 41, "FPU"),
        ("TCP.flags", 0, 0, "0"),  # "" would mean the default, SYN
        ("IP.flags", 0, 0, ""),
        ("IP.flags", 3, 3, "MF+DF"),
        ("IP.flags", 7, 7, "MF+DF+evil"),
        ("IP.src", "16.0.0.1", "16.0.0.1", "16.0.0.1"),
        ("IP.options", [], expression("[]"), SAME),
        (
            "IP.options",
            [IPOption_NOP()],
            expression("[IPOption_NOP()]"),
            SAME,
        ),
        (
            "TCP.options",
            [("MSS", 1460), ("NOP", None), ("SAckOK", b"")],
            expression("[('MSS', 1460), ('NOP', None), ('SAckOK', b'')]"),
            SAME,
        ),
        ("Raw.load", b"text\n\0", given_bytes(b"text\n\0"), "text\n\0"),
        ("Raw.load", b"\x80", given_bytes(b"\x80"), BINARY),
        ("Raw.load", b"", given_bytes(b""), BINARY),
        ("Raw.load", sf.RawVal(b"raw"), given_bytes(b"raw"), "raw"),
        ("IP.len", None, 0, "0"),
        ("IP.src", None, "0.0.0.0", "0.0.0.0"),
        ("IPv6.src", None, "::", "::"),
        ("Ether.src", None, "00:00:00:00:00:00", "00:00:00:00:00:00"),
        ("Raw.load", None, given_bytes(b""), BINARY),
        ("TCP.options", None, expression("None"), SAME),
        ("IP.ttl", True, 1, "1"),
        ("IP.ttl", sf.RawVal(b"\x07"), given_bytes(b"\x07"), "\x07"),
        ("STP.age", 1.5, 1.5, "1.5"),
        ("DUID_UUID.uuid", uuid.UUID(int=7), str(uuid.UUID(int=7)), str(uuid.UUID(int=7))),
        ("BGPNLRI_IPv4.prefix", (8, "10.0.0.0"), "10.0.0.0/8", "10.0.0.0/8"),
        (
            "FileFsVolumeInformation.VolumeLabel",
            "C:".encode("utf-16-le"),
            given_bytes(b"C\0:\0"),
            "C:",
        ),
    ],
    ids=str,
)
def test_what_is_shown(
    name: str, held: object, value: object, hvalue: str, registry: Registry
) -> None:
    packet, field = field_of(name, registry)
    text = value["expr"] if hvalue is SAME and isinstance(value, dict) else hvalue
    assert show(packet, field, held, registry) == (value, text)


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"a", "a"), (b"\0", "\0"), (b"\x7f", "\x7f"), (b"\x80", BINARY), (b"", BINARY)],
)
def test_bytes_as_text(data: bytes, text: str) -> None:
    assert bytes_text(data) == bytes_text(bytearray(data)) == text


def test_what_no_expression_can_say_is_shown_as_bytes(registry: Registry) -> None:
    """A list too long for an expression does not make the packet unreadable."""
    packet, field = field_of("TCP.options", registry)
    options: list[tuple[Any, Any]] = [("NOP", None)] * limits.EXPRESSION_NODES
    value, hvalue = show(packet, field, options, registry)
    assert hvalue == BINARY
    assert isinstance(value, dict)
    assert value["vtype"] == "BYTES"


@pytest.mark.parametrize("bits", [0, 1, 8 * 4096])
def test_a_number_too_large_for_an_expression_is_shown_as_bytes(
    bits: int, registry: Registry
) -> None:
    """A key of SSH may have more digits than Python writes."""
    packet, field = field_of("SSHKexDHInit.e", registry)
    number = (1 << (int(limits.EXPRESSION_INTEGER_BITS) + bits)) - 1
    value, hvalue = show(packet, field, number, registry)
    assert (hvalue == BINARY) is (bits > 0)
    assert isinstance(value, dict) is (bits > 0)


@given(data=st.data())
def test_what_is_shown_of_a_number_means_it(data: st.DataObject, registry: Registry) -> None:
    layer = registry.layer(data.draw(st.sampled_from(["Ether", "IP", "TCP", "ARP", "ICMP", "DNS"])))
    numbers = [field for field in layer.fields if field.maximum is not None]
    field = data.draw(st.sampled_from(numbers))
    assert field.minimum is not None
    assert field.maximum is not None
    number = data.draw(st.integers(field.minimum, field.maximum))
    packet = new_layer(layer.built_class, None)
    value, hvalue = show(packet, field, number, registry)
    assert value == number
    for back in (value, hvalue):
        assert isinstance(back, int | str)
        meant = coerce(field, back)
        assign(packet, field, meant)
        if meant is None:
            assert hvalue == ""
            assert field.inner.default == number
        else:
            assert packet.getfieldval(field.id) == number
