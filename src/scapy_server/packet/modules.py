"""Which Scapy modules are loaded, in which order."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence

from scapy.config import conf
from scapy.packet import Packet

from scapy_server.packet.registry import Registry, describe_layers

MODULES = (
    "scapy.packet",
    "scapy.layers.l2",
    "scapy.layers.inet",
    "scapy.layers.inet6",
    "scapy.layers.dns",
    "scapy.layers.dhcp",
    "scapy.layers.vxlan",
    "scapy.layers.sctp",
    "scapy.layers.ntp",
    "scapy.contrib.mpls",
    "scapy.contrib.gtp",
    "scapy.contrib.igmp",
    "scapy.contrib.igmpv3",
)


def load(extra: Sequence[str] = ()) -> Registry:
    """Import the modules and describe every layer class that they define."""
    names = [*MODULES, *extra]
    for name in names:
        importlib.import_module(name)
    return Registry(describe_layers(_classes(names)))


def _classes(modules: Sequence[str]) -> Iterator[type[Packet]]:
    order = {name: position for position, name in enumerate(modules)}
    known = [cls for cls in conf.layers if cls.__module__ in order]
    yield from sorted(known, key=lambda cls: order[cls.__module__])
