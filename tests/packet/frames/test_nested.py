from __future__ import annotations

from typing import Any

import pytest
from scapy.layers.dhcp6 import DHCP6_Solicit
from scapy.layers.dns import DNS, DNSQR, DNSRR
from scapy.layers.inet import UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.layers.snmp import SNMP
from scapy.packet import Packet, Raw

from scapy_server.packet.frames import nested
from scapy_server.packet.frames.nested import class_made
from scapy_server.packet.frames.tracer import trace_chain, trace_layer
from scapy_server.packet.layers.registry import Registry

pytestmark = pytest.mark.usefixtures("registry")

MESSAGE = bytes.fromhex(
    "0001818000010001000000000377777707657861 6d706c6503636f6d0000010001"
    "c00c000100010000003c0004c0000201"
)


def test_packets_within_fields_say_where_they_and_their_fields_lie() -> None:
    layer = trace_layer(DNS, MESSAGE, 0, None)[0]
    assert layer.sightings is not None
    seen = {type(each.packet): each for each in layer.sightings.packets.values()}
    question, answer = seen[DNSQR], seen[DNSRR]
    assert (question.place.bit_offset, question.place.bit_length) == (96, 8 * 21)
    assert (answer.place.bit_offset, answer.place.bit_length) == (8 * 33, 8 * 16)
    address = answer.fields[[f.name for f in DNSRR.fields_desc].index("rdata")]
    assert MESSAGE[address.bit_offset // 8 : address.end // 8] == bytes([192, 0, 2, 1])


def test_plain_bytes_are_read_as_ever(registry: Registry) -> None:
    assert isinstance(DNS(MESSAGE).qd[0], DNSQR)
    before = Packet.dissect
    nested.install()  # nothing is watched twice
    assert Packet.dissect is before
    assert Ether(bytes(12) + b"\x08\x00").type == 0x0800


def test_the_class_is_told_of_what_a_function_makes_without_reading_it() -> None:
    """As below LLC and IPv6, where it depends on the first bytes."""
    message = bytes(DHCP6_Solicit()) + bytes(4) * 9
    made: list[Packet] = []

    def make(data: bytes, **named: Any) -> Packet:
        made.append(DHCP6_Solicit(data, **named))
        return made[0]

    assert class_made(make, message, None) is DHCP6_Solicit
    assert class_made(lambda data, **named: Raw(), message, None) is Raw
    assert not made
    assert make(message).msgtype == 1
    frame = bytes(Ether() / IPv6() / UDP(sport=546, dport=547) / Raw(message))
    assert type(trace_chain(Ether, frame)[3].packet) is DHCP6_Solicit


def test_asn1_builds_the_bytes_that_it_was_read_from() -> None:
    """Also where they are longer than they need be: the length of a sequence in two bytes."""
    canonical = bytes(SNMP())
    longer = canonical[:1] + b"\x81" + canonical[1:]
    read = SNMP(longer)
    assert bytes(read) == longer
    read.version = 0
    assert bytes(read) == bytes(SNMP(version=0))
