"""What Scapy does once it was told. The right answers are those of the RFCs."""

from __future__ import annotations

from scapy.layers.inet import IP
from scapy.layers.l2 import Ether
from scapy.layers.netflow import NetflowHeader
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Raw

from scapy_server.packet.layers.registry import Registry


def test_vxlan_has_the_flags_of_its_rfc(registry: Registry) -> None:
    assert bytes(VXLAN(vni=42) / Ether())[:8].hex() == "0800000000002a00"
    assert bytes(VXLAN(flags=12, NextProtocol=3) / Ether())[:4].hex() == "0c000003"


def test_bytes_that_begin_no_message_are_no_smb(registry: Registry) -> None:
    session = registry.layer("NBTSession").cls
    assert type(session(b"\0\0\0\x04abcd").payload) is Raw
    message = bytes.fromhex("00000020") + b"\xffSMB" + bytes(28)
    assert type(session(message).payload).__name__ == "SMB_Header"


def test_precedence_is_filled_in_for_version_3_alone(registry: Registry) -> None:
    names = ("IGMP", "IGMPv2_MR", "IGMPv3_MQ")
    packets: dict[str, Packet] = {name: IP() / registry.layer(name).cls() for name in names}
    set_by = {name: packet.tos for name, packet in packets.items()}
    assert set_by == {"IGMP": 0, "IGMPv2_MR": 0, "IGMPv3_MQ": 0xC0}


def test_what_is_unbound_is_not_chosen(registry: Registry) -> None:
    bound = registry.layer("UDP").cls.payload_guess
    ports = {number for given, cls in bound if cls is NetflowHeader for number in given.values()}
    assert 6343 not in ports
    assert 4739 in ports
