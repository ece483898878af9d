from __future__ import annotations

from typing import Any

import pytest

from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.effects import effects, field_span, placed, span
from tests.programs.support import Given, build, compiled

Bytes = dict[int, int]


def shown(bits: int, width: int = 60) -> Bytes:
    """Each byte that has bits set, with these bits."""
    return {index: byte for index, byte in enumerate(bits.to_bytes(width, "big")) if byte}


def test_bit_sets() -> None:
    assert shown(span(2, 4, 60)) == {2: 255, 3: 255}
    assert shown(span(58, 99, 60)) == {58: 255, 59: 255}
    assert shown(span(60, 99, 60)) == {}
    assert shown(field_span(8 * 7 + 3, 13, 60)) == {7: 0x1F, 8: 0xFF}
    assert shown(placed(0x0102, 2, 9, 60)) == {9: 1, 10: 2}
    assert shown(placed(0x0102, 2, 9, 60, is_big=False)) == {9: 2, 10: 1}


WRITES: list[tuple[tuple[str, int, dict[str, Any]], Bytes, tuple[int, Bytes]]] = [
    # ((instruction, bytes of the variable, parameters), bits changed, (a value, bits written))
    (("STLVmWrFlowVar", 2, {}), {20: 255, 21: 255}, (0x0102, {20: 1, 21: 2})),
    (("STLVmWrFlowVar", 2, {"is_big": False}), {20: 255, 21: 255}, (0x0102, {20: 2, 21: 1})),
    (("STLVmWrFlowVar", 1, {"add_val": 300}), {20: 255}, (250, {20: 38})),
    (("STLVmWrFlowVar", 2, {"add_val": -14}), {20: 255, 21: 255}, (10, {20: 255, 21: 252})),
    (("STLVmWrMaskFlowVar", 1, {}), {20: 255}, (7, {20: 7})),
    (("STLVmWrMaskFlowVar", 2, {"mask": 1, "shift": -1}), {20: 1}, (30, {20: 1})),
    (
        ("STLVmWrMaskFlowVar", 1, {"mask": 0x0FF0, "pkt_cast_size": 2, "shift": 4, "add_value": 2}),
        {20: 0x0F, 21: 0xF0}, (14, {20: 1}),
    ),
    (
        ("STLVmWrMaskFlowVar", 2, {"mask": 255, "pkt_cast_size": 1, "is_big": False}),
        {20: 255}, (0x1234, {20: 0x34}),
    ),
    (
        ("STLVmWrMaskFlowVar", 8, {"mask": 0xFFFFFFFF, "pkt_cast_size": 4}),
        {20: 255, 21: 255, 22: 255, 23: 255},
        (0x1122334455667788, {20: 0x11, 21: 0x22, 22: 0x33, 23: 0x44}),
    ),
    (
        ("STLVmWrMaskFlowVar", 8, {"mask": 0xFFFFFFFF, "pkt_cast_size": 4, "is_big": False}),
        {20: 255, 21: 255, 22: 255, 23: 255},
        (0x1122334455667788, {20: 0x88, 21: 0x77, 22: 0x66, 23: 0x55}),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("write", "bits", "written"), WRITES, ids=str)
def test_writes(
    registry: Registry,
    write: tuple[str, int, dict[str, Any]],
    bits: Bytes,
    written: tuple[int, Bytes],
) -> None:
    name, size, given = write
    packet = build(registry, "Ether", "IP", "TCP")
    program: list[Given] = [
        ("STLVmFlowVar", {"name": "v", "size": size}),
        (name, {"fv_name": "v", "pkt_offset": 20} | given),
    ]
    (effect,) = effects(compiled(registry, program, packet), packet)
    assert shown(effect.bits) == bits
    value, expected = written
    assert shown(effect.written(value)) == expected


@pytest.mark.parametrize(
    ("layers", "fix", "changed"),
    [
        (("IP", "TCP"), ("STLVmFixIpv4", {"offset": "IP"}), [24, 25]),
        (
            ("IP", "TCP"),
            ("STLVmFixChecksumHw", {"l3_offset": "IP", "l4_offset": "TCP", "l4_type": 13}),
            [24, 25, 50, 51],
        ),
        (
            ("IPv6", "UDP"),
            ("STLVmFixChecksumHw", {"l3_offset": "IPv6", "l4_offset": "UDP", "l4_type": 11}),
            [60, 61],
        ),
        (
            ("IPv6", "ICMPv6EchoRequest"),
            ("STLVmFixIcmpv6", {"l3_offset": "IPv6", "l4_offset": "ICMPv6EchoRequest"}),
            [56, 57],
        ),
    ],
)
def test_fixes(registry: Registry, layers: tuple[str, ...], fix: Given, changed: list[int]) -> None:
    packet = build(registry, "Ether", *layers)
    (effect,) = effects(compiled(registry, [fix], packet), packet)
    assert effect.variable is None
    assert list(shown(effect.bits, max(60, len(packet.frame)))) == changed
