"""Packets and captures for the tests of the room."""

from __future__ import annotations

from scapy_server.captures.records import PacketRecord
from scapy_server.captures.writing import PcapngWriter, write_records
from scapy_server.packet.packets_as_text import packet_of
from scapy_server.services.packets.core import Core

UDP = "Ether()/IP(src='10.0.0.{}', dst='192.0.2.9')/UDP(sport=1025, dport=40000)/Raw('payload')"
TCP = "Ether()/Dot1Q(vlan=7)/IP(src='10.0.0.{}')/TCP(dport=443, flags='S')"
ARP = "Ether()/ARP(psrc='10.0.0.{}')"
TIME = 1_700_000_000_123_456_789


def frame(core: Core, expression: str) -> bytes:
    return bytes(packet_of(expression, core.registry))


def records(core: Core, count: int = 12) -> list[PacketRecord]:
    """UDP, TCP and ARP in turns, with all that pcapng knows of packets."""
    found = []
    for number in range(1, count + 1):
        data = frame(core, (UDP, TCP, ARP)[number % 3].format(number % 256))
        record = PacketRecord(
            number,
            data,
            1,
            TIME + number,
            len(data),
            "eth0" if number % 2 else "eth1",
            f"note {number}" if number % 4 == 0 else None,
        )
        found.append(record)
    return found


def pcapng(core: Core, count: int = 12) -> bytes:
    return write_records(records(core, count), PcapngWriter())
