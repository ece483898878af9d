"""The protocol headers that checksums and lengths depend on, found in the layout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scapy_server.packet.frames.layout import BuiltPacket, LayerLayout

IPV4_BYTES = 20
IPV6_BYTES = 40
TCP_PROTOCOL, UDP_PROTOCOL, ICMPV6_PROTOCOL = 6, 17, 58
PROTOCOL_NAMES = {TCP_PROTOCOL: "TCP", UDP_PROTOCOL: "UDP", ICMPV6_PROTOCOL: "ICMPv6"}

#: Where checksums lie in the transport headers.
CHECKSUM_OFFSETS = {"TCP": 16, "UDP": 6, "ICMPv6": 2}


@dataclass(frozen=True, slots=True)
class IpHeader:
    """What the engine reads of a header at that byte, whatever lies there."""

    offset: int
    frame: bytes

    @property
    def version(self) -> int:
        return self._byte(0) >> 4

    @property
    def length(self) -> int:
        """Bytes of the header as its length field says."""
        return (self._byte(0) & 0xF) * 4

    @property
    def protocol(self) -> int:
        """The protocol number of IPv4, the next header of IPv6."""
        return self._byte(9 if self.version == 4 else 6)

    def _byte(self, position: int) -> int:
        index = self.offset + position
        return self.frame[index] if index < len(self.frame) else 0


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
