"""Headers that checksums and lengths depend on."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.headers import field_bits, ipv4_layers, transport_protocol, transports
from tests.programs.support import build

VXLAN = ("Ether", "IP", "UDP", "VXLAN", "Ether", "IPv6", "TCP")


@pytest.mark.parametrize(
    ("layers", "found"),
    [
        (("Ether", "IP", "TCP"), [("TCP", 50, 14)]),
        (("Ether", "Dot1Q", "IP", "UDP"), [("UDP", 44, 18)]),
        (("Ether", "IPv6", "ICMPv6EchoRequest"), [("ICMPv6", 56, 14)]),
        (VXLAN, [("UDP", 40, 14), ("TCP", 120, 64)]),
        (("Ether", "IP", "ICMP"), []),
        (("UDP",), [("UDP", 6, None)]),
    ],
)
def test_checksums_over_addresses(registry: Registry, layers: tuple[str, ...], found: Any) -> None:
    packet = build(registry, *layers)
    assert [
        (each.protocol, each.checksum_byte, None if each.network is None else each.network.offset)
        for each in transports(packet)
    ] == found


def test_ipv4_headers(registry: Registry) -> None:
    packet = build(registry, "Ether", "IP", "IP", "IPv6", "UDP")
    assert [layer.offset for layer in ipv4_layers(packet)] == [14, 34]


def test_what_is_a_transport(registry: Registry) -> None:
    packet = build(registry, "Ether", "IPv6", "ICMPv6ND_NS")
    assert [transport_protocol(layer) for layer in packet.layers] == [None, None, "ICMPv6"]


def test_where_the_bits_of_a_field_are(registry: Registry) -> None:
    ip = build(registry, "Ether", "IP").layers[1]
    assert field_bits(ip, "ttl") == (22 * 8, 8)
    assert field_bits(ip, "frag") == (20 * 8 + 3, 13)
    assert field_bits(ip, "options") is None
    assert field_bits(ip, "nope") is None
