"""What the engine could not run is refused, by instruction and parameter."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.engine.renderer import Renderer
from scapy_server.errors import RefusedError
from tests.engine.programs import TEMPLATES

Raw = dict[str, Any]


def flow_var(**changed: Any) -> Raw:
    raw = {"type": "flow_var", "name": "v", "size": 1, "op": "inc", "step": 1}
    return raw | {"init_value": 1, "min_value": 1, "max_value": 9} | changed


def rand_limit(**changed: Any) -> Raw:
    raw = {"type": "flow_var_rand_limit", "name": "v", "size": 1, "limit": 5, "seed": 1}
    return raw | {"min_value": 1, "max_value": 9} | changed


def tuple_var(**changed: Any) -> Raw:
    raw = {"type": "tuple_flow_var", "name": "t", "ip_min": 1, "ip_max": 9, "port_min": 1}
    return raw | {"port_max": 9, "limit_flows": 0, "flags": 0} | changed


def write(**changed: Any) -> Raw:
    raw = {"type": "write_flow_var", "name": "v", "pkt_offset": 40, "add_value": 0}
    return raw | {"is_big_endian": True} | changed


def mask(**changed: Any) -> Raw:
    raw = write(type="write_mask_flow_var", pkt_cast_size=1, mask=255, shift=0)
    return raw | changed


def hardware(**changed: Any) -> Raw:
    return {"type": "fix_checksum_hw", "l2_len": 14, "l3_len": 20, "l4_type": 11} | changed


def icmpv6(**changed: Any) -> Raw:
    return {"type": "fix_checksum_icmpv6", "l2_len": 14, "l3_len": 40} | changed


def ipv4(offset: int) -> Raw:
    return {"type": "fix_checksum_ipv4", "pkt_offset": offset}


TRIM = {"type": "trim_pkt_size", "name": "v"}

CASES: list[tuple[str, list[Any], str]] = [
    ("udp", [7], "instruction 0: an instruction is an object"),
    ("udp", [{"type": "nop"}], "key type: 'nop' is not one of flow_var, flow_var_rand_limit,"),
    ("udp", [{"type": 3}], "key type: 3 is not one of flow_var, flow_var_rand_limit,"),
    ("udp", [flow_var(size=3)], "key size: 3 is not one of 1, 2, 4 or 8"),
    ("udp", [flow_var(size="4")], "key size: '4' is not one of 1, 2, 4 or 8"),
    ("udp", [flow_var(size=True)], "key size: True is not one of 1, 2, 4 or 8"),
    ("udp", [flow_var(name=7)], "key name: 7 is not a string"),
    ("udp", [flow_var(op="dup")], "key op: 'dup' is not one of dec, inc or random"),
    ("udp", [flow_var(step=None)], "key step: it is missing"),
    ("udp", [flow_var(min_value=None)], "key min_value: it is missing"),
    ("udp", [flow_var(step=0)], "key step: 0 is not a whole number, 1 or more"),
    ("udp", [flow_var(value_list=[1, "2"])], "key value_list: member 1, '2', is no whole number"),
    ("udp", [rand_limit(seed=None)], "key seed: it is missing"),
    (
        "udp",
        [tuple_var(ip_max=1 << 32)],
        "key ip_max: 4294967296 is not a whole number from 0 to 4294967295",
    ),
    ("udp", [flow_var(), flow_var()], "key name: the variable 'v' is made twice"),
    (
        "udp",
        [flow_var(size=8, name=str(n)) for n in range(9)],
        "instruction 8 (flow_var): the variables of the program take more than",
    ),
    (
        "udp",
        [flow_var(next_var="w")],
        "key next_var: 'w' must be a variable made by the very next instruction",
    ),
    (
        "udp",
        [flow_var(next_var="w"), flow_var(name="w")],
        "key next_var: 'w' must have split_to_cores false",
    ),
    ("udp", [write()], "key name: there is no variable 'v'; there are: none"),
    ("udp", [tuple_var(), write(name="t")], "there are: t.ip, t.port, t.flow_limit"),
    (
        "udp",
        [flow_var(), write(pkt_offset=66)],
        "key pkt_offset: bytes 66 to 66 are past the end of the packet, which",
    ),
    (
        "udp",
        [flow_var(), write(pkt_offset=-1)],
        "key pkt_offset: -1 is not a whole number from 0 to 65535",
    ),
    (
        "udp",
        [flow_var(), write(add_value=1 << 31)],
        "key add_value: 2147483648 is not a whole number from -2147483648 to",
    ),
    ("udp", [flow_var(), mask(shift=32)], "key shift: 32 is not a whole number from -31 to 31"),
    ("udp", [flow_var(), mask(pkt_cast_size=8)], "key pkt_cast_size: 8 is not one of 1, 2 or 4"),
    (
        "udp",
        [flow_var(size=4), mask(pkt_offset=65, is_big_endian=False)],
        "key pkt_offset: bytes 65 to 68 are past the end of the packet, which",
    ),
    (
        "udp",
        [flow_var(), TRIM],
        "key name: a length comes from a flow_var of 2 bytes; 'v' has 1 byte",
    ),
    (
        "udp",
        [rand_limit(size=2), TRIM],
        "key name: a length comes from a flow_var of 2 bytes; 'v' is none of these",
    ),
    (
        "udp",
        [flow_var(size=2, value_list=[60, 67]), TRIM],
        "key name: member 1 of the value list of v, 67, is not a length from",
    ),
    (
        "udp",
        [flow_var(size=2, min_value=66, init_value=66, max_value=70), TRIM],
        "key name: the range of v, 66 to 70, leaves no two lengths from 60 to",
    ),
    (
        "udp",
        [flow_var(size=2, op="random"), TRIM],
        "key name: the range of v, 1 to 9, leaves no two lengths from 60 to",
    ),
    ("udp", [ipv4(50)], "key pkt_offset: bytes 50 to 81 are past the end of the packet, which"),
    (
        "udp",
        [hardware(l2_len=13)],
        "key l2_len: byte 13 lies within the Ethernet header, IP comes after it",
    ),
    ("udp", [hardware(l4_type=6)], "key l4_type: 6 is not one of 11, 13 or 17"),
    (
        "udp",
        [hardware(l3_len=24)],
        "key l3_len: byte 38 is not where the transport header begins: the",
    ),
    ("udp", [hardware(l2_len=20)], "key l2_len: there is no IP header at byte 20 of the packet"),
    (
        "tcp6",
        [hardware(l3_len=40, l4_type=17)],
        "key l4_type: 17 stands for IPv4 only; over IPv6 give 11 (UDP) or 13 (TCP)",
    ),
    (
        "tcp6",
        [hardware(l3_len=60, l4_type=13)],
        "key l3_len: bytes 74 to 93 are past the end of the packet, which has",
    ),
    ("tcp6", [icmpv6()], "key l2_len: the IPv6 header at byte 14 is followed by TCP"),
    ("udp", [icmpv6()], "key l2_len: there is no IPv6 header at byte 14 of the packet"),
    (
        "icmpv6",
        [icmpv6(l3_len=70)],
        "key l3_len: bytes 84 to 87 are past the end of the packet, which has",
    ),
]


@pytest.mark.parametrize(("template", "instructions", "problem"), CASES)
def test_refusals(template: str, instructions: list[Any], problem: str) -> None:
    with pytest.raises(RefusedError) as caught:
        Renderer(TEMPLATES[template], {"instructions": instructions})
    assert problem in caught.value.message


@pytest.mark.parametrize(
    ("vm", "problem"),
    [
        ([], "a vm is an object"),
        ("x", "a vm is an object"),
        ({"instructions": {}, "cache": 1}, '"instructions" of a vm must be an array'),
        ({"instructions": [], "cache": 65536}, '"cache" must be a whole number from 0 to 65535'),
        ({"instructions": [{"type": "nop"}] * 1001}, "at most 1000 instructions"),
    ],
)
def test_no_programs(vm: object, problem: str) -> None:
    with pytest.raises(RefusedError, match=problem):
        Renderer(TEMPLATES["udp"], vm)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            {"template": bytes(13)},
            "the packet has 13 bytes; the engine sends packets from 14 on",
        ),
        ({"template": bytes(9239)}, "at most 9238 bytes, this is 9239"),
        ({"random_seed": 1 << 32}, '"random_seed" must fit in 32 bits'),
        ({"cores": 0}, "at least 1 core"),
        ({"cores": 65}, "at most 64 cores"),
        ({"cores": 2, "vm": {"instructions": [], "cache": 10_001}}, "at most 10000 packets"),
        (
            {"cores": 8, "vm": {"instructions": [tuple_var(limit_flows=7)]}},
            "7 flows are too few for 8 cores",
        ),
    ],
)
def test_no_streams(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(RefusedError, match=problem):
        Renderer(**{"template": TEMPLATES["udp"], "vm": None} | arguments)


def test_far_writes() -> None:
    vm = {"instructions": [flow_var(), write(pkt_offset=512)]}
    with pytest.raises(RefusedError, match="beyond the first 512 bytes"):
        Renderer(bytes(1000), vm)


@pytest.mark.parametrize("start", [-1, 1 << 63, (1 << 63) - 1])
def test_no_packets(start: int) -> None:
    with pytest.raises(RefusedError, match="numbered from 0"):
        Renderer(TEMPLATES["udp"], None).block(start, 2)


def test_headers_that_are_written_to_reach_past_the_packet() -> None:
    vm = {
        "instructions": [
            flow_var(min_value=0x45, init_value=0x45, max_value=0x4F),
            write(pkt_offset=40),
            ipv4(40),
        ]
    }
    renderer = Renderer(bytes(40) + b"\x45" + bytes(19), vm)
    assert renderer.block(0, 1)[0][0, 40] == 0x45
    with pytest.raises(RefusedError, match="reaches past the packet of 60 bytes"):
        renderer.block(0, 2)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 1 << 65) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
PARAMETERS = sorted(
    set().union(flow_var(), rand_limit(), tuple_var(), mask(), hardware())
    | {"next_var", "split_to_cores", "value_list"}
)


@given(
    st.lists(
        st.sampled_from([flow_var(), rand_limit(), tuple_var(), write(), mask(), TRIM, ipv4(14)]),
        max_size=3,
    ),
    st.sampled_from(PARAMETERS),
    JSON,
)
def test_anything_else_is_no_crash(items: list[Raw], parameter: str, value: object) -> None:
    vm = {"instructions": [*items, flow_var(), mask() | {parameter: value}]}
    try:
        Renderer(TEMPLATES["udp"], vm).block((1 << 63) - 9, 9)
    except RefusedError as error:
        assert error.problem
