"""Checksums that a program makes wrong, and fixes that fix nothing."""

from __future__ import annotations

import pytest

from scapy_server.packet.layers.registry import Registry
from tests.programs.warnings.programs import Case, check, flow, hw, ipv4, masked, write

CASES: list[Case] = [
    ("tcp", [flow(), write("v", "IP.ttl")], 0, [("ipv4_checksum", 1)]),
    ("tcp", [flow(), ipv4(), write("v", "IP.ttl")], 0, [("ipv4_checksum", 2)]),
    (
        "tcp",
        [flow(max_value=7), masked("v", "IP.flags", mask=0xE0, shift=5)],
        0,
        [("ipv4_checksum", 1)],
    ),
    ("tcp", [flow(), write("v", "TCP.urgptr", offset_fixup=1)], 0, [("l4_checksum", 1)]),
    ("udp", [flow(), write("v", "Raw.load")], 0, [("l4_checksum", 1)]),
    (
        "tcp",
        [flow(size=4), write("v", "IP.src"), ipv4()],
        0,
        [("pseudo_header_checksum", 1)],
    ),
    ("echo6", [flow(size=2), write("v", "ICMPv6EchoRequest.seq")], 0, [("l4_checksum", 1)]),
    (
        "vxlan",
        [flow(size=2), write("v", "TCP.sport"), hw("TCP", 13, "IP:1")],
        0,
        [("l4_checksum", 1)],
    ),
    ("icmp", [flow(size=2), write("v", "ICMP.seq")], 0, [("icmp_checksum", 1)]),
    ("tcp", [ipv4("Ether")], 0, [("not_ipv4", 0)]),
    ("raw", [ipv4(14)], 0, [("not_ipv4", 0)]),
    ("tcp", [hw("TCP", 11)], 0, [("other_transport", 0)]),
    (
        "echo6",
        [("STLVmFixIcmpv6", {"l3_offset": "IPv6", "l4_offset": 50})],
        0,
        [("transport_elsewhere", 0)],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_warns(registry: Registry, case: Case) -> None:
    check(registry, case)
