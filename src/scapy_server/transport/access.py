"""Who may connect: from which addresses, and with which keys.

An address is asked about when a connection comes, before a byte of it is read, so that it
makes no difference which version of the protocol the client speaks. A key is proved later,
by the handshake.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Networks of addresses or CIDR prefixes; ValueError says which one is none."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


@dataclass(frozen=True)
class Rules:
    """Who may connect: from these networks, or from all if there are none."""

    networks: tuple[Network, ...] = ()

    def allow(self, text: str) -> bool:
        """Whether a connection may come from this address."""
        if not self.networks:
            return True
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.networks)
