"""What the engine knows of protocol headers: numbers, and how it reads a template.

Source: RFC 791, section 3.1; RFC 8200, section 3; RFC 9293, section 3.1; RFC 768, "Fields";
RFC 4443, section 2.1; docs/engine.md, "Checksums".
"""

from __future__ import annotations

from dataclasses import dataclass

from scapy_server.engine.vm import FixHardware

IPV4_BYTES, IPV6_BYTES = 20, 40
TCP_BYTES, UDP_BYTES = 20, 8
#: Up to the end of the checksum, which is all that the engine looks at.
ICMPV6_BYTES = 4
TCP_PROTOCOL, UDP_PROTOCOL, ICMPV6_PROTOCOL = 6, 17, 58
PROTOCOL_NAMES = {TCP_PROTOCOL: "TCP", UDP_PROTOCOL: "UDP", ICMPV6_PROTOCOL: "ICMPv6"}
#: Where the checksum lies in each header.
IPV4_CHECKSUM = 10
CHECKSUM_OFFSETS = {"TCP": 16, "UDP": 6, "ICMPv6": 2}
#: The values of l4_type; IP leaves it to the protocol number.
UDP, TCP, IP = 11, 13, 17


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
        """Bytes of the header as the length field of IPv4 says."""
        return (self._byte(0) & 0xF) * 4

    @property
    def protocol(self) -> int:
        """The protocol number of IPv4, the next header of IPv6."""
        return self._byte(9 if self.version == 4 else 6)

    def _byte(self, position: int) -> int:
        index = self.offset + position
        return self.frame[index] if index < len(self.frame) else 0


@dataclass(frozen=True, slots=True)
class HardwareHeader:
    """The transport header whose checksum the network card completes."""

    offset: int
    is_tcp: bool

    @property
    def size(self) -> int:
        return TCP_BYTES if self.is_tcp else UDP_BYTES

    @property
    def checksum(self) -> int:
        """The first byte of its checksum, in the packet."""
        return self.offset + CHECKSUM_OFFSETS["TCP" if self.is_tcp else "UDP"]


def hardware_header(item: FixHardware, template: bytes) -> HardwareHeader:
    """Where the engine puts the checksum: over IPv4 it goes by the protocol of the template,
    and l4_type only says where to look; over IPv6 by l4_type."""
    ip = IpHeader(item.l2_len, template)
    if ip.version == 4:
        length = ip.length if item.l4_type == IP else item.l3_len
        return HardwareHeader(item.l2_len + length, ip.protocol == TCP_PROTOCOL)
    return HardwareHeader(item.l2_len + item.l3_len, item.l4_type == TCP)
