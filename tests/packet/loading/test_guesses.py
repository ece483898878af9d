"""The right answers are those of RFC 4884."""

from __future__ import annotations

import pytest
from scapy.layers.inet import ICMP, IP, UDP, ICMPExtension_Header, ICMPExtension_Object
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from scapy_server.packet.layers.registry import Registry

QUOTE = bytes(IP() / UDP(sport=9, dport=9) / Raw(bytes(300)))
EXTENSION: Packet = ICMPExtension_Header() / ICMPExtension_Object() / Raw(b"abcd")
TRACED: Packet = Ether() / IP() / ICMP(type=11)


@pytest.mark.parametrize(("checksum", "read"), [(None, True), (0, True), (0x1234, False)])
def test_an_extension_has_its_checksum(
    checksum: int | None, read: bool, registry: Registry
) -> None:
    extension = ICMPExtension_Header(chksum=checksum) / EXTENSION.payload
    found = Ether(bytes(TRACED / Raw(QUOTE[:128] + bytes(extension))))[ICMP]
    assert (found.fields.get("ext") is not None) is read


def test_an_extension_behind_a_longer_quote(registry: Registry) -> None:
    longer = Ether() / IP() / ICMP(type=11, length=40)
    frame = bytes(longer / Raw(QUOTE[:160] + bytes(EXTENSION)))
    assert Ether(frame)[ICMP].ext.version == 2
