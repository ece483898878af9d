"""Which frames reach the receive side of a port in filtered service mode.

Source: docs/ports.md, "Service mode".
"""

from __future__ import annotations

from dataclasses import dataclass

from scapy_server.services.ports.frames.headers import TCP, UDP, read_headers

NO_TCP_UDP, BGP, DHCP, TRANSPORT, MDNS, ALL = 1, 2, 4, 8, 16, 255
_BGP = {179}
_DHCP = {67, 68, 546, 547}
_MDNS = {5353}
_TRANSPORT = 0xFF


@dataclass(frozen=True)
class Service:
    """Service mode: everything when `enabled`, else what the bits of `mask` name."""

    enabled: bool = False
    mask: int = 0

    @property
    def is_on(self) -> bool:
        return self.enabled or bool(self.mask)

    def lets_through(self, frame: bytes) -> bool:
        """Whether a frame reaches the receive side."""
        return self.enabled or bool(self.mask & kinds_of(frame))


def kinds_of(frame: bytes) -> int:
    """The bits that name a frame."""
    headers = read_headers(frame)
    if headers.protocol not in {TCP, UDP}:
        return NO_TCP_UDP
    place = headers.transport
    ports = {int.from_bytes(frame[at : at + 2], "big") for at in (place, place + 2)}
    found = 0
    if headers.protocol == TCP and ports & _BGP:
        found |= BGP
    if headers.protocol == UDP and ports & _DHCP:
        found |= DHCP
    if headers.protocol == UDP and ports & _MDNS:
        found |= MDNS
    if any(port >> 8 == _TRANSPORT for port in ports):
        found |= TRANSPORT
    return found
