"""Packets that are made of bytes, without copies of defaults that they get anyway.

Scapy leaves these copies out where it has prepared a class for that, and it prepares no class that
has a field of several types. Such are the parts of certificates, whose defaults hold packets, and
these do again: to copy them took a quarter of the time that it takes to read one.
"""

from __future__ import annotations

from typing import Any

from scapy.packet import Packet

#: What packets of a class share that are read: defaults, fields by name, and fields with packets.
_Shared = tuple[dict[str, Any], dict[str, Any], list[Any]]


_shared: dict[type[Packet], _Shared] = {}


def install() -> None:
    """Put it in the place of Scapy's; what was shared before is forgotten."""
    _shared.clear()
    Packet.init_fields = _init_fields  # type: ignore[assignment, method-assign]


def _init_fields(packet: Packet, for_dissect_only: bool = False) -> None:
    cls = type(packet)
    if not Packet.class_dont_cache.get(cls, False):
        packet.do_init_cached_fields(for_dissect_only=for_dissect_only)
    elif not for_dissect_only:
        packet.do_init_fields(packet.fields_desc)
    elif cls in _shared:
        packet.default_fields, packet.fieldtype, packet.packetfields = _shared[cls]
    else:
        packet.do_init_fields(packet.fields_desc)
        _shared[cls] = packet.default_fields, packet.fieldtype, packet.packetfields
