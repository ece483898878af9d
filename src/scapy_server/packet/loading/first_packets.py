"""The first packets of ASN.1's classes, made at the start.

Such a class holds packets of others by default, and they do again: Scapy copies all of them when
the first packet is made. Those of a certificate take longer than to read three of them, which would
fall to whoever sends a worker its first one.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from scapy.asn1packet import ASN1_Packet
from scapy.packet import Packet

from scapy_server.packet.layers.scapy_state import new_layer


def make(classes: Iterable[type[Packet]]) -> None:
    """Make one packet of each class of ASN.1."""
    for cls in classes:
        if issubclass(cls, ASN1_Packet):
            with suppress(Exception):  # a base of others, which no packet is of
                new_layer(cls, None)
