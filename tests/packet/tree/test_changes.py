"""Naming what differs between two packets."""

from __future__ import annotations

from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.tree.changes import changes, shown
from scapy_server.schema.results import PacketResult


def packet(registry: Registry, *layers: tuple[str, dict[str, str]]) -> PacketResult:
    model = [
        {"id": layer, "fields": [{"id": name, "value": value} for name, value in fields.items()]}
        for layer, fields in layers
    ]
    return PacketCodec(registry).build(parse_model(model, registry))


def test_equal_packets(registry: Registry) -> None:
    one = packet(registry, ("Ether", {}), ("IP", {}), ("UDP", {}))
    assert changes(one, one) == []


def test_fields_bit_fields_and_their_places(registry: Registry) -> None:
    before = packet(registry, ("Ether", {}), ("Dot1Q", {"vlan": "5"}), ("ARP", {}))
    after = packet(registry, ("Ether", {}), ("Dot1Q", {"vlan": "6"}), ("ARP", {"pdst": "1.2.3.4"}))
    found = [(c.layer, c.field, c.offset, c.hvalue) for c in changes(before, after)]
    assert found == [("Dot1Q", "vlan", 14, "6"), ("ARP", "pdst", 42, "1.2.3.4")]


def test_the_second_of_equal_layers(registry: Registry) -> None:
    before = packet(registry, ("Ether", {}), ("IP", {}), ("IP", {"ttl": "5"}))
    after = packet(registry, ("Ether", {}), ("IP", {}), ("IP", {"ttl": "6"}))
    assert [(c.layer, c.field) for c in changes(before, after)] == [
        ("IP:1", "ttl"),
        ("IP:1", "chksum"),
    ]


def test_another_layer_counts_whole(registry: Registry) -> None:
    before = packet(registry, ("Ether", {}), ("IP", {}), ("UDP", {}))
    after = packet(registry, ("Ether", {}), ("IP", {}), ("TCP", {}))
    named = {(c.layer, c.field) for c in changes(before, after)}
    assert {("TCP", "sport"), ("TCP", "seq"), ("IP", "proto")} <= named
    assert not {layer for layer, _ in named} - {"IP", "TCP"}


def test_parts_by_their_paths(registry: Registry) -> None:
    before = packet(registry, ("TCP", {"options": "[('NOP', None), ('MSS', 1460)]"}))
    after = packet(registry, ("TCP", {"options": "[('NOP', None), ('MSS', 1400)]"}))
    assert [(c.field, c.offset, c.value) for c in changes(before, after)] == [
        ("options[1].value", 23, 1400)
    ]
    longer = packet(registry, ("TCP", {"options": "[('MSS', 1460)]"}))
    assert [c.field for c in changes(before, longer)][-1:] == ["options"]
    before = packet(registry, ("DNS", {"qd": "[DNSQR(qname='a.b', qtype=1)]"}))
    after = packet(registry, ("DNS", {"qd": "[DNSQR(qname='a.b', qtype=28)]"}))
    assert [(c.field, c.value) for c in changes(before, after)] == [("qd[0].qtype", 28)]


def test_all_that_is_shown_has_a_path(registry: Registry) -> None:
    fields = packet(registry, ("DNS", {"qd": "[DNSQR(qname='a.b')]"})).data[0].fields
    paths = [path for path, _ in shown(fields)]
    assert {"qd", "qd[0]", "qd[0].qname", "an"} <= set(paths)
