"""Telling the data plane what a port's receive side and stack are to know."""

from __future__ import annotations

from scapy_server.services.ports.control import Control
from scapy_server.services.ports.plane.commands import Configure
from scapy_server.services.ports.state.port import Port

#: How long after one gratuitous ARP the next is sent.
ANNOUNCED_SECONDS = 120


def is_announced(control: Control, port: Port) -> bool:
    """Whether a port tells its address again and again: whom it sends to is none of our ports."""
    destination = port.layers.destination
    ours = {other.layers.source for other in control.ports.values()}
    return port.layers.ipv4 is not None and destination is not None and destination not in ours


def configure(control: Control, port: Port) -> None:
    """Hand the settings of a port over; one that is just being replaced gets them later."""
    layers, attributes = port.layers, port.attributes
    own, peer = layers.ipv4 or ("", "")
    control.links[port.number].ask(
        Configure(
            port.number,
            layers.source,
            layers.destination,
            own,
            peer,
            layers.ipv6,
            list(layers.vlans),
            port.queue_size,
            port.service.enabled,
            port.service.mask,
            attributes.promiscuous,
            list(attributes.vxlan_ports),
            ANNOUNCED_SECONDS if is_announced(control, port) else 0.0,
        )
    )
