"""Programs that are warned of nothing, and that every warning has its case."""

from __future__ import annotations

import pytest

from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.warnings import CODES
from tests.programs.support import Given
from tests.programs.warnings import test_checksums, test_lengths, test_variables, test_writes
from tests.programs.warnings.programs import (
    LENGTHS,
    check,
    flow,
    hw,
    ipv4,
    masked,
    trim,
    tuple_of,
    write,
)

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


@pytest.mark.parametrize(("layers", "program", "cache"), SILENT, ids=str)
def test_is_silent(registry: Registry, layers: str, program: list[Given], cache: int) -> None:
    check(registry, (layers, program, cache, []))


def test_every_code_has_a_case() -> None:
    files = (test_checksums, test_lengths, test_variables, test_writes)
    shown = {code for file in files for *_, codes in file.CASES for code, _ in codes}
    assert shown == set(CODES)
