from __future__ import annotations

from typing import Any

import pytest

from scapy_server.packet.layers.registry import Registry
from tests.programs.support import Case, build, check_case, refusal

IPV4, HW, ICMPV6 = "STLVmFixIpv4", "STLVmFixChecksumHw", "STLVmFixIcmpv6"
LAYERS = {
    "tcp": ("Ether", "IP", "TCP"),
    "udp": ("Ether", "Dot1Q", "IP", "UDP"),
    "udp6": ("Ether", "IPv6", "UDP"),
    "echo6": ("Ether", "IPv6", "ICMPv6EchoRequest"),
    "ipip": ("Ether", "IP", "IP", "UDP"),
}


def ipv4(given: object, byte: int, back: object) -> Case:
    return Case(
        IPV4, {"offset": given}, {"type": "fix_checksum_ipv4", "pkt_offset": byte}, {"offset": back}
    )


def hw(
    l3: object, l4: object, l4_type: object, numbers: tuple[int, int, int], *back: object
) -> Case:
    l2_len, l3_len, vm_type = numbers
    given = {"l3_offset": l3, "l4_offset": l4, "l4_type": l4_type}
    vm = {"type": "fix_checksum_hw", "l2_len": l2_len, "l3_len": l3_len, "l4_type": vm_type}
    return Case(HW, given, vm, dict(zip(given, (*back, vm_type), strict=True)))


def icmpv6(l3: object, l4: object, *back: object) -> Case:
    given = {"l3_offset": l3, "l4_offset": l4}
    vm = {"type": "fix_checksum_icmpv6", "l2_len": 14, "l3_len": 40}
    return Case(ICMPV6, given, vm, dict(zip(given, back, strict=True)))


CASES = [
    ("tcp", ipv4("IP", 14, "IP")),
    ("tcp", ipv4("IP:0", 14, "IP")),
    ("tcp", ipv4("14", 14, "IP")),
    ("tcp", ipv4("Ether", 0, "Ether")),
    ("tcp", ipv4("Ethernet", 0, "Ether")),
    ("tcp", ipv4(15, 15, 15)),
    ("ipip", ipv4("IP:1", 34, "IP:1")),
    ("tcp", hw("IP", "TCP", "13", (14, 20, 13), "IP", "TCP")),
    ("tcp", hw(14, "34", 13, (14, 20, 13), "IP", "TCP")),
    ("tcp", hw("IP", 0, 17, (14, 0, 17), "IP", 0)),
    ("tcp", hw("IP", "TCP", 17, (14, 20, 17), "IP", "TCP")),
    ("udp", hw("IP", "UDP", "11", (18, 20, 11), "IP", "UDP")),
    ("udp6", hw("IPv6", "UDP", 11, (14, 40, 11), "IPv6", "UDP")),
    ("ipip", hw("IP:1", "UDP", 11, (34, 20, 11), "IP:1", "UDP")),
    ("echo6", icmpv6("IPv6", "ICMPv6EchoRequest", "IPv6", "ICMPv6EchoRequest")),
    ("echo6", icmpv6("IPv6", "ICMPv6 Echo Request", "IPv6", "ICMPv6EchoRequest")),
]


@pytest.mark.parametrize(("layers", "case"), CASES, ids=lambda value: str(value)[:60])
def test_compiles_and_comes_back(registry: Registry, layers: str, case: Case) -> None:
    check_case(registry, case, build(registry, *LAYERS[layers]))


REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("tcp", IPV4, {"offset": "UDP"}, "offset: the packet has no layer 'UDP'"),
    ("tcp", IPV4, {"offset": "IP.src"}, "offset: the packet has no layer 'IP.src'"),
    ("tcp", IPV4, {"offset": "IP:1"}, "'IP:1' counts from 0 and the packet has only one IP layer"),
    ("ipip", IPV4, {"offset": "IP:2"}, "the packet has only 2 IP layers"),
    ("tcp", IPV4, {"offset": 50}, "offset: bytes 50 to 109 are past the end of the packet"),
    ("tcp", HW, {"l3_offset": "IP", "l4_offset": "TCP", "l4_type": 12}, "12 is not one of"),
    ("tcp", HW, {"l3_offset": "IP", "l4_offset": "TCP"}, "l4_type: a value is needed"),
    (
        "udp6",
        HW,
        {"l3_offset": "IPv6", "l4_offset": "UDP", "l4_type": 17},
        "l4_type: 17 stands for IPv4 only",
    ),
    (
        "tcp",
        HW,
        {"l3_offset": "TCP", "l4_offset": "IP", "l4_type": 13},
        "l4_offset: byte 14 is not behind the IP header at byte 34",
    ),
    (
        "tcp",
        HW,
        {"l3_offset": "IP", "l4_offset": 38, "l4_type": 13},
        "l4_offset: byte 38 is not where the transport header begins",
    ),
    (
        "tcp",
        HW,
        {"l3_offset": "Ether", "l4_offset": "TCP", "l4_type": 13},
        "l3_offset: byte 0 lies within the Ethernet header",
    ),
    (
        "udp",
        HW,
        {"l3_offset": "Dot1Q", "l4_offset": "UDP", "l4_type": 11},
        "l3_offset: there is no IP header at byte 14",
    ),
    (
        "tcp",
        ICMPV6,
        {"l3_offset": "IP", "l4_offset": "TCP"},
        "l3_offset: there is no IPv6 header at byte 14",
    ),
    ("udp6", ICMPV6, {"l3_offset": "IPv6", "l4_offset": "UDP"}, "is followed by UDP"),
]


@pytest.mark.parametrize(
    ("layers", "name", "given", "sentence"), REFUSED, ids=lambda value: str(value)[:50]
)
def test_refusals(
    registry: Registry, layers: str, name: str, given: dict[str, Any], sentence: str
) -> None:
    text = refusal(registry, [(name, given)], build(registry, *LAYERS[layers]))
    assert text is not None
    assert text.startswith(f"instruction 0 ({name}), parameter ")
    assert sentence in text
