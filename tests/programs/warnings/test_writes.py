"""Writes that do not fit what they are written into."""

from __future__ import annotations

import pytest

from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.warnings import find_warnings
from tests.programs.support import Given, build, compiled
from tests.programs.warnings.programs import LAYERS, Case, check, flow, masked, write

CASES: list[Case] = [
    (
        "raw",
        [flow(size=2), flow("w", 4), write("v", 20), write("w", 17)],
        0,
        [("overlapping_writes", 3)],
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
    ("vlan", [flow(), write("v", "Dot1Q.prio")], 0, [("beyond_field", 1)]),
    ("raw", [flow(size=2), masked("v", 20, mask=0x1FF)], 0, [("mask_cut", 1)]),
    ("raw", [flow(), masked("v", 20, shift=-9)], 0, [("only_zeros", 1)]),
    ("raw", [flow(max_value=1), masked("v", 20, shift=8)], 0, [("only_zeros", 1)]),
    ("raw", [flow(), masked("v", 20, mask=0)], 0, [("only_zeros", 1)]),
    ("raw", [flow(max_value=3), masked("v", 20, shift=6)], 0, []),
    ("raw", [flow(size=8), masked("v", 20)], 0, [("upper_half", 1)]),
    ("raw", [flow(size=2), masked("v", 20, is_big=False)], 0, [("cast_size_ignored", 1)]),
    ("icmp", [flow(), write("v", 50)], 0, [("in_padding", 1), ("icmp_checksum", 1)]),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_warns(registry: Registry, case: Case) -> None:
    check(registry, case)


@pytest.mark.parametrize("field", ["IP.flags", "IP.frag", "TCP.dataofs", "TCP.flags", "IP.ihl"])
def test_the_advice_on_a_field_of_bits_can_be_followed(registry: Registry, field: str) -> None:
    packet = build(registry, *LAYERS["tcp"])

    def beyond(*program: Given) -> list[str]:
        found = find_warnings(compiled(registry, program, packet), packet)
        return [warning.message for warning in found if warning.code == "beyond_field"]

    variable = flow(max_value=1)
    (advice,) = beyond(variable, write("v", field))
    words = advice.partition("use STLVmWrMaskFlowVar with ")[2].replace(" and", ",").split(", ")
    given = dict(word.split(" ") for word in words)
    assert beyond(variable, masked("v", given.pop("pkt_offset"), **given)) == []
