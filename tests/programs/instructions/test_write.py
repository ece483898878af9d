from __future__ import annotations

from typing import Any

import pytest

from scapy_server.packet.layers.registry import Registry
from tests.programs.support import Case, Given, build, check_case, compiled, refusal

PLAIN, MASKED = "STLVmWrFlowVar", "STLVmWrMaskFlowVar"


def variables(size: int) -> list[Given]:
    return [("STLVmFlowVar", {"name": "v", "size": size})]


def plain(given: dict[str, Any], size: int, back: object = None, **changed: Any) -> Case:
    vm: dict[str, Any] = {"type": "write_flow_var", "name": "v", "pkt_offset": 0, "add_value": 0}
    vm |= {"is_big_endian": True} | changed
    offset = vm["pkt_offset"] if back is None else back
    expected = {"fv_name": "v", "pkt_offset": offset, "add_val": vm["add_value"]}
    expected |= {"offset_fixup": 0, "is_big": vm["is_big_endian"]}
    return Case(PLAIN, {"fv_name": "v"} | given, vm, expected, variables(size))


def masked(given: dict[str, Any], size: int, back: object = None, **changed: Any) -> Case:
    vm: dict[str, Any] = {"type": "write_mask_flow_var", "name": "v", "pkt_offset": 0}
    vm |= {"pkt_cast_size": 1, "mask": 255, "shift": 0, "add_value": 0, "is_big_endian": True}
    vm |= changed
    expected = {"fv_name": "v", "pkt_offset": vm["pkt_offset"] if back is None else back}
    expected |= {"pkt_cast_size": vm["pkt_cast_size"], "mask": hex(vm["mask"]), "offset_fixup": 0}
    expected |= {"shift": vm["shift"], "add_value": vm["add_value"], "is_big": vm["is_big_endian"]}
    return Case(MASKED, {"fv_name": "v"} | given, vm, expected, variables(size))


CASES = [
    plain({"pkt_offset": "IP.src"}, 4, "IP.src", pkt_offset=26),
    plain({"pkt_offset": "IP:0.src"}, 4, "IP.src", pkt_offset=26),
    plain({"pkt_offset": 26}, 4, "IP.src", pkt_offset=26),
    plain({"pkt_offset": "0x1a"}, 4, "IP.src", pkt_offset=26),
    plain({"pkt_offset": "27"}, 4, pkt_offset=27),
    plain({"pkt_offset": "Ethernet.src", "offset_fixup": "2"}, 4, pkt_offset=8),
    plain(
        {"pkt_offset": "IP.len", "add_val": "-14", "is_big": "false"},
        2, "IP.len", pkt_offset=16, add_value=-14, is_big_endian=False,
    ),
    plain({"pkt_offset": 16, "is_big": False}, 4, pkt_offset=16, is_big_endian=False),
    masked({"pkt_offset": 50}, 1, pkt_offset=50),
    masked(
        {"pkt_offset": "IP.frag", "pkt_cast_size": 2, "mask": "0x1FFF"},
        2, "IP.frag", pkt_offset=20, pkt_cast_size=2, mask=0x1FFF,
    ),
    masked(
        {"pkt_offset": "IP.flags", "mask": 0xE0, "shift": 5, "add_value": 1},
        1, "IP.flags", pkt_offset=20, mask=0xE0, shift=5, add_value=1,
    ),
    masked(
        {"pkt_offset": "IP.src", "offset_fixup": 1, "is_big": False, "mask": 0},
        1, pkt_offset=27, is_big_endian=False, mask=0,
    ),
    masked({"pkt_offset": "IP.ttl", "mask": 0x0F}, 1, pkt_offset=22, mask=0x0F),
    masked({"pkt_offset": "IP.ttl"}, 1, "IP.ttl", pkt_offset=22),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.given))
def test_compiles_and_comes_back(registry: Registry, case: Case) -> None:
    check_case(registry, case, build(registry, "Ether", "IP", "TCP"))


REFUSED = [
    (PLAIN, {}, "parameter fv_name: a value is needed"),
    (PLAIN, {"fv_name": "v"}, "parameter pkt_offset: a value is needed"),
    (PLAIN, {"fv_name": "w", "pkt_offset": 3}, "parameter fv_name: there is no variable 'w'"),
    (PLAIN, {"fv_name": "v", "pkt_offset": ""}, "parameter pkt_offset: '' is not a field"),
    (PLAIN, {"fv_name": "v", "pkt_offset": -1}, "parameter pkt_offset: -1 is before the packet"),
    (PLAIN, {"fv_name": "v", "pkt_offset": 60}, "bytes 60 to 63 are past the end of the packet"),
    (
        PLAIN,
        {"fv_name": "v", "pkt_offset": 0, "offset_fixup": -1},
        "parameter offset_fixup: the write would begin at byte -1",
    ),
    (PLAIN, {"fv_name": "v", "pkt_offset": 9, "is_big": 3}, "is_big: 3 is not true or false"),
    (PLAIN, {"fv_name": "v", "pkt_offset": 9, "add_val": 1 << 31}, "parameter add_val"),
    (MASKED, {"fv_name": "v", "pkt_offset": 9, "mask": 1 << 32}, "parameter mask"),
    (MASKED, {"fv_name": "v", "pkt_offset": 9, "mask": -1}, "parameter mask: -1 is not"),
    (MASKED, {"fv_name": "v", "pkt_offset": 9, "pkt_cast_size": 8}, "8 is not one of 1, 2 or 4"),
    (MASKED, {"fv_name": "v", "pkt_offset": 9, "shift": 32}, "shift: 32 is not a whole number"),
    (MASKED, {"fv_name": "v", "pkt_offset": 60}, "bytes 60 to 60 are past the end"),
]


@pytest.mark.parametrize(("name", "given", "sentence"), REFUSED, ids=lambda value: str(value)[:50])
def test_refusals(registry: Registry, name: str, given: dict[str, Any], sentence: str) -> None:
    packet = build(registry, "Ether", "IP", "TCP")
    text = refusal(registry, [*variables(4), (name, given)], packet)
    assert text is not None
    assert text.startswith(f"instruction 1 ({name})")
    assert sentence in text


@pytest.mark.parametrize(
    ("layers", "name", "byte"),
    [
        (("Ether", "Dot1Q", "IP"), "Dot1Q.vtype", 16),
        (
            ("Ether", "IP", {"GRE": {"key_present": 1, "seqnum_present": 1}}),
            "GRE.seqence_number",
            42,
        ),
    ],
)
def test_fields_may_go_by_former_names(
    registry: Registry, layers: tuple[Any, ...], name: str, byte: int
) -> None:
    packet = build(registry, *layers)
    program = [*variables(2), (PLAIN, {"fv_name": "v", "pkt_offset": name})]
    vm = compiled(registry, program, packet).raw
    assert vm["instructions"][1]["pkt_offset"] == byte
