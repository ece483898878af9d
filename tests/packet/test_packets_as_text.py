from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.errors import RefusedError, ScapyServerError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.packets_as_text import (
    expression_of_frame,
    imports_of,
    layer_texts,
    model_of,
    multi_line_text,
    packet_of,
)
from tests.packet.edits.cases import EDITS, Edit

PACKETS = [
    "Ether()",
    "Ether()/IP(src='127.0.0.1', ttl=9, flags='DF')/TCP(sport=80)",
    "Ether()/Dot1Q(vlan=7, type=5)/IPv6(dst='::3')/UDP(chksum=1)/'text'",
    "Ether()/IP(options=[IPOption_RR(routers=['1.2.3.4'])])/TCP(options=[('MSS', 1460)])/Raw()",
    "Ether(b'\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x00\\x90\\x00')/b'\\xff'",
    "Ether()/IP()/UDP()/DNS(qd=DNSQR(qname='wireshark.org'))",
    "Ether()/IP(proto=None)/ICMP(type='echo-reply')",
    "Ether()/IP()/TCP(flags=0, options=[])/Raw('x')/IP()",
]


@pytest.mark.parametrize("text", PACKETS)
def test_the_model_of_an_expression_builds_its_packet(text: str, registry: Registry) -> None:
    codec = PacketCodec(registry)
    model = model_of(packet_of(text, registry), registry)
    expected = codec.build_packet(packet_of(text, registry))
    built = codec.build(parse_model(model, registry))
    assert built.binary == expected.binary
    assert [layer.id for layer in built.data] == [layer.id for layer in expected.data]


def test_a_model_has_what_was_given_and_nothing_else(registry: Registry) -> None:
    packet = packet_of("Ether()/IP(ttl=9,dst='1.2.3.4')/TCP(flags='SA')/'ab'/Raw()", registry)
    assert model_of(packet, registry) == [
        {"id": "Ether", "fields": []},
        {"id": "IP", "fields": [{"id": "ttl", "value": 9}, {"id": "dst", "value": "1.2.3.4"}]},
        {"id": "TCP", "fields": [{"id": "flags", "value": 18}]},
        {"id": "Raw", "fields": [{"id": "load", "value": {"vtype": "BYTES", "base64": "YWI="}}]},
        {"id": "Raw", "fields": [{"id": "load", "value": {"vtype": "BYTES", "base64": ""}}]},
    ]


@pytest.mark.sweep
def test_the_default_packet_of_every_layer_has_its_model(registry: Registry) -> None:
    codec = PacketCodec(registry)
    compared = 0
    for layer in registry:
        try:
            expected = codec.build_packet(packet_of(f"{layer.id}()", registry))
        except ScapyServerError:
            continue  # it cannot be built without values
        model = model_of(packet_of(f"{layer.id}()", registry), registry)
        assert codec.build(parse_model(model, registry)).binary == expected.binary, layer.id
        compared += 1
    assert compared > 1000


@pytest.mark.parametrize("text", PACKETS)
def test_the_expression_of_a_frame_builds_the_frame(text: str, registry: Registry) -> None:
    codec = PacketCodec(registry)
    binary = codec.build_packet(packet_of(text, registry)).binary
    written = expression_of_frame(base64.b64decode(binary or ""), registry)
    assert codec.build_packet(packet_of(written, registry)).binary == binary


@pytest.mark.parametrize(
    ("text", "imports"),
    [
        ("IP()/TCP(options=[('IP', 1)])", ["from scapy.layers.inet import IP, TCP"]),
        ("IP(options=[IPOption_NOP()])", ["from scapy.layers.inet import IP, IPOption_NOP"]),
        ("gtp_v2.IE_Cause()", ["from scapy.contrib import gtp_v2"]),
        (
            "UDP(sport=RawVal(b'ab'))/'IP()'",
            ["from scapy.fields import RawVal", "from scapy.layers.inet import UDP"],
        ),
        ("[set(), float('inf')]", []),
    ],
)
def test_imports(text: str, imports: list[str], registry: Registry) -> None:
    assert imports_of(text, registry) == imports


@given(st.binary(min_size=14, max_size=60))
def test_the_expression_of_any_frame_builds_it(registry: Registry, frame: bytes) -> None:
    text = expression_of_frame(frame, registry)
    built = PacketCodec(registry).build_packet(packet_of(text, registry)).binary
    assert base64.b64decode(built or "") == frame


def test_header_lines_stay_in_their_order(registry: Registry) -> None:
    lines = b"GET / HTTP/1.1\r\nUser-Agent: x\r\nHost: y\r\nAccept: z\r\n\r\n"
    frame = (
        bytes.fromhex("020000000002020000000001 0800")
        + bytes.fromhex("450000650001000040060000c0000201c0000202")
        + bytes.fromhex("0400005000000000000000005018200000000000")
        + lines
    )
    text = expression_of_frame(frame, registry)
    assert text.endswith(
        "HTTPRequest(Method=b'GET',Path=b'/',Http_Version=b'HTTP/1.1',"
        "User_Agent=b'x',Host=b'y',Accept=b'z')"
    )
    built = PacketCodec(registry).build_packet(packet_of(text, registry)).binary
    assert base64.b64decode(built or "") == frame


def test_what_is_left_over_stands_before_an_extension_of_icmp(registry: Registry) -> None:
    """RFC 4884, section 4.4: a quote is filled up with zeros, and the extension follows."""
    quote = bytes.fromhex("450000280001000001060000c0000201c0000202") + bytes.fromhex(
        "9c4000500000000100000000501020000000 0000"
    )
    extension = bytes.fromhex("20004f8d0008010100688f01")
    frame = (
        bytes.fromhex("020000000002020000000001 0800")
        + bytes.fromhex("450000a80001000040010000c0000203c0000201")
        + bytes.fromhex("0b00e06200200000")
        + quote.ljust(128, b"\0")
        + extension
    )
    text = expression_of_frame(frame, registry)
    assert "ICMPExtension_MPLS" in text
    built = PacketCodec(registry).build_packet(packet_of(text, registry)).binary
    assert base64.b64decode(built or "") == frame


def test_an_empty_frame_has_no_expression(registry: Registry) -> None:
    with pytest.raises(RefusedError, match="an empty frame"):
        expression_of_frame(b"", registry)


@pytest.mark.parametrize("text", ["5", "'IP()'", "[IP()]", "None"])
def test_a_value_that_is_no_packet(text: str, registry: Registry) -> None:
    with pytest.raises(RefusedError, match="a packet is made of layers"):
        packet_of(text, registry)


def test_layer_texts_do_not_depend_on_their_neighbours(registry: Registry) -> None:
    packet = packet_of("Ether()/IP(ttl=9)/TCP(options=[('MSS', 1460)])/'x'", registry)
    before = PacketCodec(registry).build_packet(packet).binary
    assert layer_texts(packet, registry) == [
        "Ether()",
        "IP(ttl=9)",
        "TCP(options=[('MSS', 1460)])",
        "Raw(load=b'x')",
    ]
    assert PacketCodec(registry).build_packet(packet).binary == before


def test_multi_line_text(registry: Registry) -> None:
    packet = packet_of("Ether()/IP()/UDP()/'hello'", registry)
    frame = base64.b64decode(PacketCodec(registry).build_packet(packet).binary or "")
    lines = multi_line_text(packet, frame).splitlines()
    assert lines[0] == "###[ Ethernet ]###"
    assert "     len       = 33" in lines
    assert "           load      = b'hello'" in lines
    assert "\x1b" not in "".join(lines)


def test_a_packet_that_cannot_read_itself_is_shown_as_asked(registry: Registry) -> None:
    packet = packet_of("IP(ihl=0)", registry)
    assert "###[ IP ]###" in multi_line_text(packet, b"\x40")


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_a_frame_becomes_a_model_that_builds_it(edit: Edit, registry: Registry) -> None:
    """Layers that do not write what they read, as HTTP, are bytes in the model."""
    text = expression_of_frame(edit.frame, registry)
    model = model_of(packet_of(text, registry), registry)
    built = PacketCodec(registry).build(parse_model(model, registry)).binary
    assert base64.b64decode(built or "") == edit.frame


def test_a_layer_that_no_model_can_name_is_its_bytes(registry: Registry) -> None:
    # The end of a record of TLS, from a capture of nDPI's tests: Scapy's dissection makes a layer
    # of its own of it.
    data = bytes.fromhex("c2dd9cff338cc82f4ac5fc1938462997a8a63721")
    text = f"TCP({bytes.fromhex('01bba79cd13978c4b2ed32065018000000000000') + data!r})"
    packet = packet_of(text, registry)
    assert type(packet.payload).__name__ == "_TLSEncryptedContent"
    model = model_of(packet, registry)
    assert [layer["id"] for layer in model] == ["TCP", "Raw"]
    built = PacketCodec(registry).place(parse_model(model, registry)).frame
    assert built == bytes(packet)


def test_bytes_that_stand_for_a_list_stay_bytes_in_the_model(registry: Registry) -> None:
    packet = packet_of("SSHVersionExchange(lines=RawVal(b'SSH-2.0-a\\r\\n'))", registry)
    built = PacketCodec(registry).place(parse_model(model_of(packet, registry), registry)).frame
    assert built == b"SSH-2.0-a\r\n"
