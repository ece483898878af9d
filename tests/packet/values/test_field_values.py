from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.packet import Packet

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import new_layer
from scapy_server.packet.values.field_values import CLEARED, assign, assign_machine, coerce


def field_of(name: str, registry: Registry) -> tuple[Packet, FieldFacts]:
    """The field named "Layer.field" and a fresh packet of the layer."""
    layer_id, field_id = name.split(".")
    layer = registry.layer(layer_id)
    return new_layer(layer.built_class, None), registry.field(layer, field_id)


def internal(packet: Packet, field_id: str) -> Any:
    return packet.getfieldval(field_id)


@pytest.mark.parametrize(
    ("name", "given_value", "meant"),
    [
        ("IP.ttl", "", CLEARED),
        ("IP.ttl", "9", 9),
        ("IP.ttl", 9, 9),
        ("IP.ttl", True, 1),
        ("IP.ttl", 9.5, 9.5),
        ("IP.proto", "tcp", "tcp"),
        ("IP.chksum", "0x312", 0x312),
        ("TCP.flags", "SA", "SA"),
        ("TCP.flags", "18", 18),
        ("TCP.flags", "", CLEARED),
        ("IP.src", "", ""),
        ("IP.src", "123", "123"),
        ("Raw.load", "123", "123"),
        ("Raw.load", "", ""),
        ("NTP.recv", "", CLEARED),
        ("NTP.recv", "7", 7),
    ],
)
def test_text_is_read_as_the_field_asks(
    name: str, given_value: int | float | str, meant: object, registry: Registry
) -> None:
    assert coerce(field_of(name, registry)[1], given_value) == meant


@pytest.mark.parametrize(
    ("name", "value", "held"),
    [
        ("IP.ttl", 0, 0),
        ("IP.ttl", 255, 255),
        ("IP.frag", 8191, 8191),
        ("IP.proto", "udp", 17),
        ("Ether.type", "IPv4", 0x800),
        ("Ether.type", "LOOP", 0x9000),
        ("ARP.op", "who-has", 1),
        ("ICMP.type", "echo-request", 8),
        ("TCP.flags", "SA", 0x12),
        ("TCP.flags", "AS", 0x12),
        ("TCP.flags", 0x1FF, 0x1FF),
        ("IP.flags", "MF+DF", 3),
        ("IP.flags", "DF+MF", 3),
        ("IP.flags", 7, 7),
        ("IP.src", "10.0.0.1", "10.0.0.1"),
        ("IPv6.src", "FE80::1", "fe80::1"),
        ("Ether.src", "AA-BB-CC-DD-EE-FF", "aa:bb:cc:dd:ee:ff"),
        ("ARP.pdst", "10.0.0.1", "10.0.0.1"),
        ("Raw.load", "äöü", "äöü".encode()),
        ("Raw.load", b"\xff", b"\xff"),
        ("Raw.load", bytearray(b"\xff"), b"\xff"),
        ("BOOTP.chaddr", b"\x01" * 16, b"\x01" * 16),
        ("TCP.options", [("MSS", 1460)], [("MSS", 1460)]),
        ("UDP.sport", 65535, 65535),
    ],
)
def test_values_that_fit(name: str, value: object, held: object, registry: Registry) -> None:
    packet, field = field_of(name, registry)
    assign(packet, field, value)
    assert internal(packet, field.id) == held


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("IP.ttl", 256, "256 is out of range; ttl takes 0 to 255"),
        ("IP.ttl", -1, "-1 is out of range; ttl takes 0 to 255"),
        ("IP.ttl", 1.5, "1.5 is not a whole number; ttl takes 0 to 255"),
        ("IP.ttl", "abc", "'abc' is not a number; ttl takes 0 to 255"),
        ("IP.ttl", "1 6", "'1 6' is not a number"),
        ("IP.ttl", [1], "[1] is not a whole number"),
        ("IP.ttl", b"\x01", "is not a whole number"),
        ("IP.ttl", 10**4000, "a number of 13288 bits is out of range"),
        ("IP.frag", 8192, "8192 is out of range; frag takes 0 to 8191"),
        ("IP.proto", "tpc", "'tpc' is not a number or a known name"),
        ("IP.proto", "TCP", 'did you mean "tcp"?'),
        ("TCP.flags", 512, "512 is out of range; flags takes 0 to 511"),
        ("TCP.flags", "SX", "'X' is not a flag; the flags are F, S, R, P, A, U, E, C, N"),
        ("TCP.flags", "s", "'s' is not a flag"),
        ("IP.flags", "DFMF", "'DFMF' is not a flag; the flags are MF, DF, evil"),
        ("IP.flags", "DF+", "'' is not a flag"),
        ("IP.src", "300.1.1.1", "'300.1.1.1' is not an IPv4 address"),
        ("IP.src", 5, "5 is not an IPv4 address"),
        ("IP.src", ["1.2.3.4"], "is not an IPv4 address"),
        ("ARP.psrc", "localhost", "'localhost' is not an IPv4 address"),
        ("IPv6.dst", "10.0.0.1", "'10.0.0.1' is not an IPv6 address"),
        ("Ether.dst", "00:00:00:01:00:00:00", "is not a MAC address"),
        ("Raw.load", 5, "the field holds bytes or text, not 5"),
        ("Raw.load", [1], "the field holds bytes or text, not [1]"),
        ("Raw.load", "\ud800", "is not valid Unicode text"),
        ("BOOTP.chaddr", b"\x01" * 17, "has 17 bytes, the field holds 16"),
        ("NTP.recv", "abc", "'abc' is not a finite number"),
        ("NTP.recv", float("nan"), "nan is not a finite number"),
        ("NTP.recv", float("inf"), "inf is not a finite number"),
        ("IP.options", 5, "the field holds a list of layers, not 5"),
        ("Raw.load", bytes(limits.PAYLOAD_BYTES + 1), "payload may be at most 1048576 bytes"),
    ],
)
def test_values_that_do_not_fit_are_refused(
    name: str, value: object, problem: str, registry: Registry
) -> None:
    packet, field = field_of(name, registry)
    before = dict(packet.fields)
    with pytest.raises(RefusedError) as refusal:
        assign(packet, field, value)
    assert problem in refusal.value.problem
    assert packet.fields == before


@pytest.mark.parametrize("name", ["IP.ttl", "IP.src", "IP.chksum", "Raw.load", "TCP.options"])
def test_none_goes_back_to_the_default(name: str, registry: Registry) -> None:
    packet, field = field_of(name, registry)
    default = internal(packet, field.id)
    assign(packet, field, {"IP.src": "1.2.3.4", "Raw.load": b"x", "TCP.options": []}.get(name, 7))
    assert field.id in packet.fields
    assign(packet, field, None)
    assert field.id not in packet.fields
    assert internal(packet, field.id) == default


@pytest.mark.parametrize(
    ("name", "data", "held"),
    [
        ("IP.src", b"\x7f\0\0\1", "127.0.0.1"),
        ("IPv6.src", bytes(15) + b"\x01", "::1"),
        ("Ether.dst", b"\xaa\xbb\xcc\xdd\xee\xff", "aa:bb:cc:dd:ee:ff"),
        ("IP.ttl", b"\x09", 9),
        ("IP.len", b"\x01\x02", 0x102),
        ("VXLAN.vni", b"\x01\x02\x03", 0x10203),
        ("Raw.load", b"\xff\x00", b"\xff\x00"),
        ("ARP.hwsrc", b"\x01\x02\x03\x04\x05\x06", "01:02:03:04:05:06"),
    ],
)
def test_machine_bytes_are_the_field_on_the_wire(
    name: str, data: bytes, held: object, registry: Registry
) -> None:
    packet, field = field_of(name, registry)
    assign_machine(packet, field, data)
    assert internal(packet, field.id) == held
    # Whoever builds the value gets the bytes that were given.
    place = bytes(packet)
    assert data in place


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("IP.src", b""),
        ("IP.src", b"\x7f\0\0"),
        ("IP.src", b"\x7f\0\0\1\0"),
        ("Ether.dst", b"\x01" * 5),
        ("Ether.dst", b"\x01" * 7),
        ("IP.ttl", b""),
        ("IP.ttl", b"\x01\x02"),
        ("IP.flags", b"\x01"),
        ("IP.version", b"\x01"),
        ("UDP.len", b"\x01"),
        ("VXLAN.vni", b"\x01"),
        ("IPv6.src", b"\x01"),
    ],
)
def test_machine_bytes_of_another_length_are_refused(
    name: str, data: bytes, registry: Registry
) -> None:
    packet, field = field_of(name, registry)
    with pytest.raises(RefusedError) as refusal:
        assign_machine(packet, field, data)
    assert refusal.value.problem


#: Layers of every kind of field.
COMMON = (
    "Ether",
    "Dot3",
    "LLC",
    "SNAP",
    "STP",
    "Dot1Q",
    "ARP",
    "IP",
    "IPv6",
    "ICMP",
    "TCP",
    "UDP",
    "SCTP",
    "GRE",
    "VXLAN",
    "MPLS",
    "DNS",
    "DNSQR",
    "BOOTP",
    "DHCP",
    "NTP",
    "IGMP",
    "IGMPv3",
    "PPPoE",
    "PPP",
    "RadioTap",
    "Dot11",
    "Dot11Beacon",
    "ICMPv6ND_NS",
    "IPv6ExtHdrHopByHop",
    "GTP_U_Header",
    "Raw",
    "Padding",
    "DHCP6_Solicit",
    "RIP",
    "OSPF_Hdr",
    "BGPHeader",
    "LLDPDUTimeToLive",
    "TLS",
    "SNMP",
)

ANYTHING: st.SearchStrategy[object] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.binary(max_size=6)
    | st.sampled_from(["MSS", "NOP", "1.2.3.4", "::1", "0x10", "end"]),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=6,
)


@given(data=st.data(), value=ANYTHING)
def test_any_value_fits_any_field_or_is_refused(
    data: st.DataObject, value: object, registry: Registry
) -> None:
    layer = data.draw(st.sampled_from(COMMON))
    packet = new_layer(registry.layer(layer).built_class, None)
    field = data.draw(st.sampled_from(registry.layer(layer).fields))
    try:
        assign(packet, field, value)
    except RefusedError as error:
        assert error.problem
    if isinstance(value, bytes):
        try:
            assign_machine(packet, field, value)
        except RefusedError as error:
            assert error.problem


def test_named_parts_of_a_buffer(registry: Registry) -> None:
    """Bytes are what is on the wire, also of texts in UTF-16; what has no such name is left out."""
    packet, field = field_of("SMB2_Create_Request.Buffer", registry)
    assign(packet, field, [("Name", b"a\0b\0"), ("Nothing", 5)])
    assert internal(packet, "Buffer") == [("Name", b"a\0b\0")]
    assign(packet, field, [("Name", "ab")])
    assert internal(packet, "Buffer") == [("Name", b"a\0b\0")]
    assert b"a\0b\0" in bytes(packet)


def test_a_list_fits_a_field_that_is_one_above_another_layer(registry: Registry) -> None:
    """The addresses of VRRP: bytes for a layer alone, and lists of either kind above IP."""
    layer = registry.layer("VRRPv3")
    field = layer.by_id["addrlist"]
    packet = layer.cls()
    assign(packet, field, ["192.0.2.1"])
    assert bytes(IP() / packet)[-4:] == bytes([192, 0, 2, 1])
    packet = layer.cls()
    assign(packet, field, ["2001:db8::1"])
    assert bytes(IPv6() / packet)[-16:].hex() == "20010db8" + 23 * "0" + "1"
    with pytest.raises(RefusedError, match="bytes or text"):
        assign(layer.cls(), field, ["no address"])
