"""What the engine could not hold or send is refused by the names that were written."""

from __future__ import annotations

import pytest

from scapy_server.packet.layers.registry import Registry
from tests.programs.support import Given, build, refusal

FLOW, REPEATABLE, TUPLE = "STLVmFlowVar", "STLVmFlowVarRepeatableRandom", "STLVmTupleGen"


def eights(count: int, **given: object) -> list[Given]:
    return [(FLOW, {"name": f"v{i}", "size": 8} | given) for i in range(count)]


@pytest.mark.parametrize(
    ("program", "refused"),
    [
        (eights(8), None),
        (eights(9), 8),
        ([*eights(7), (FLOW, {"name": "r", "op": "random"})], None),
        ([*eights(7), (FLOW, {"name": "r", "size": 8, "op": "random"})], 7),
        ([(REPEATABLE, {"name": f"r{i}", "size": 8}) for i in range(3)], None),
        ([(REPEATABLE, {"name": f"r{i}", "size": 8}) for i in range(4)], 3),
        ([(TUPLE, {"name": f"t{i}"}) for i in range(6)], None),
        ([(TUPLE, {"name": f"t{i}"}) for i in range(7)], 6),
    ],
)
def test_variable_space(registry: Registry, program: list[Given], refused: int | None) -> None:
    text = refusal(registry, program, None)
    if refused is None:
        assert text is None
    else:
        assert text is not None
        assert text.startswith(f"instruction {refused} (")
        assert "more than the 64 bytes of the engine's memory" in text


def test_only_the_first_512_bytes_can_be_changed(registry: Registry) -> None:
    packet = build(registry, "Ether", "IP", "UDP", {"Raw": {"load": "x" * 1000}})
    for offset, fits in ((508, True), (509, False)):
        write = ("STLVmWrFlowVar", {"fv_name": "v", "pkt_offset": offset})
        text = refusal(registry, [(FLOW, {"name": "v"}), write], packet)
        assert (text is None) is fits
    assert "are beyond the first 512 bytes" in (text or "")


@pytest.mark.parametrize(("offset", "fits"), [(56, True), (57, False)])
def test_a_short_packet_is_padded(registry: Registry, offset: int, fits: bool) -> None:
    packet = build(registry, "Ether", "IP")
    assert len(packet.frame) == 34
    write = ("STLVmWrFlowVar", {"fv_name": "v", "pkt_offset": offset})
    assert (refusal(registry, [(FLOW, {"name": "v"}), write], packet) is None) is fits


@pytest.mark.parametrize(("size", "fits"), [(9238, True), (9239, False)])
def test_the_longest_packet(registry: Registry, size: int, fits: bool) -> None:
    packet = build(registry, "Ether", {"Raw": {"load": "x" * (size - 14)}})
    assert (refusal(registry, [(FLOW, {"name": "v"})], packet) is None) is fits
    assert refusal(registry, [], packet) is None


def test_a_packet_without_an_ethernet_header(registry: Registry) -> None:
    packet = build(registry, {"Raw": {"load": "x" * 13}})
    assert "the packet has 13 bytes" in (refusal(registry, [(FLOW, {"name": "v"})], packet) or "")


@pytest.mark.parametrize(
    ("cache", "fits"),
    [
        (0, True), (-5, True), (65_535, True), ("65535", True),
        (65_536, False), ("x", False), (1.5, False),
    ],
)  # fmt: skip
def test_cache(registry: Registry, cache: object, fits: bool) -> None:
    text = refusal(registry, [], None, cache)
    assert (text is None) is fits
    if text:
        assert text.startswith("global parameters, cache_size: ")


def test_the_engines_own_variable(registry: Registry) -> None:
    own: Given = (FLOW, {"name": "___random___"})
    random: Given = (FLOW, {"name": "r", "op": "random"})
    write: Given = ("STLVmWrFlowVar", {"fv_name": "___random___", "pkt_offset": 20})
    assert refusal(registry, [own], None) is None
    assert refusal(registry, [random, write], None) is None
    assert "there is no variable '___random___'" in (refusal(registry, [write], None) or "")
    assert "instruction 1 (STLVmFlowVar), parameter name: ___random___ is the engine's own" in (
        refusal(registry, [random, own], None) or ""
    )


def test_a_little_endian_mask_write_is_as_wide_as_its_variable(registry: Registry) -> None:
    packet = build(registry, "Ether", "IP", "TCP")
    given = {"fv_name": "v", "pkt_offset": 58, "pkt_cast_size": 1}
    program: list[Given] = [(FLOW, {"name": "v"}), ("STLVmWrMaskFlowVar", given)]
    assert refusal(registry, program, packet) is None
    little: Given = ("STLVmWrMaskFlowVar", given | {"is_big": False})
    assert "bytes 58 to 61 are past the end" in (
        refusal(registry, [program[0], little], packet) or ""
    )
