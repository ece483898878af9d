from __future__ import annotations

from typing import Any

import pytest
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPerror
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Packet, Raw

from scapy_server.packet.frames.tracer import trace_chain
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.tree.info import Mention, Sentence, info_parts, line

ADDRESSES = "16.0.0.1 → 48.0.0.1"


@pytest.mark.parametrize(
    ("packet", "info"),
    [
        (Ether() / IP() / TCP(sport=1025, dport=22, flags="SA"), f"{ADDRESSES} TCP 1025 → 22 SA"),
        (Ether() / IP() / UDP(sport=5, dport=6) / Raw(b"xy"), f"{ADDRESSES} UDP 5 → 6"),
        (Ether() / Dot1Q() / IPv6() / ICMPv6EchoRequest(), "::2 → ::1 ICMPv6EchoRequest Echo"),
        (Ether() / IP() / ICMP(type=8), f"{ADDRESSES} ICMP echo-request"),
        (Ether() / ARP(psrc="192.0.2.1", pdst="192.0.2.2"), "192.0.2.1 → 192.0.2.2 ARP who-has"),
        (
            Ether() / IP() / UDP(sport=53) / DNS(qd=[DNSQR(qname="example.com")]),
            f"{ADDRESSES} DNS 53 → 53 DNS Qry b'example.com.'",
        ),
        (Ether(type=0x1234) / Raw(b"x"), "00:00:00:02:00:00 → 00:00:00:01:00:00 Ether"),
        (Raw(b"x"), "Raw"),
    ],
)
def test_line(packet: Packet, info: str, registry: Registry) -> None:
    chain = [traced.packet for traced in trace_chain(type(packet), bytes(packet))]
    assert line(info_parts(chain), chain, registry).startswith(info)


def test_the_addresses_of_a_quoted_packet_are_not_its_own(registry: Registry) -> None:
    quoted = IPerror(src="203.0.113.1", dst="203.0.113.2")
    packet = Ether() / IP() / ICMP(type=3, code=1) / quoted
    chain = [traced.packet for traced in trace_chain(Ether, bytes(packet))]
    assert line(info_parts(chain), chain, registry).startswith(f"{ADDRESSES} ICMP dest-unreach")


def test_parts_say_what_they_depend_on() -> None:
    chain = [traced.packet for traced in trace_chain(IP, bytes(IP() / UDP(sport=5, dport=6)))]
    assert info_parts(chain) == [
        Mention(0, "src"),
        " → ",
        Mention(0, "dst"),
        " ",
        "UDP",
        " ",
        Mention(1, "sport"),
        " → ",
        Mention(1, "dport"),
    ]


def test_a_sentence_that_fails_is_left_out() -> None:
    class Odd(Packet):
        def mysummary(self) -> str:
            raise ValueError

    class Long(Packet):
        def mysummary(self) -> Any:
            return "x" * 999, []

    assert info_parts([Odd()]) == ["", "Odd"]
    assert info_parts([Long()]) == ["", "Long", " ", Sentence("x" * 200 + "…")]
