"""The fields of one layer, one after the other."""

from __future__ import annotations

import msgspec
from scapy.layers.inet import TCP
from scapy.packet import Packet

from scapy_server.packet.frames.tracer import trace_layer
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.tree.layer_fields import LayerFields
from scapy_server.packet.tree.part_tree import PartTree
from scapy_server.schema.results import FieldResult


def shown(registry: Registry, packet: Packet, behind: bytes = b"") -> dict[str, FieldResult]:
    frame = bytes(packet) + behind
    traced = trace_layer(type(packet), frame, 0, None)[0]
    fields = LayerFields(traced, frame, registry, PartTree(registry)).all()
    return {field.id: field for field in fields}


def test_a_field_that_no_bytes_were_left_for_is_not_there(registry: Registry) -> None:
    assert shown(registry, TCP())["options"].ignored is True
    assert shown(registry, TCP(), b"x")["options"].ignored is msgspec.UNSET


def test_fields_with_parts_and_with_bytes_that_mean_themselves(registry: Registry) -> None:
    options = shown(registry, TCP(options=[("MSS", 1460)]))["options"]
    assert options.parts and options.parts[0].name == "MSS"
    cut = shown(registry, TCP(dataofs=6), b"\0\1\1\1")["options"]
    assert isinstance(cut.value, dict)
    assert cut.value["expr"].startswith("RawVal(")
