"""Frames of what nearly every capture is made of, to be learnt from before there is any.

A worker that has planned these when it begins shows the first capture that it is given as it
would show its second one, but for what is peculiar to that. All values are arbitrary.
"""

from __future__ import annotations

from collections.abc import Iterator

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
