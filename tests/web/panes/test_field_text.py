from __future__ import annotations

from dataclasses import replace

import pytest

from scapy_server.captures.writing import plain_record
from scapy_server.desk.names import FieldRow, field_rows
from scapy_server.desk.packet import Packet
from scapy_server.desk.typed import bytes_value
from scapy_server.web.panes.field_text import (
    Bases,
    address_bits,
    base_of,
    bits_of,
    chosen,
    found,
    place_text,
    shown,
    typed,
    was_in_words,
)
from tests.web.trees import built_packet, dissected_packet

BYTES = {"value": {"vtype": "BYTES", "base64": "AP8="}, "hvalue": "?"}
PROTOCOLS = {"ip": 0, "icmp": 1, "tcp": 6, "ipv6-icmp": 58, "sctp": 132}


def row(packet: Packet, path: str) -> FieldRow:
    return next(each for each in field_rows(packet.layers) if each.path == path)


def of_bytes(value: bytes) -> str:
    return shown({"value": bytes_value(value), "hvalue": ""})


def test_values_are_shown_as_people_read_them() -> None:
    assert shown(row(built_packet(), "IP.src").field) == "192.0.2.1"
    assert shown({"value": 6, "hvalue": "tcp"}) == "tcp"
    assert shown(BYTES) == "00ff"
    assert of_bytes(b"GET /") == "GET /"
    for ambiguous in (b"ab", b" x", b"[1]", b"'x'", b"b'x", b"{}"):
        assert of_bytes(ambiguous) == repr(ambiguous)
    assert shown({"value": {"vtype": "BYTES", "base64": "?"}, "hvalue": ""}) == ""


def test_addresses_are_told_from_other_fields() -> None:
    packet = built_packet()
    for path, bits in (("Ether.src", 48), ("IP.src", 32), ("IP.id", 0), ("IP.chksum", 0)):
        field = row(packet, path)
        assert address_bits(field.field, field.bit_length) == bits
    assert address_bits({"value": "2001:db8::1", "hvalue": "2001:db8::1"}, 128) == 128


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (BYTES, "0102", {"vtype": "BYTES", "base64": "AQI="}),
        (BYTES, "01 0a", {"vtype": "BYTES", "base64": "AQo="}),
        (BYTES, "b'ab'", {"vtype": "BYTES", "base64": "YWI="}),
        (BYTES, "xyz", "xyz"),
        (BYTES, "012", "012"),
        ({"value": 6}, "0102", "0102"),
        ({"value": 6}, "0b0101", 5),
        ({"value": 6}, "0b2", "0b2"),
        ({"value": "text"}, "0b11", "0b11"),
        ({"value": []}, '[["MSS", 9]]', [["MSS", 9]]),
    ],
)
def test_what_is_typed_becomes_a_value_of_its_kind(
    field: dict[str, object], text: str, value: object
) -> None:
    assert typed(field, text) == value


def test_numbers_are_shown_in_the_base_that_was_chosen() -> None:
    packet, bases = built_packet(), Bases()
    ttl, proto, source = (row(packet, f"IP.{name}") for name in ("ttl", "proto", "src"))
    assert bases.text(ttl) == "64"
    bases.turn(ttl)
    bases.turn(ttl)
    assert bases.text(ttl) == "0x40"
    bases.everywhere = "bin"
    assert bases.text(row(packet, "IP.version")) == "0b0100"
    assert (bases.text(proto), bases.text(source)) == ("udp", "192.0.2.1")  # no numbers
    bases.chosen[proto.path] = "dec"
    assert bases.text(proto) == "17"
    digits = FieldRow("Raw.load", 3, "load", 0, {"value": "", "hvalue": "9" * 60_000}, 0, 0)
    assert bases.text(digits) == "9" * 60_000
    assert [base_of(text) for text in ("64", "0x40", "0b1", "udp", "")] == [
        *("dec", "hex", "bin"),
        *("", ""),
    ]


def test_names_are_found_by_any_part_and_by_their_number() -> None:
    assert found(PROTOCOLS, "ic", 9) == ["icmp", "ipv6-icmp"]
    assert found(PROTOCOLS, "132", 9) == ["sctp"]
    assert found(PROTOCOLS, "", 2) == ["ip", "icmp"]
    assert found(PROTOCOLS, "nothing", 9) == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [("ip", "ip"), ("IP", "ip"), ("v6", "ipv6-icmp"), ("99", "99"), ("0x6", "0x6"), ("?", "?")],
)
def test_what_is_entered_is_the_name_else_the_first_that_it_finds(text: str, meant: str) -> None:
    assert chosen(PROTOCOLS, text) == meant


def test_groups_of_bits_by_name() -> None:
    values = [{"name": "off", "value": 0}, {"name": "on", "value": 4}]
    groups = [{"name": "a", "mask": 4, "values": values}, {"name": "b", "mask": 3, "values": []}]
    assert [now and now["name"] for _, now in bits_of(5, groups)] == ["on", None]


@pytest.mark.parametrize(
    ("path", "offset", "was"),
    [
        ("IP.src", 26, "193.0.2.1 in the capture"),
        ("IP.ttl", 22, "65 in the capture"),
        ("Ether.src", 6, "01:00:00:02:00:00 in the capture"),
        ("IP.chksum", 24, None),
        ("IP.frag", 21, "1 in the capture"),
        ("Raw.load", 42, "62 62 63 in the capture"),
        ("IP.dst", 26, ""),
    ],
)
def test_what_a_field_was_in_the_capture(path: str, offset: int, was: str | None) -> None:
    packet = dissected_packet()
    data = bytearray(packet.frame)
    data[offset] ^= 1 if path != "Raw.load" else 3
    edited = replace(packet, record=plain_record(0, bytes(data), 1))
    expected = f"0x{int.from_bytes(data[24:26], 'big'):x} in the capture" if was is None else was
    assert was_in_words(row(packet, path), edited) == expected
    longer = replace(packet, record=plain_record(0, bytes(data) + b"x", 1))
    assert was_in_words(row(packet, path), longer) == ""
    assert was_in_words(row(packet, path), packet) == ""


def test_places_are_counted_in_either_base() -> None:
    assert (place_text(26, False), place_text(26, True)) == ("26", "0x1a")
