"""What the engine would not take of a single variable.

Raises VmRefused by key; `rules` knows the instruction.

Source: docs/engine.md, "What is refused".
"""

from __future__ import annotations

from ipaddress import IPv4Address

from scapy_server.engine.bounds import MAXIMUM_LIMITS
from scapy_server.engine.vm import FlowVar, RandLimit, TupleVar, VmRefused
from scapy_server.errors import shown

MOST_ENTRIES = 65_535
LARGEST = (1 << 64) - 1


def check_flow_var(item: FlowVar) -> None:
    """Refuse a list that cannot be walked, or a range that cannot be counted through."""
    _check_fits("step", item.step, item.size)
    if item.value_list is None:
        _check_range(item)
    else:
        _check_list(item, item.value_list)


def _check_list(item: FlowVar, values: tuple[int, ...]) -> None:
    if len(values) > MOST_ENTRIES:
        raise VmRefused(
            f"a list of {len(values)} values is longer than the {MOST_ENTRIES} of the engine",
            "value_list",
        )
    for index, value in enumerate(values):
        if not 0 <= value < 1 << (8 * item.size):
            raise VmRefused(f"member {index}, {_misfit(value, item.size)}", "value_list")
    if item.step > len(values):
        raise VmRefused(
            f"{item.step} is more than the {len(values)} entries of the value list", "step"
        )


def _check_range(item: FlowVar) -> None:
    for key in ("min_value", "max_value", "init_value"):  # which is one of them if none is given
        _check_fits(key, getattr(item, key), item.size)
    low, init, high = item.span
    _check_order(low, high)
    if not low <= init <= high:
        raise VmRefused(
            f"{init} is not between the minimum, {low}, and the maximum, {high}", "init_value"
        )
    first, last = item.padded_range
    if first < 0 or last > LARGEST:
        raise VmRefused(
            f"steps of {item.step} do not divide the {high - low + 1} values, "
            f"and there is no room to extend the range to {first}…{last}",
            "step",
        )
    if last - first == LARGEST:
        raise VmRefused(
            "the engine cannot hold the whole range of 8 bytes; "
            "end it at 18446744073709551614 or begin it at 1",
            "max_value",
        )


def check_rand_limit(item: RandLimit) -> None:
    """Refuse a range upside down, or a limit beyond what the engine counts."""
    _check_fits("min_value", item.min_value, item.size)
    _check_fits("max_value", item.max_value, item.size)
    _check_order(item.min_value, item.max_value)
    _check_fits("seed", item.seed, 8)
    if item.limit > MAXIMUM_LIMITS[item.size]:
        raise VmRefused(
            f"{item.limit} is more than the {MAXIMUM_LIMITS[item.size]} values that the "
            f"engine counts for a variable of {bytes_of(item.size)}",
            "limit",
        )


def check_tuple(item: TupleVar, cores: int) -> None:
    """Refuse ranges upside down, and fewer flows than cores."""
    if item.ip_min > item.ip_max:
        first, last = map(IPv4Address, (item.ip_min, item.ip_max))
        raise VmRefused(f"{last} is below the first address, {first}", "ip_max")
    if item.port_min > item.port_max:
        raise VmRefused(f"{item.port_max} is below the first port, {item.port_min}", "port_max")
    if 0 < item.limit_flows < cores:
        raise VmRefused(
            f"{item.limit_flows} flows are too few for {cores} cores; "
            f"there must be one for each, or 0 for no limit",
            "limit_flows",
        )


def _check_order(low: int, high: int) -> None:
    if low > high:
        raise VmRefused(
            f"{high} is below the minimum, {low}; minimum and maximum seem to be swapped",
            "max_value",
        )


def _check_fits(key: str, value: int, size: int) -> None:
    if not 0 <= value < 1 << (8 * size):
        raise VmRefused(_misfit(value, size), key)


def _misfit(value: int, size: int) -> str:
    return f"{shown(value)} does not fit {bytes_of(size)} (0 to {(1 << 8 * size) - 1})"


def bytes_of(size: int) -> str:
    """A number of bytes in words."""
    return f"{size} byte" if size == 1 else f"{size} bytes"
