"""The protocol headers that checksums and lengths depend on, found in the layout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scapy_server.engine.headers import CHECKSUM_OFFSETS
from scapy_server.packet.frames.layout import BuiltPacket, LayerLayout


@dataclass(frozen=True, slots=True)
class Transport:
    """A TCP, UDP or ICMPv6 layer, and the IP layer whose addresses its checksum covers."""

    protocol: str
    layer: LayerLayout
    network: LayerLayout | None

    @property
    def checksum_byte(self) -> int:
        """The first of the two bytes of the checksum."""
        return self.layer.offset + CHECKSUM_OFFSETS[self.protocol]


def ipv4_layers(packet: BuiltPacket) -> Iterator[LayerLayout]:
    """The IPv4 headers."""
    return (layer for layer in packet.layers if layer.id == "IP")


def transports(packet: BuiltPacket) -> Iterator[Transport]:
    """The layers with a checksum over an IP packet's addresses and payload."""
    network: LayerLayout | None = None
    for layer in packet.layers:
        if layer.id in ("IP", "IPv6"):
            network = layer
        protocol = transport_protocol(layer)
        if protocol is not None:
            yield Transport(protocol, layer, network)


def transport_protocol(layer: LayerLayout) -> str | None:
    """TCP, UDP or ICMPv6 for a layer that is one of them."""
    if layer.id in ("TCP", "UDP"):
        return layer.id
    return "ICMPv6" if layer.id.startswith("ICMPv6") else None


def field_bits(layer: LayerLayout, field_id: str) -> tuple[int, int] | None:
    """First bit (from the packet's start) and number of bits of a field that is present."""
    for place in layer.fields:
        if place.field.id == field_id and place.present and place.bit_length:
            return layer.offset * 8 + place.bit_offset, place.bit_length
    return None
