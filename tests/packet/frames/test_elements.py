from __future__ import annotations

from typing import Any

import pytest
from scapy.layers.dhcp import DHCP
from scapy.layers.inet import TCP
from scapy.layers.isakmp import ISAKMP_payload_Transform
from scapy.layers.rip import RIPEntry
from scapy.packet import Packet

from scapy_server.packet.frames.elements import elements

pytestmark = pytest.mark.usefixtures("registry")


def split(packet: Packet, name: str, data: str) -> list[Any] | None:
    """Each item as (hex of its bytes, names of its members)."""
    field, octets = packet.get_field(name), bytes.fromhex(data)
    value = field.m2i(packet, octets)
    found = elements(packet, field, value, octets)
    if found is None:
        return None
    return [(octets[e.start : e.end].hex(), [m.id for m in e.members]) for e in found]


def test_options_of_tcp() -> None:
    assert split(TCP(), "options", "020405b4 01 030307 00 0000") == [
        ("020405b4", ["kind", "length", "value"]),
        ("01", ["kind"]),
        ("030307", ["kind", "length", "value"]),
        ("00", ["kind"]),
    ]
    assert split(TCP(), "options", "0402 0801") == [
        ("0402", ["kind", "length"]),
        ("0801", ["kind", "length"]),
    ]


def test_options_of_dhcp() -> None:
    assert split(DHCP(), "options", "350101 00 3204c0000201 ff") == [
        ("350101", ["code", "length", "value"]),
        ("00", ["code"]),
        ("3204c0000201", ["code", "length", "value"]),
        ("ff", ["code"]),
    ]
    assert split(DHCP(), "options", "3509 01") == [("350901", [])]


def test_transforms_of_ike() -> None:
    assert split(ISAKMP_payload_Transform(), "transforms", "80010007 000c000400007080") == [
        ("80010007", ["type", "value"]),
        ("000c000400007080", ["type", "length", "value"]),
    ]


def test_what_has_no_known_form_has_no_known_places() -> None:
    packet = RIPEntry()
    assert elements(packet, packet.get_field("addr"), ["x"], b"x") is None


def test_no_more_is_split_than_is_to_be_placed() -> None:
    """Scapy reads these bytes as two options."""

    class Counted(bytes):
        reads = 0

        def __getitem__(self, index: Any) -> Any:
            Counted.reads += 1
            return super().__getitem__(index)

    data = Counted(b"\0\4" * 20_000)
    field = DHCP().get_field("options")
    value = field.m2i(DHCP(), bytes(data))
    assert elements(DHCP(), field, value, data) is None
    assert Counted.reads < 20
