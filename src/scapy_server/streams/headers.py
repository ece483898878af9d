"""The headers that the engine's statistics look at: Ethernet, VLAN tags, IPv4 and IPv6.

Source: docs/profiles.md, "Marks"; RFC 791, section 3.1; RFC 8200, section 3; RFC 7348,
section 5.
"""

from __future__ import annotations

from dataclasses import dataclass

_TAGS = (0x8100, 0x88A8)
_IPV4, _IPV6 = 0x0800, 0x86DD
TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
#: IPv6 extension headers that lead to another one: hop-by-hop, routing, destination options.
_EXTENSIONS = (0, 43, 60)
_FRAGMENT, _AUTHENTICATION = 44, 51
_FIXED_L4_BYTES = {UDP: 8, ICMP: 8, ICMPV6: 8}
VXLAN_BYTES = 8


@dataclass(frozen=True)
class Headers:
    """Where the headers of a frame are; `version` is None for what is neither IPv4 nor IPv6.

    `l3` and `l4` are offsets, `payload` is that of the bytes after the L4 header.
    """

    version: int | None
    l3: int
    protocol: int | None
    l4: int
    payload: int


def read_headers(frame: bytes, start: int = 0) -> Headers:
    """The headers of an Ethernet frame that begins at an offset; never fails."""
    at = start + 12
    kind = _word(frame, at)
    while kind in _TAGS:
        at += 4
        kind = _word(frame, at)
    l3 = at + 2
    if kind == _IPV4 and l3 + 20 <= len(frame) and frame[l3] >> 4 == 4:
        l4, protocol = l3 + (frame[l3] & 15) * 4, frame[l3 + 9]
        return Headers(4, l3, protocol, l4, l4 + _l4_bytes(frame, l4, protocol))
    if kind == _IPV6 and l3 + 40 <= len(frame) and frame[l3] >> 4 == 6:
        l4, protocol = _after_extensions(frame, l3)
        return Headers(6, l3, protocol, l4, l4 + _l4_bytes(frame, l4, protocol))
    return Headers(None, l3, None, l3, l3)


def inner_frame(frame: bytes) -> int | None:
    """Where the frame in a VXLAN tunnel begins; None if there is no UDP or no room."""
    outer = read_headers(frame)
    start = outer.payload + VXLAN_BYTES
    return start if outer.protocol == UDP and start + 14 <= len(frame) else None


def _word(frame: bytes, at: int) -> int:
    return int.from_bytes(frame[at : at + 2], "big")


def _l4_bytes(frame: bytes, l4: int, protocol: int) -> int:
    if protocol == TCP and l4 + 12 < len(frame):
        return (frame[l4 + 12] >> 4) * 4
    return _FIXED_L4_BYTES.get(protocol, 0)


def _after_extensions(frame: bytes, l3: int) -> tuple[int, int]:
    at, protocol = l3 + 40, frame[l3 + 6]
    while protocol in (*_EXTENSIONS, _FRAGMENT, _AUTHENTICATION) and at + 8 <= len(frame):
        if protocol == _FRAGMENT:
            size = 8
        elif protocol == _AUTHENTICATION:
            size = (frame[at + 1] + 2) * 4
        else:
            size = (frame[at + 1] + 1) * 8
        at, protocol = at + size, frame[at]
    return at, protocol
