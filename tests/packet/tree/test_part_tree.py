"""What clients are shown of parts; tshark agrees with the places in tests of captures."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server import limits
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames.parts import LayerView, Owned
from scapy_server.packet.frames.tracer import trace_layer
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.tree.part_tree import PartTree
from scapy_server.schema.results import FieldResult, PartResult
from tests.packet.cases import CASES


def field_of(registry: Registry, case_name: str, layer_id: str, field_id: str) -> FieldResult:
    case = next(case for case in CASES if case.name == case_name)
    result = PacketCodec(registry).dissect(case.frame)
    layer = next(layer for layer in result.data if layer.id == layer_id)
    return next(field for field in layer.fields if field.id == field_id)


def parts_of(field: FieldResult) -> list[PartResult]:
    assert isinstance(field.parts, list)
    return field.parts


def test_a_record_of_dns_shows_its_fields(registry: Registry) -> None:
    record = parts_of(field_of(registry, "DNS answer", "DNS", "an"))[0]
    assert (record.id, record.name, record.layer) == ("[0]", "DNS Resource Record", "DNSRR")
    assert (record.offset, record.length) == (27, 25)
    shown = {field.id: (field.hvalue, field.offset, field.length) for field in record.fields}
    assert shown["rdata"] == ("10.0.0.9", 48, 4)
    assert shown["rdlen"] == ("4", 46, 2)


def test_an_option_of_tcp_shows_kind_length_and_value(registry: Registry) -> None:
    stamp = parts_of(field_of(registry, "TCP urgent with time stamps", "TCP", "options"))[2]
    assert (stamp.name, stamp.offset, stamp.length) == ("Timestamp", 22, 10)
    assert stamp.hvalue == "('Timestamp', (1, 2))"
    assert [(field.id, field.hvalue, field.offset, field.length) for field in stamp.fields] == [
        ("kind", "8", 22, 1),
        ("length", "10", 23, 1),
        ("value", "(1, 2)", 24, 8),
    ]


def test_a_field_without_parts_has_no_such_key(registry: Registry) -> None:
    assert not isinstance(field_of(registry, "DNS answer", "DNS", "id").parts, list)


@pytest.mark.parametrize("count", [limits.PARTS // 40, limits.PARTS // 40 + 1])
def test_parts_end_at_their_bound(count: int, registry: Registry) -> None:
    frame = bytes.fromhex("00350050 00000000 00000000 f002200000000000") + b"\x01" * 40
    layer = trace_layer(registry.layer("TCP").cls, frame, 0, None)[0]
    assert layer.sightings is not None
    view = LayerView(frame, layer.sightings)
    field = registry.layer("TCP").by_id["options"]
    place = layer.places[field.index]
    owned = Owned(layer.packet, field, layer.packet.getfieldval("options"), place)
    tree = PartTree(registry)
    shown = sum(len(tree.parts(view, owned)) for _ in range(count))
    assert shown == min(40 * count, limits.PARTS)


def test_nesting_ends_at_its_bound(registry: Registry) -> None:
    cls = registry.layer("DHCP6OptIAAddress").cls
    data = b""
    for _ in range(limits.PART_DEPTH + 3):
        data = bytes.fromhex("0005") + (24 + len(data)).to_bytes(2, "big") + bytes(24) + data
    layer = trace_layer(cls, data, 0, None)[0]
    assert layer.sightings is not None
    field = registry.layer("DHCP6OptIAAddress").by_id["iaaddropts"]
    value, place = layer.packet.getfieldval(field.id), layer.places[field.index]
    view = LayerView(data, layer.sightings)
    parts: Any = PartTree(registry).parts(view, Owned(layer.packet, field, value, place))
    depth = 0
    while isinstance(parts, list):
        depth += 1
        parts = next(each.parts for each in parts[0].fields if each.id == "iaaddropts")
    assert depth == limits.PART_DEPTH
