"""Each warning with the program that shows it, and programs that show none."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.warnings import CODES, find_warnings
from tests.programs.support import Given, build, compiled

FLOW, REPEATABLE, TUPLE = "STLVmFlowVar", "STLVmFlowVarRepeatableRandom", "STLVmTupleGen"
LAYERS: dict[str, tuple[Any, ...]] = {
    "tcp": ("Ether", "IP", "TCP"),
    "udp": ("Ether", "IP", "UDP", {"Raw": {"load": "x" * 60}}),
    "udp0": ("Ether", "IP", {"UDP": {"chksum": 0}}, {"Raw": {"load": "x" * 60}}),
    "vlan": ("Ether", "Dot1Q", "IP", "TCP"),
    "icmp": ("Ether", "IP", "ICMP"),
    "echo6": ("Ether", "IPv6", "ICMPv6EchoRequest"),
    "raw": ("Ether", {"Raw": {"load": "x" * 60}}),
    "vxlan": ("Ether", "IP", "UDP", "VXLAN", "Ether", "IP", "TCP"),
}


def flow(name: str = "v", size: int = 1, **given: Any) -> Given:
    return FLOW, {"name": name, "size": size} | given


def write(name: str, where: object, **given: Any) -> Given:
    return "STLVmWrFlowVar", {"fv_name": name, "pkt_offset": where} | given


def masked(name: str, where: object, **given: Any) -> Given:
    return "STLVmWrMaskFlowVar", {"fv_name": name, "pkt_offset": where} | given


def trim(name: str) -> Given:
    return "STLVmTrimPktSize", {"fv_name": name}


def ipv4(where: object = "IP") -> Given:
    return "STLVmFixIpv4", {"offset": where}


def hw(l4: str, l4_type: int, l3: str = "IP") -> Given:
    return "STLVmFixChecksumHw", {"l3_offset": l3, "l4_offset": l4, "l4_type": l4_type}


def tuple_of(**given: Any) -> Given:
    return TUPLE, {"name": "t"} | given


LENGTHS: dict[str, Any] = {"size": 2, "min_value": 64, "max_value": 100}

#: (layers, program, cache, the codes with the number of their instruction)
CASES: list[tuple[str, list[Given], int, list[tuple[str, int | None]]]] = [
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
    ("tcp", [flow()], 0, [("unused_variable", 0)]),
    ("tcp", [tuple_of()], 0, [("unused_variable", 0)]),
    (
        "raw",
        [flow(size=2), flow("w", 4), write("v", 20), write("w", 17)],
        0,
        [("overlapping_writes", 3)],
    ),
    (
        "raw",
        [write("t.ip", 20), tuple_of()],
        0,
        [("write_before_tuple", 0)],
    ),
    ("raw", [flow(max_value=9, step=3), write("v", 20)], 0, [("step_does_not_divide", 0)]),
    (
        "raw",
        [flow(max_value=255, step=10), write("v", 20)],
        0,
        [("step_does_not_divide", 0), ("range_overflow", 0)],
    ),
    ("raw", [flow(max_value=4, step=5), write("v", 20)], 0, [("constant_variable", 0)]),
    (
        "raw",
        [flow(value_list=[1, 2, 3, 4], step=2), write("v", 20)],
        0,
        [("list_entries_skipped", 0)],
    ),
    ("raw", [flow(max_value=0), write("v", 20)], 0, [("untouched_range", 0)]),
    ("raw", [flow(max_value=0, init_value=7), write("v", 20)], 0, [("untouched_range", 0)]),
    (
        "raw",
        [flow(size=2, op="random", max_value=65535), write("v", 20)],
        0,
        [("random_gaps", 0)],
    ),
    ("raw", [(REPEATABLE, {"name": "v"}), write("v", 20)], 0, [("random_gaps", 0)]),
    (
        "raw",
        [tuple_of(ip_max="255.255.255.255", flags=1), write("t.ip", 20)],
        0,
        [("tuple_overflow", 0)],
    ),
    (
        "vlan",
        [flow(size=2, max_value=5000), masked("v", "Dot1Q.vlan", pkt_cast_size=2, mask=0xFFF)],
        0,
        [("wider_than_field", 1)],
    ),
    ("raw", [flow(max_value=20), masked("v", 20, mask=0xF)], 0, [("wider_than_field", 1)]),
    (
        "vlan",
        [flow(size=2, max_value=99), masked("v", "Dot1Q.vlan", pkt_cast_size=2, mask=0x1FFF)],
        0,
        [("beyond_field", 1)],
    ),
    ("raw", [flow(size=4), write("v", "Ether.src", offset_fixup=3)], 0, [("beyond_field", 1)]),
    ("raw", [flow(size=8), write("v", "Ether.dst")], 0, [("beyond_field", 1)]),
    ("raw", [flow(size=4), write("v", "Ether.dst")], 0, [("narrower_than_field", 1)]),
    ("raw", [flow(size=4), write("v", "Ether.dst", offset_fixup=2)], 0, []),
    ("raw", [flow(size=2), masked("v", 20, mask=0x1FF)], 0, [("mask_cut", 1)]),
    ("tcp", [hw("TCP", 11)], 0, [("other_transport", 0)]),
    (
        "echo6",
        [("STLVmFixIcmpv6", {"l3_offset": "IPv6", "l4_offset": 50})],
        0,
        [("transport_elsewhere", 0)],
    ),
    ("raw", [flow(), masked("v", 20, shift=-9)], 0, [("only_zeros", 1)]),
    ("raw", [flow(max_value=1), masked("v", 20, shift=8)], 0, [("only_zeros", 1)]),
    ("raw", [flow(), masked("v", 20, mask=0)], 0, [("only_zeros", 1)]),
    ("raw", [flow(max_value=3), masked("v", 20, shift=6)], 0, []),
    ("raw", [flow(max_value=0), masked("v", 20, shift=-9)], 0, [("untouched_range", 0)]),
    ("raw", [flow(size=8), masked("v", 20)], 0, [("upper_half", 1)]),
    ("raw", [flow(size=2), masked("v", 20, is_big=False)], 0, [("cast_size_ignored", 1)]),
    ("icmp", [flow(), write("v", 50)], 0, [("in_padding", 1), ("icmp_checksum", 1)]),
    (
        "udp0",
        [flow(**LENGTHS), trim("v")],
        0,
        [("length_field", 1)],
    ),
    (
        "raw",
        [flow(size=2, min_value=10, max_value=74), trim("v")],
        0,
        [("trim_clamped", 1)],
    ),
    ("raw", [flow(max_value=9), write("v", 20)], 9, [("cache_too_short", None)]),
    ("raw", [flow(op="random"), write("v", 20)], 50, [("cache_too_short", None)]),
    ("raw", [flow(max_value=9), write("v", 20)], 10_001, [("cache_too_large", None)]),
]

SILENT: list[tuple[str, list[Given], int]] = [
    ("tcp", [], 1000),
    ("tcp", [flow(), write("v", "IP.ttl"), ipv4()], 0),
    ("tcp", [flow(size=4), write("v", "IP.src"), hw("TCP", 13)], 0),
    ("tcp", [flow(size=2), write("v", "TCP.sport"), hw("TCP", 17)], 0),
    ("udp0", [flow(size=2), write("v", "UDP.sport")], 0),
    ("udp0", [flow(size=4), write("v", "IP.dst"), ipv4()], 0),
    (
        "echo6",
        [
            flow(size=2),
            write("v", "ICMPv6EchoRequest.seq"),
            ("STLVmFixIcmpv6", {"l3_offset": "IPv6", "l4_offset": "ICMPv6EchoRequest"}),
        ],
        0,
    ),
    ("tcp", [flow(size=2), write("v", "TCP.chksum")], 0),
    ("tcp", [flow(size=2), write("v", "IP.chksum")], 0),
    (
        "udp0",
        [
            flow(**LENGTHS),
            trim("v"),
            write("v", "IP.len", add_val=-14),
            write("v", "UDP.len", add_val=-34),
            ipv4(),
        ],
        0,
    ),
    ("raw", [flow("a", next_var="b"), flow("b"), write("b", 20)], 0),
    ("raw", [tuple_of(), write("t.port", 20)], 0),
    ("raw", [flow(max_value=15), masked("v", 20, mask=0xF0, shift=4)], 0),
    ("raw", [flow("a", max_value=15), flow("b", max_value=15),
             masked("a", 20, mask=0xF0, shift=4), masked("b", 20, mask=0x0F)], 0),
    ("vlan", [flow(size=2, max_value=4095),
              masked("v", "Dot1Q.vlan", pkt_cast_size=2, mask=0xFFF)], 0),
    ("raw", [flow(max_value=9), write("v", 20)], 10),
    ("raw", [flow(size=2, op="random", max_value=32767), write("v", 20)], 0),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "program", "cache", "codes"), CASES, ids=str)
def test_warns(
    registry: Registry,
    layers: str,
    program: list[Given],
    cache: int,
    codes: list[tuple[str, int | None]],
) -> None:
    packet = build(registry, *LAYERS[layers])
    found = find_warnings(compiled(registry, program, packet, cache), packet)
    assert [(warning.code, warning.instruction) for warning in found] == codes
    assert all(len(warning.message) > 20 for warning in found)


@pytest.mark.parametrize(("layers", "program", "cache"), SILENT, ids=str)
def test_is_silent(registry: Registry, layers: str, program: list[Given], cache: int) -> None:
    packet = build(registry, *LAYERS[layers])
    assert find_warnings(compiled(registry, program, packet, cache), packet) == []


def test_every_code_is_shown_above() -> None:
    assert {code for *_, codes in CASES for code, _ in codes} == set(CODES)
