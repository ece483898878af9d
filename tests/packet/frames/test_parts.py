from __future__ import annotations

from typing import Any

from scapy_server.packet.frames.parts import Holder, LayerView, Owned, Part
from scapy_server.packet.frames.tracer import trace_layer
from scapy_server.packet.layers.registry import Registry

NEXT_HOP = bytes.fromhex("0000 000e 40010100 400200 400304c0000201 18cb0071")
REQUEST = b"GET / HTTP/1.1\r\nX-Test: 1\r\nHost: a\r\n\r\n"


def view_of(
    registry: Registry, layer_id: str, data: bytes, field_id: str
) -> tuple[Any, list[Part]]:
    traced = trace_layer(registry.layer(layer_id).cls, data, 0, None)[0]
    assert traced.sightings is not None
    view = LayerView(data, traced.sightings)
    facts = registry.field(registry.of_class(type(traced.packet)), field_id)
    value = traced.packet.getfieldval(field_id)
    place = traced.places[facts.index]
    owned = Owned(traced.packet, facts.for_packet(traced.packet), value, place)
    return view, view.parts(owned)


def held(registry: Registry, holder: Holder, field_id: str) -> Owned:
    packet = holder.packet
    facts = registry.of_class(type(packet)).by_id[field_id]
    value, place = holder.value(field_id), holder.places[facts.index]
    return Owned(packet, facts.for_packet(packet), value, place)


def bytes_at(data: bytes, part: Any) -> str:
    return data[part.place.bit_offset // 8 : part.place.end // 8].hex()


def test_packets_in_lists_and_in_them(registry: Registry) -> None:
    view, parts = view_of(registry, "BGPUpdate", NEXT_HOP, "path_attr")
    assert [part.id for part in parts] == ["[0]", "[1]", "[2]"]
    assert bytes_at(NEXT_HOP, parts[2]) == "400304c0000201"
    holder = parts[2].holder
    assert holder is not None
    (inner,) = view.parts(held(registry, holder, "attribute"))
    assert inner.holder is not None
    assert inner.holder.value("next_hop") == "192.0.2.1"
    assert bytes_at(NEXT_HOP, inner) == "c0000201"


def test_a_packet_of_no_bytes_has_a_place_too(registry: Registry) -> None:
    view, parts = view_of(registry, "BGPUpdate", NEXT_HOP, "path_attr")
    holder = parts[1].holder
    assert holder is not None
    (path,) = view.parts(held(registry, holder, "attribute"))
    assert path.place.known and path.place.bit_length == 0


def test_options_with_their_members(registry: Registry) -> None:
    data = bytes.fromhex("00350050 00000000 00000000 7002200000000000 020405b4 01030307")
    _, parts = view_of(registry, "TCP", data, "options")
    assert [part.name for part in parts] == ["MSS", "NOP", "WScale"]
    mss = parts[0]
    assert [(member.id, member.value) for member in mss.members] == [
        ("kind", 2),
        ("length", 4),
        ("value", 1460),
    ]
    assert [bytes_at(data, member) for member in mss.members] == ["02", "04", "05b4"]


def test_header_lines_by_name(registry: Registry) -> None:
    _, parts = view_of(registry, "HTTPRequest", REQUEST, "Unknown_Headers")
    assert [(part.id, part.value, bytes_at(REQUEST, part)) for part in parts] == [
        ("X-Test", b"1", b"1".hex())
    ]
