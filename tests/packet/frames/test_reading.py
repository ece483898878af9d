from __future__ import annotations

import pytest
from scapy.packet import Packet

from scapy_server.packet.frames.reading import holds_parts, is_watched
from scapy_server.packet.frames.tracer import TracedLayer, trace_chain, trace_layer
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import new_layer

REQUEST = (
    b"GET / HTTP/1.1\r\nAccept: */*\r\nUser-Agent: Mozilla\r\n"
    b"Host: www.example.com\r\nX-Test: 1\r\n\r\n"
)


def traced(registry: Registry, layer_id: str, data: bytes) -> TracedLayer:
    return trace_layer(registry.layer(layer_id).cls, data, 0, None)[0]


def text_of(layer: TracedLayer, data: bytes, field_id: str) -> bytes | None:
    """The bytes at the place of a field, None where it is not known."""
    names = [field.name for field in layer.packet.fields_desc]
    place = layer.places[names.index(field_id)]
    return data[place.bit_offset // 8 : place.end // 8] if place.known else None


@pytest.mark.parametrize(
    ("field_id", "text"),
    [
        ("Method", b"GET"),
        ("Path", b"/"),
        ("Http_Version", b"HTTP/1.1"),
        ("Accept", b"*/*"),
        ("User_Agent", b"Mozilla"),
        ("Host", b"www.example.com"),
    ],
)
def test_each_part_of_a_request_is_where_it_was_read(
    field_id: str, text: bytes, registry: Registry
) -> None:
    layer = traced(registry, "HTTPRequest", REQUEST)
    assert text_of(layer, REQUEST, field_id) == text


def test_a_place_is_believed_only_where_there_is_one_way_to_find_it(registry: Registry) -> None:
    data = b"GET GET GET\r\nHost: a\r\n\r\n"
    layer = traced(registry, "HTTPRequest", data)
    assert text_of(layer, data, "Path") == b"GET"  # three words, three places
    data = b"HTTP/1.1 200 a a a\r\nServer: b\r\n\r\n"
    assert text_of(traced(registry, "HTTPResponse", data), data, "Reason_Phrase") == b"a a a"
    data = b"a aa a\r\nHost: b\r\n\r\n"
    assert text_of(traced(registry, "HTTPRequest", data), data, "Path") in (b"aa", None)


def test_fields_that_read_themselves_are_watched(registry: Registry) -> None:
    data = bytes.fromhex("30290201010406 7075626c6963 a01c020426 0b0b0b 02010002010030 0e30 0c0608")
    data = bytes.fromhex(
        "302902010104067075626c6963a01c0204260b0b0b020100020100300e300c06082b060102010101000500"
    )
    layer = traced(registry, "SNMP", data)
    assert text_of(layer, data, "version") == bytes.fromhex("020101")
    assert text_of(layer, data, "community") == b"\x04\x06public"


def test_layers_of_plain_fields_are_not_watched(registry: Registry) -> None:
    plain = [registry.layer(name).cls for name in ("Ether", "UDP", "ICMPv6EchoRequest")]
    assert not any(is_watched(cls) for cls in plain)
    assert all(is_watched(registry.layer(name).cls) for name in ("TCP", "DNS", "HTTPRequest"))
    options: Packet = new_layer(registry.layer("TCP").cls, None)
    assert holds_parts(options.get_field("options")) and not holds_parts(options.get_field("seq"))


#: A header of a capture of Wireshark's tests: a byte of padding that is not zero, and the
#: frame check sequence at its end.
RADIOTAP = bytes.fromhex("000018008e58000010026c09a000640000290000b3336b7c")


def test_padding_in_front_of_a_field_is_no_part_of_it(registry: Registry) -> None:
    layer = traced(registry, "RadioTap", RADIOTAP)
    assert text_of(layer, RADIOTAP, "RXFlags") == b"\0\0"
    assert text_of(layer, RADIOTAP, "Antenna") == b"\0"


def test_what_is_read_after_the_fields_has_its_place_and_keeps_its_bytes(
    registry: Registry,
) -> None:
    layer = traced(registry, "RadioTap", RADIOTAP)
    assert text_of(layer, RADIOTAP, "notdecoded") == RADIOTAP[-4:]
    assert bytes(layer.packet) == RADIOTAP


def test_a_check_sequence_behind_the_payload_is_built_behind_it(registry: Registry) -> None:
    data = bytes.fromhex("010801ffffffff5046")
    chain = trace_chain(registry.layer("Dot15d4FCS").cls, data)
    assert bytes(chain[0].packet) == data
