"""Short ways to write programs, and the check of what they are warned of."""

from __future__ import annotations

from typing import Any

from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.warnings import find_warnings
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

#: Layers, program, cache, and the codes with the number of their instruction.
Case = tuple[str, list[Given], int, list[tuple[str, int | None]]]


def check(registry: Registry, case: Case) -> None:
    """Assert that these are the warnings, each with a sentence."""
    layers, program, cache, codes = case
    packet = build(registry, *LAYERS[layers])
    found = find_warnings(compiled(registry, program, packet, cache), packet)
    assert [(warning.code, warning.instruction) for warning in found] == codes
    assert all(len(warning.message) > 20 for warning in found)
