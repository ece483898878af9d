"""Generated programs that the engine would run, small enough to wrap often."""

from __future__ import annotations

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

Raw = dict[str, Any]

TEMPLATES = {
    "udp": bytes.fromhex(
        "000000020000000000010000080045000034000100004011 3ab610000001300000010401000c0020ab12"
        "787878787878787878787878787878787878787878787878".replace(" ", "")
    ),
    "tcp": bytes.fromhex(
        "00000002000000000001000008004500003500010000400600001000000130000001040100500000000100"
        "0000005002200000000000" + "62" * 13
    ),
    "tcp6": bytes.fromhex(
        "ffffffffffff02000000000186dd600000000020064020010db800000000000000000000000120010db8"
        "0000000000000000000000020400005000000001000000005002200000000000" + "62" * 12
    ),
    "icmpv6": bytes.fromhex(
        "ffffffffffff02000000000186dd6000000000183aff20010db800000000000000000000000120010db8"
        "000000000000000000000002870000000000000020010db8000000000000000000000002"
    ),
}
#: The fix instructions that fit each template.
FIXES: dict[str, list[Raw]] = {
    "udp": [
        {"type": "fix_checksum_ipv4", "pkt_offset": 14},
        {"type": "fix_checksum_hw", "l2_len": 14, "l3_len": 20, "l4_type": 11},
        {"type": "fix_checksum_hw", "l2_len": 14, "l3_len": 0, "l4_type": 17},
    ],
    "tcp": [
        {"type": "fix_checksum_ipv4", "pkt_offset": 14},
        {"type": "fix_checksum_hw", "l2_len": 14, "l3_len": 20, "l4_type": 13},
    ],
    "tcp6": [{"type": "fix_checksum_hw", "l2_len": 14, "l3_len": 40, "l4_type": 13}],
    "icmpv6": [{"type": "fix_checksum_icmpv6", "l2_len": 14, "l3_len": 40}],
}
#: Bytes that a written length or header length would make the engine read past the packet.
STEERING = {"udp": {14}, "tcp": {14}, "tcp6": set[int](), "icmpv6": {18, 19}}


def _range(draw: Any, size: int) -> tuple[int, int]:
    """A low and a high, mostly near each other or near the ends of what fits."""
    largest = (1 << 8 * size) - 1
    width = draw(st.sampled_from([0, 1, 2, 6, 30, 300, largest // 2, largest]))
    width = draw(st.integers(0, min(width, largest)))
    low = draw(st.sampled_from([0, 1, largest - width, draw(st.integers(0, largest - width))]))
    low = min(low, largest - width)
    return low, low + width


@st.composite
def flow_vars(draw: Any, name: str, size: int) -> Raw:
    op = draw(st.sampled_from(["inc", "inc", "dec", "random"]))
    raw: Raw = {"type": "flow_var", "name": name, "size": size, "op": op}
    largest = (1 << 8 * size) - 1
    if draw(st.integers(0, 3)) == 0:
        values = draw(st.lists(st.integers(0, largest), min_size=1, max_size=7))
        return raw | {"value_list": values, "step": draw(st.integers(1, len(values)))}
    low, high = _range(draw, size)
    span = high - low + 1
    step = draw(st.sampled_from([1, 1, 2, 3, span // 2, span // 3 + 1, span, span + 1]))
    step = min(max(step, 1), largest)
    if op == "dec":
        low -= min(low, -span % step)
        if (high - low + 1) % step:
            step = 1
    if size == 8 and op == "inc" and high + step >= largest:
        step = 1
    if size == 8 and high - low == largest:
        high -= 1
    init = draw(st.sampled_from([low, high, draw(st.integers(low, high))]))
    bounds = {"init_value": init, "min_value": low, "max_value": high}
    return raw | bounds | {"step": step}


@st.composite
def rand_limits(draw: Any, name: str, size: int) -> Raw:
    low, high = _range(draw, size)
    return {
        "type": "flow_var_rand_limit",
        "name": name,
        "size": size,
        "limit": draw(st.integers(1, 20)),
        "seed": draw(st.integers(0, 1 << 33)),
        "min_value": low,
        "max_value": high,
    }


@st.composite
def tuples(draw: Any, name: str, cores: int) -> Raw:
    ip_min, ip_max = _range(draw, 4)
    port_min, port_max = _range(draw, 2)
    return {
        "type": "tuple_flow_var",
        "name": name,
        "ip_min": ip_min,
        "ip_max": ip_max,
        "port_min": port_min,
        "port_max": port_max,
        "limit_flows": draw(st.sampled_from([0, cores, cores + 1, 3 * cores + 1, 1000])),
        "flags": draw(st.sampled_from([0, 0, 1])),
    }


@st.composite
def chains(draw: Any, prefix: str) -> list[Raw]:
    """One to four variables, each the next_var of the one before."""
    links: list[Raw] = []
    for index in range(draw(st.sampled_from([1, 1, 2, 2, 3, 4]))):
        size = draw(st.sampled_from([1, 2, 4, 8] if index < 1 else [1, 2, 4]))
        kind = draw(st.sampled_from([flow_vars, flow_vars, flow_vars, rand_limits]))
        link = draw(kind(f"{prefix}{index}", size))
        if links:
            links[-1]["next_var"] = link["name"]
            link["split_to_cores"] = False
        else:
            link["split_to_cores"] = draw(st.sampled_from([True, True, False]))
        links.append(link)
    return links


@st.composite
def writes(draw: Any, names: dict[str, int], steered: set[int], length: int) -> Raw:
    name = draw(st.sampled_from(sorted(names)))
    size = names[name]
    free = [
        offset
        for offset in range(length - 8)
        if not steered.intersection(range(offset, offset + 8))
    ]
    offset = draw(st.sampled_from(free))
    add = draw(st.sampled_from([0, 0, 1, -1, -300, 70000, -(1 << 31), (1 << 31) - 1]))
    big = draw(st.booleans())
    if draw(st.integers(0, 2)):
        return {
            "type": "write_flow_var",
            "name": name,
            "pkt_offset": offset,
            "add_value": add,
            "is_big_endian": big,
        }
    return {
        "type": "write_mask_flow_var",
        "name": name,
        "pkt_offset": offset,
        "pkt_cast_size": draw(st.sampled_from([1, 2, 4])),
        "mask": draw(st.sampled_from([0xFF, 0xFFFF, 0x0FF0, 0xFFFFFFFF, 0x00FFFF00])),
        "shift": draw(st.integers(-31, 31)) if size else 0,
        "add_value": add,
        "is_big_endian": big,
    }


@st.composite
def streams(draw: Any, *kinds: str) -> Raw:
    """The keyword arguments of a renderer: template, vm, random_seed, cores, hardware.

    The template is one of these `kinds`, or any.
    """
    kind = draw(st.sampled_from(sorted(kinds or TEMPLATES)))
    template = TEMPLATES[kind]
    cores = draw(st.sampled_from([1, 1, 1, 2, 3, 8]))
    groups: list[list[Raw]] = [draw(chains("a"))]
    if draw(st.booleans()):
        groups.append(draw(chains("b")))
    if draw(st.integers(0, 2)) == 0:
        groups.append([draw(tuples("t", cores))])
    if draw(st.integers(0, 3)) == 0:
        groups.append([draw(_trimmed(len(template)))])
    space = 4
    names: dict[str, int] = {}
    for raw in (raw for group in groups for raw in group):
        if raw["type"] == "tuple_flow_var":
            names |= {"t.ip": 4, "t.port": 2, "t.flow_limit": 4}
            space += 10
        else:
            names[raw["name"]] = raw["size"]
            space += 2 * raw["size"] + 4 if "limit" in raw else raw["size"]
        if raw.get("op") == "random":
            names["___random___"] = 4
    assume(space <= 64)
    count = draw(st.integers(1, 5))
    for _ in range(count):
        groups.append([draw(writes(names, STEERING[kind], len(template)))])
    groups += [[fix] for fix in draw(st.lists(st.sampled_from(FIXES[kind]), max_size=2))]
    if "size" in names:
        groups.append([{"type": "trim_pkt_size", "name": "size"}])
    # Any order is a program; most are as the compilers order them.
    if draw(st.integers(0, 2)) == 0:
        groups = draw(st.permutations(groups))
    vm: Raw = {"instructions": [raw for group in groups for raw in group]}
    if draw(st.integers(0, 5)) == 0:
        vm["cache"] = draw(st.integers(1, 30))
    return {
        "template": template,
        "vm": vm,
        "random_seed": draw(st.integers(1, 0xFFFFFFFF)),
        "cores": cores,
        "hardware": draw(st.sampled_from(["complete", "raw"])),
    }


@st.composite
def _trimmed(draw: Any, length: int) -> Raw:
    raw: Raw = {"type": "flow_var", "name": "size", "size": 2}
    raw["op"] = draw(st.sampled_from(["inc", "dec", "random"]))
    if draw(st.integers(0, 3)) == 0:
        values = draw(st.lists(st.integers(60, length), min_size=1, max_size=5))
        return raw | {"value_list": values, "step": 1}
    low = draw(st.sampled_from([40, 58, 60, 62]))
    high = draw(st.sampled_from([length - 1, length, 1500]))
    step = draw(st.sampled_from([1, 1, 3, 100]))
    if raw["op"] == "dec":
        step = 1
    init = draw(st.integers(low, high))
    bounds = {"init_value": init, "min_value": low, "max_value": high}
    return raw | bounds | {"step": step}
