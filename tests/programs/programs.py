"""Hypothesis strategies for programs that compile, over one packet."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.programs.support import Given

#: Byte ranges of a plain TCP packet that programs write to.
FIRST_BYTE, LAST_BYTE = 14, 60
#: By how many bytes the packet is longer whose length programs vary.
LONGER = 12
#: What fixes the checksums of that packet.
FIXES: tuple[Given, ...] = (
    ("STLVmFixIpv4", {"offset": "IP"}),
    ("STLVmFixChecksumHw", {"l3_offset": "IP", "l4_offset": "TCP", "l4_type": 13}),
)


@st.composite
def flow_variables(draw: st.DrawFn, name: str, follower: str | None, top: int) -> Given:
    size = draw(st.sampled_from([1, 1, 2, 2, 4, 8]))
    highest = min((1 << 8 * size) - 1, top)
    low = draw(st.integers(0, highest))
    high = draw(st.integers(low, min(highest, low + 20)))
    given: dict[str, Any] = {"name": name, "size": size, "next_var": follower}
    if draw(st.booleans()):
        given["split_to_cores"] = draw(st.booleans())
    if size < 8 and draw(st.integers(0, 4)) == 0:
        given |= {"min_value": low, "max_value": high, "limit": draw(st.integers(1, 9))}
        given["seed"] = draw(st.integers(0, 2**32 - 1))
        return "STLVmFlowVarRepeatableRandom", given
    given["op"] = draw(st.sampled_from(["inc", "dec"]))
    if draw(st.integers(0, 3)) == 0:
        values = draw(st.lists(st.integers(0, highest), min_size=1, max_size=6))
        given |= {"value_list": values, "step": draw(st.integers(1, len(values)))}
        return "STLVmFlowVar", given
    step = draw(st.integers(1, 9))
    missing = -(high - low + 1) % step
    if given["op"] == "dec" and missing > low:
        step = 1
    given |= {"min_value": low, "max_value": high, "step": step}
    given["init_value"] = draw(st.integers(low, high))
    if low == high == 0:
        given |= {"max_value": 1}
    return "STLVmFlowVar", given


@st.composite
def tuples(draw: st.DrawFn) -> Given:
    low = draw(st.sampled_from([1, 2**32 - 7, draw(st.integers(0, 2**32 - 7))]))
    first = draw(st.sampled_from([1020, 65_530, draw(st.integers(0, 65_530))]))
    return "STLVmTupleGen", {
        "name": "t",
        "ip_min": low,
        "ip_max": low + draw(st.integers(0, 6)),
        "port_min": first,
        "port_max": first + draw(st.integers(0, 5)),
        "limit_flows": draw(st.sampled_from([0, 0, 1, 2, 5, 7, 12, 40])),
        "flags": draw(st.sampled_from([0, 0, 0, 1])),
    }


@st.composite
def trimmed(draw: st.DrawFn) -> list[Given]:
    """A trim with its variable, for the packet that ends at LAST_BYTE and LONGER more."""
    last = LAST_BYTE + LONGER
    given: dict[str, Any] = {"name": "size", "size": 2, "op": draw(st.sampled_from(["inc", "dec"]))}
    if draw(st.integers(0, 3)) == 0:
        values = draw(st.lists(st.integers(LAST_BYTE, last), min_size=1, max_size=5))
        given |= {"value_list": values}
    else:
        low = draw(st.sampled_from([40, 58, LAST_BYTE, LAST_BYTE + 2]))
        high = draw(st.sampled_from([last - 1, last, 100]))
        step = 1 if given["op"] == "dec" else draw(st.sampled_from([1, 1, 3]))
        init = draw(st.sampled_from([low, high, LAST_BYTE + 3]))
        given |= {"min_value": low, "max_value": high, "step": step, "init_value": init}
    return [("STLVmFlowVar", given), ("STLVmTrimPktSize", {"fv_name": "size"})]


@st.composite
def writes(draw: st.DrawFn, sizes: dict[str, int]) -> Given:
    name = draw(st.sampled_from(sorted(sizes)))
    given: dict[str, Any] = {"fv_name": name, "is_big": draw(st.booleans())}
    if draw(st.integers(0, 2)):
        last = LAST_BYTE - sizes[name]
        given["pkt_offset"] = draw(st.integers(FIRST_BYTE, last))
        given["add_val"] = draw(st.integers(-500, 500))
        return "STLVmWrFlowVar", given
    cast = draw(st.sampled_from([1, 2, 4]))
    given |= {"pkt_cast_size": cast, "mask": draw(st.integers(0, (1 << 8 * cast) - 1))}
    given["pkt_offset"] = draw(st.integers(FIRST_BYTE, LAST_BYTE - 4))
    given |= {"shift": draw(st.integers(-8, 12)), "add_value": draw(st.integers(-9, 9))}
    return "STLVmWrMaskFlowVar", given


@st.composite
def programs(draw: st.DrawFn, top: int = 2**64 - 100) -> list[Given]:
    """Variables, some in chains, perhaps a tuple, and writes of them all."""
    count = draw(st.integers(1, 3))
    variables = []
    for index in range(count):
        follower = f"v{index + 1}" if index + 1 < count and draw(st.booleans()) else None
        variables.append(draw(flow_variables(f"v{index}", follower, top)))
    sizes = {str(given["name"]): int(given["size"]) for _, given in variables}
    parts = list(variables)
    if draw(st.integers(0, 3)) == 0:
        parts.append(draw(tuples()))
        sizes |= {"t.ip": 4, "t.port": 2, "t.flow_limit": 4}
    parts += draw(st.lists(writes(sizes), min_size=1, max_size=4))
    return parts


@st.composite
def any_order(draw: st.DrawFn) -> list[Given]:
    """Programs as `programs`, but with trims and fixes, and tuples and writes in any order.

    For a packet that is LONGER than a plain TCP packet.
    """
    parts = draw(programs())
    variables = [part for part in parts if part[0].startswith("STLVmFlowVar")]
    others = [part for part in parts if part not in variables]
    if draw(st.integers(0, 2)) == 0:
        variable, trim = draw(trimmed())
        variables.append(variable)
        others.append(trim)
        if draw(st.booleans()):
            others.append(draw(writes({"size": 2})))
    others += draw(st.lists(st.sampled_from(FIXES), max_size=2))
    return [*variables, *draw(st.permutations(others))]
