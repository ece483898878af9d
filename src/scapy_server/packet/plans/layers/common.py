"""Frames of what nearly every capture is made of, to be learnt from before there is any.

A worker that has planned these when it begins shows the first capture that it is given as it
would show its second one, but for what is peculiar to that. All values are arbitrary.
"""

from __future__ import annotations

from collections.abc import Iterator

from scapy.layers.dns import DNS, DNSQR, DNSRR
from scapy.layers.http import HTTP, HTTPRequest, HTTPResponse
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Packet, Padding, Raw

_PORTS = 40_001, 40_002  # to which nothing is bound
_TO_THE_LEAST_LENGTH = bytes(6)


def common_frames() -> Iterator[bytes]:
    """Frames of Ethernet."""
    ethernet = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
    hosts = IP(src="10.0.0.1", dst="10.0.0.2"), IPv6(src="fd00::1", dst="fd00::2")
    data = Raw(b"abc")
    packets: list[Packet] = [
        ethernet / ARP(hwsrc="02:00:00:00:00:01", psrc="10.0.0.1", pdst="10.0.0.2"),
        ethernet / Dot1Q(vlan=1) / hosts[0] / ICMP() / data,
    ]
    source, destination = _PORTS
    datagram, segment = UDP(sport=source, dport=destination), TCP(sport=source, dport=destination)
    for host in hosts:
        packets += [ethernet / host / datagram / data, ethernet / host / segment / data]
        packets += [ethernet / host / segment, ethernet / host / segment / Padding(b"\0")]
    for packet in packets:
        yield bytes(packet)
        yield bytes(packet) + _TO_THE_LEAST_LENGTH
    yield from (bytes(ethernet / hosts[0] / packet) for packet in _conversations())


def _conversations() -> Iterator[Packet]:
    """Segments with the options that most have, a name that is asked for, and a page."""
    client, server = _PORTS[0], 80
    stamp = [("NOP", None), ("NOP", None), ("Timestamp", (1, 2))]
    first = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (1, 0)), ("NOP", None), ("WScale", 7)]
    yield TCP(sport=client, dport=server, flags="S", options=first)
    yield TCP(sport=client, dport=server, options=stamp)
    yield TCP(sport=client, dport=server, options=stamp) / HTTP() / HTTPRequest(Host="a.example")
    yield TCP(sport=server, dport=client, options=stamp) / HTTP() / HTTPResponse(Server="a")
    asked = DNSQR(qname="a.example")
    found = [
        DNSRR(rrname="a.example", type="CNAME", rdata="b"),
        DNSRR(rrname="b", rdata="10.0.0.3"),
    ]
    yield UDP(sport=client, dport=53) / DNS(qd=[asked])
    yield UDP(sport=53, dport=client) / DNS(qr=1, qd=[asked], an=found)
