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
    ("udp", [{"type": "nop"}], 'instruction 0 (nop): "type" must be one of flow_var'),
    ("udp", [{"type": 3}], 'instruction 0: "type" must be one of flow_var'),
    ("udp", [flow_var(size=3)], '"size" must be 1, 2, 4 or 8, not 3'),
    ("udp", [flow_var(size="4")], "\"size\" must be a whole number, not '4'"),
    ("udp", [flow_var(size=True)], '"size" must be a whole number'),
    ("udp", [flow_var(name=7)], '"name" must be a string'),
    ("udp", [flow_var(op="dup")], '"op" must be "inc", "dec" or "random"'),
    ("udp", [flow_var(step=None)], 'the parameter "step" is missing'),
    ("udp", [flow_var(min_value=None)], 'the parameter "min_value" is missing'),
    ("udp", [flow_var(step=0)], '"step" must be from 1 to 255, not 0'),
    ("udp", [flow_var(max_value=256)], '"max_value" must be from 0 to 255, not 256'),
    ("udp", [flow_var(min_value=10)], '"min_value" 10 is above "max_value" 9'),
    ("udp", [flow_var(init_value=10)], '"init_value" must be from 1 to 9, not 10'),
    ("udp", [flow_var(op="dec", step=7)], "no room to extend it below min_value"),
    (
        "udp",
        [flow_var(size=8, step=4, max_value=(1 << 64) - 1)],
        "no room to extend it above max_value",
    ),
    (
        "udp",
        [flow_var(size=8, op="random", min_value=0, max_value=(1 << 64) - 1)],
        '"max_value": the engine dies',
    ),
    ("udp", [flow_var(value_list=[1, "2"])], '"value_list" holds whole numbers'),
    ("udp", [flow_var(value_list=[256])], '"value_list" must be from 0 to 255, not 256'),
    ("udp", [flow_var(value_list=[1, 2], step=3)], '"step" must be from 1 to 2, not 3'),
    ("udp", [flow_var(value_list=[1] * 65536)], '"value_list" may have at most 65535'),
    ("udp", [rand_limit(limit=256)], '"limit" must be from 1 to 255, not 256'),
    ("udp", [rand_limit(seed=None)], 'the parameter "seed" is missing'),
    ("udp", [rand_limit(min_value=10)], '"min_value" 10 is above'),
    ("udp", [tuple_var(ip_min=10)], '"ip_min" 10 is above "ip_max" 9'),
    ("udp", [tuple_var(port_min=10)], '"port_min" 10 is above "port_max" 9'),
    ("udp", [tuple_var(ip_max=1 << 32)], '"ip_max" must be from 0 to 4294967295'),
    ("udp", [flow_var(), flow_var()], 'instruction 1 (flow_var): there is already a variable "v"'),
    ("udp", [flow_var(size=8, name=str(n)) for n in range(9)], "take 72 bytes, the engine has 64"),
    ("udp", [flow_var(next_var="w")], '"next_var": "w" must be the very next instruction'),
    (
        "udp",
        [flow_var(next_var="w"), flow_var(name="w")],
        '"next_var": "w" must have split_to_cores false',
    ),
    ("udp", [write()], 'there is no variable "v"; there are: none'),
    ("udp", [tuple_var(), write(name="t")], "there are: t.ip, t.port, t.flow_limit"),
    (
        "udp",
        [flow_var(), write(pkt_offset=66)],
        "1 bytes of v at byte 66 end past the packet of 66",
    ),
    ("udp", [flow_var(), write(pkt_offset=-1)], '"pkt_offset" must be from 0 to 65535, not -1'),
    ("udp", [flow_var(), write(add_value=1 << 31)], '"add_value" must be from -2147483648'),
    ("udp", [flow_var(), mask(shift=32)], '"shift" must be from -31 to 31, not 32'),
    ("udp", [flow_var(), mask(pkt_cast_size=8)], '"pkt_cast_size" must be 1, 2 or 4, not 8'),
    (
        "udp",
        [flow_var(size=4), mask(pkt_offset=65, is_big_endian=False)],
        "4 bytes at byte 65 end past the packet",
    ),
    ("udp", [flow_var(), TRIM], '"v" is not a flow_var of size 2'),
    ("udp", [rand_limit(size=2), TRIM], '"v" is not a flow_var of size 2'),
    ("udp", [flow_var(size=2, value_list=[60, 67]), TRIM], "the value 67"),
    ("udp", [flow_var(size=2, min_value=66, init_value=66, max_value=70), TRIM], "only 66 to 66"),
    ("udp", [flow_var(size=2, op="random"), TRIM], "no length of 60 bytes or more"),
    ("udp", [ipv4(50)], "an IPv4 header at byte 50 end past the packet"),
    ("udp", [hardware(l2_len=13)], '"l2_len" must be from 14'),
    ("udp", [hardware(l4_type=6)], '"l4_type" must be 11 (UDP), 13 (TCP) or 17 (IP), not 6'),
    ("udp", [hardware(l3_len=24)], '"l3_len" is 24, but the IPv4 header has 20 bytes'),
    ("udp", [hardware(l2_len=20)], "the packet has no IPv4 or IPv6 header at byte 20"),
    ("tcp6", [hardware(l3_len=40, l4_type=17)], '"l4_type" 17 (IP) is for IPv4'),
    ("tcp6", [hardware(l3_len=60, l4_type=13)], "a TCP header at byte 74 end past"),
    ("tcp6", [icmpv6()], "the next header of the IPv6 header is 6, not 58"),
    ("udp", [icmpv6()], "the packet has no IPv6 header at byte 14"),
    ("icmpv6", [icmpv6(l3_len=70)], "end past the packet"),
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
        ({"template": bytes(13)}, "packets of 14 to 9238 bytes, this one has 13"),
        ({"template": bytes(9239)}, "this one has 9239"),
        ({"random_seed": 1 << 32}, '"random_seed" must fit in 32 bits'),
        ({"cores": 0}, "at least 1 core"),
        ({"cores": 65}, "at most 64 cores"),
        ({"cores": 2, "vm": {"instructions": [], "cache": 10_001}}, "at most 10000 packets"),
        ({"cores": 8, "vm": {"instructions": [tuple_var(limit_flows=7)]}}, '"limit_flows" must be'),
    ],
)
def test_no_streams(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(RefusedError, match=problem):
        Renderer(**{"template": TEMPLATES["udp"], "vm": None} | arguments)


def test_far_writes() -> None:
    vm = {"instructions": [flow_var(), write(pkt_offset=512)]}
    with pytest.raises(RefusedError, match="changes only the first 512 bytes"):
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
