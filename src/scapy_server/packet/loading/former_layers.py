"""Layers that stored documents name and that Scapy no longer has under these names.

Up to Scapy 2.7 an IGMPv3 message was a header with the checksum, `IGMPv3`, and a body of its
own layer above it. Since 2.8 each message is one layer (`IGMPv3_MQ`), and `IGMPv3` only what
these have in common. The former layers are for building: bytes dissect to today's.

Sources: RFC 9776 section 4 (queries and reports), RFC 4286 section 3 (router advertisement).
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any, ClassVar

from scapy import fields as sf
from scapy.layers.inet import IP
from scapy.packet import Packet
from scapy.utils import checksum

_MESSAGES = {
    0x11: "Membership Query",
    0x22: "Version 3 Membership Report",
    0x30: "Multicast Router Advertisement",
    0x31: "Multicast Router Solicitation",
    0x32: "Multicast Router Termination",
}
_RECORDS = {
    1: "Mode Is Include",
    2: "Mode Is Exclude",
    3: "Change To Include Mode",
    4: "Change To Exclude Mode",
    5: "Allow New Sources",
    6: "Block Old Sources",
}
#: What a report is addressed to, and how far it goes.
_BELOW = {"frag": 0, "proto": 2, "ttl": 1, "tos": 0xC0, "dst": "224.0.0.22"}


class IGMPv3(Packet):
    """The first four bytes of any message."""

    name = "IGMPv3"
    _overload_fields: ClassVar[Any] = {IP: _BELOW}
    fields_desc: ClassVar[Any] = [
        sf.ByteEnumField("type", 0x11, _MESSAGES),
        sf.ByteField("mrcode", 20),
        sf.XShortField("chksum", None),
    ]

    def post_build(self, own: bytes, payload: bytes) -> bytes:
        """The message, with its checksum unless one is given."""
        message = own + payload
        if self.chksum is not None:
            return message
        return message[:2] + checksum(message).to_bytes(2, "big") + message[4:]


def _sources(default: Any) -> list[Any]:
    return [
        sf.FieldListField(
            "srcaddrs",
            default,
            sf.IPField("sa", "0.0.0.0"),
            count_from=lambda packet: packet.numsrc,
        )
    ]


class IGMPv3mq(Packet):
    """The body of a query."""

    name = "IGMPv3mq"
    _overload_fields: ClassVar[Any] = {IGMPv3: {"type": 0x11}}
    fields_desc: ClassVar[Any] = [
        sf.IPField("gaddr", "0.0.0.0"),
        sf.BitField("resv", 0, 4),
        sf.BitField("s", 0, 1),
        sf.BitField("qrv", 0, 3),
        sf.ByteField("qqic", 0),
        sf.FieldLenField("numsrc", None, count_of="srcaddrs"),
        *_sources(None),
    ]


class IGMPv3gr(Packet):
    """A record of a report: a group and where its traffic may come from."""

    name = "IGMPv3gr"
    fields_desc: ClassVar[Any] = [
        sf.ByteEnumField("rtype", 1, _RECORDS),
        sf.ByteField("auxdlen", 0),
        sf.FieldLenField("numsrc", None, count_of="srcaddrs"),
        sf.IPField("maddr", "0.0.0.0"),
        *_sources([]),
    ]

    def extract_padding(self, rest: bytes) -> tuple[bytes, bytes]:
        """What follows is the next record."""
        return b"", rest


class IGMPv3mr(Packet):
    """The body of a report."""

    name = "IGMPv3mr"
    _overload_fields: ClassVar[Any] = {IGMPv3: {"type": 0x22, "mrcode": 0}}
    fields_desc: ClassVar[Any] = [
        sf.XShortField("res2", 0),
        sf.FieldLenField("numgrp", None, count_of="records"),
        sf.PacketListField("records", [], IGMPv3gr, count_from=lambda packet: packet.numgrp),
    ]


class IGMPv3mra(Packet):
    """The body of a router's advertisement."""

    name = "IGMPv3mra"
    _overload_fields: ClassVar[Any] = {IGMPv3: {"type": 0x30}}
    fields_desc: ClassVar[Any] = [
        sf.ShortField("qryIntvl", 0),
        sf.ShortField("robust", 0),
    ]


_FORMER = (IGMPv3mq, IGMPv3mr, IGMPv3mra, IGMPv3gr)

#: What a new layer of today's class is, where that class has nothing of its own to build.
STAND_INS: dict[str, type[Packet]] = {"scapy.layers.igmp.IGMPv3": IGMPv3}


def unknown_layers(known: Container[str]) -> Iterator[type[Packet]]:
    """The former layers whose names this version of Scapy does not have."""
    return (cls for cls in _FORMER if cls.__name__ not in known)
