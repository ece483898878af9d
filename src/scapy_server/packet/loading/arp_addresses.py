"""Addresses of ARP that are neither Ethernet's nor IPv4's: zeros until they are given.

Their lengths decide what type of field they are in Scapy, which lets those of a type or
length without a field of its own have no bytes at all. Here they are as long as their
length says, and as long as usual where that is not given either: RFC 826 has a fixed
place for each.
"""

from __future__ import annotations

from typing import Any

from scapy import fields as sf
from scapy.layers.l2 import ARP
from scapy.packet import Packet


class _UnsetAddress(sf.StrFixedLenField):
    """Zeros when no value is given: as many as the sender's address has, usually `unset`."""

    unset = b""

    def i2m(self, pkt: Packet | None, x: Any) -> Any:
        return super().i2m(pkt, bytes(self._usual_length(pkt)) if x is None else x)

    def _usual_length(self, pkt: Any) -> int:
        if pkt is None or self.name.endswith("src"):
            return len(self.unset)
        field, value = pkt.getfield_and_val(self.name.replace("dst", "src"))
        return int(field.i2len(pkt, value)) if value is not None else len(self.unset)

    def i2len(self, pkt: Packet | None, x: Any) -> int:
        return len(self.unset) if x is None else int(super().i2len(pkt, x))


class _HardwareAddress(_UnsetAddress):
    unset = bytes(6)


class _ProtocolAddress(_UnsetAddress):
    unset = bytes(4)


def install() -> None:
    """Put them in place of Scapy's in ARP's declaration."""
    for declared in ARP.fields_desc:
        if isinstance(declared, sf.MultipleTypeField):
            cls = _HardwareAddress if declared.name.startswith("hw") else _ProtocolAddress
            other: Any = declared.dflt
            declared.dflt = cls(other.name, None, length_from=other.length_from)
