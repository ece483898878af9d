"""The link and address settings of a port, and how clients read them.

Source: docs/ports.md, "Attributes".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Layers:
    """The addresses of a port, and whom it sends to.

    `destination` is the MAC address that streams get which do not bring one: None while
    that is not known. `ipv4` are the port's own address and the one it sends to.
    `ipv6` is None while IPv6 is off, "" for an address made from the MAC address.
    """

    source: bytes
    destination: bytes | None
    ipv4: tuple[str, str] | None = None
    ipv6: str | None = None
    vlans: tuple[int, ...] = ()


@dataclass(frozen=True)
class Attributes:
    """What is set on a port besides addresses. `speed` is in Gbit/s."""

    speed: float
    promiscuous: bool = False
    multicast: bool = False
    link_up: bool = True
    receives_all: bool = False
    vxlan_ports: tuple[int, ...] = ()


def mac_text(mac: bytes) -> str:
    """A MAC address as clients write it."""
    return mac.hex(":")


def link_block(attributes: Attributes) -> dict[str, Any]:
    """What event 8 carries."""
    return {
        "promiscuous": {"enabled": attributes.promiscuous},
        "multicast": {"enabled": attributes.multicast},
        "link": {"up": attributes.link_up},
        "speed": attributes.speed,
        "rx_filter_mode": "all" if attributes.receives_all else "hw",
        "vxlan_fs": list(attributes.vxlan_ports),
        "fc": {"mode": 0},
    }


def attribute_block(attributes: Attributes, layers: Layers) -> dict[str, Any]:
    """The member `attr` of a port's status."""
    return {
        **link_block(attributes),
        "layer_cfg": {
            "ether": _ether_block(layers),
            "ipv4": _ipv4_block(layers),
            "ipv6": _ipv6_block(layers),
        },
        "vlan": {"tags": list(layers.vlans)},
    }


def _ether_block(layers: Layers) -> dict[str, Any]:
    known = layers.destination is not None
    return {
        "src": mac_text(layers.source),
        "dst": mac_text(layers.destination or bytes(6)),
        "state": "configured" if known else "unconfigured",
    }


def _ipv4_block(layers: Layers) -> dict[str, Any]:
    if layers.ipv4 is None:
        return {"state": "none"}
    source, destination = layers.ipv4
    state = "unresolved" if layers.destination is None else "resolved"
    return {"state": state, "src": source, "dst": destination}


def _ipv6_block(layers: Layers) -> dict[str, Any]:
    if layers.ipv6 is None:
        return {"enabled": False}
    return {"enabled": True, "src": layers.ipv6}
