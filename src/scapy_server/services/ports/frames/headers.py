"""Where the headers of a frame are, as far as statistics need to know.

Ethernet, any number of VLAN tags, IPv4 or IPv6 with extension headers, and what is in it.

Source: RFC 791, section 3.1; RFC 8200, section 4; IEEE 802.1Q, section 9.6.
"""

from __future__ import annotations

from dataclasses import dataclass

ETHERNET_BYTES = 14
_VLANS = {0x8100, 0x88A8}
IPV4, IPV6 = 0x0800, 0x86DD
ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
_EXTENSIONS = {0, 43, 60}  # hop-by-hop, routing, destination options
_FRAGMENT, _AUTHENTICATION = 44, 51
_VXLAN_BYTES = 8
_NO_NEXT = 59


@dataclass(frozen=True)
class Headers:
    """Offsets in a frame. `network` is that of the IP header, `version` 4, 6, or 0 for no IP."""

    ether_type: int
    network: int
    version: int = 0
    protocol: int = 0
    transport: int = 0


def read_headers(frame: bytes, start: int = 0) -> Headers:
    """Find the headers of the frame that begins at `start`."""
    place = start + ETHERNET_BYTES - 2
    ether_type = _word(frame, place)
    while ether_type in _VLANS:
        place += 4
        ether_type = _word(frame, place)
    network = place + 2
    if ether_type == IPV4 and len(frame) >= network + 20 and frame[network] >> 4 == 4:
        header = (frame[network] & 15) * 4
        if header >= 20:
            return Headers(ether_type, network, 4, frame[network + 9], network + header)
    if ether_type == IPV6 and len(frame) >= network + 40 and frame[network] >> 4 == 6:
        protocol, transport = _skip_extensions(frame, frame[network + 6], network + 40)
        return Headers(ether_type, network, 6, protocol, transport)
    return Headers(ether_type, network)


def _skip_extensions(frame: bytes, protocol: int, place: int) -> tuple[int, int]:
    while place + 8 <= len(frame):
        if protocol in _EXTENSIONS:
            length = 8 + 8 * frame[place + 1]
        elif protocol == _FRAGMENT:
            length = 8
        elif protocol == _AUTHENTICATION:
            length = 8 + 4 * frame[place + 1]
        else:
            break
        protocol, place = frame[place], place + length
    return protocol, place


def _word(frame: bytes, place: int) -> int:
    return int.from_bytes(frame[place : place + 2], "big")


def inner_frame(headers: Headers) -> int | None:
    """Where the frame in a VXLAN tunnel begins; None when there is no UDP to be one."""
    if headers.protocol != UDP:
        return None
    return headers.transport + 8 + _VXLAN_BYTES


def identification(frame: bytes, headers: Headers) -> int | None:
    """What may be a mark: IPv4's identification, IPv6's flow label; None for other frames."""
    if headers.version == 4:
        return _word(frame, headers.network + 4)
    if headers.version == 6:
        return int.from_bytes(frame[headers.network + 1 : headers.network + 4], "big") & 0xFFFFF
    return None
