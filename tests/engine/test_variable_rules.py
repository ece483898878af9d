"""What the engine would not take of a single variable, at both sides of each bound."""

from __future__ import annotations

import pytest
from msgspec import structs

from scapy_server.engine.bounds import MAXIMUM_LIMITS
from scapy_server.engine.variable_rules import (
    LARGEST,
    MOST_ENTRIES,
    bytes_of,
    check_flow_var,
    check_rand_limit,
    check_tuple,
)
from scapy_server.engine.vm import FlowVar, RandLimit, TupleVar, VmRefused

FLOW = FlowVar("v", 1, "inc", 1, 1, 1, 9)
LIST = FlowVar("v", 1, "inc", 1, value_list=(1, 2, 3))
LIMITED = RandLimit("v", 1, 5, 1, 1, 9)
TUPLE = TupleVar("t", 1, 9, 1, 9, 0, 0)


def refused(item: FlowVar | RandLimit | TupleVar, cores: int = 1) -> str | None:
    """The key that is blamed and what is said of it, None if all is well."""
    try:
        if isinstance(item, FlowVar):
            check_flow_var(item)
        elif isinstance(item, RandLimit):
            check_rand_limit(item)
        else:
            check_tuple(item, cores)
    except VmRefused as refusal:
        return f"{refusal.key}: {refusal.problem}"
    return None


def assert_said(found: str | None, expected: str | None) -> None:
    assert found == expected or (found and expected and found.startswith(expected))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"max_value": 255}, None),
        ({"max_value": 256}, "max_value: 256 does not fit 1 byte (0 to 255)"),
        ({"min_value": 0}, None),
        ({"min_value": -1}, "min_value: -1 does not fit 1 byte"),
        ({"init_value": 9}, None),
        ({"init_value": 10}, "init_value: 10 is not between the minimum, 1, and the maximum, 9"),
        ({"min_value": 9, "init_value": 9}, None),
        ({"min_value": 10}, "max_value: 9 is below the minimum, 10; minimum and maximum seem"),
        ({"step": 255}, None),
        ({"step": 256}, "step: 256 does not fit 1 byte"),
        ({"op": "dec", "step": 9}, None),
        (
            {"op": "dec", "step": 4},
            "step: steps of 4 do not divide the 9 values, and there is no room",
        ),
        ({"size": 8, "max_value": LARGEST}, None),
        (
            {"size": 8, "min_value": 0, "init_value": 0, "max_value": LARGEST},
            "max_value: the engine cannot hold the whole range of 8 bytes; end it at",
        ),
        (
            {"size": 8, "max_value": LARGEST, "step": 7},
            "step: steps of 7 do not divide the 18446744073709551615 values",
        ),
    ],
)
def test_ranges(changed: dict[str, object], said: str | None) -> None:
    assert_said(refused(structs.replace(FLOW, **changed)), said)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"value_list": (255,)}, None),
        ({"value_list": (1, 256)}, "value_list: member 1, 256 does not fit 1 byte (0 to 255)"),
        ({"value_list": (-1,)}, "value_list: member 0, -1 does not fit"),
        ({"step": 3}, None),
        ({"step": 4}, "step: 4 is more than the 3 entries of the value list"),
        ({"value_list": (1,) * MOST_ENTRIES}, None),
        (
            {"value_list": (1,) * (MOST_ENTRIES + 1)},
            "value_list: a list of 65536 values is longer than the 65535 of",
        ),
    ],
)
def test_lists(changed: dict[str, object], said: str | None) -> None:
    assert_said(refused(structs.replace(LIST, **changed)), said)


@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_limits_by_size(size: int) -> None:
    most = MAXIMUM_LIMITS[size]
    assert refused(structs.replace(LIMITED, size=size, limit=most)) is None
    said = refused(structs.replace(LIMITED, size=size, limit=most + 1))
    assert_said(
        said, f"limit: {most + 1} is more than the {most} values that the engine counts for"
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"min_value": 9}, None),
        ({"min_value": 10}, "max_value: 9 is below the minimum, 10"),
        ({"max_value": 256}, "max_value: 256 does not fit"),
        ({"seed": LARGEST}, None),
        ({"seed": LARGEST + 1}, "seed: "),
    ],
)
def test_repeatable_random(changed: dict[str, object], said: str | None) -> None:
    assert_said(refused(structs.replace(LIMITED, **changed)), said)


@pytest.mark.parametrize(
    ("changed", "cores", "said"),
    [
        ({"ip_min": 9}, 1, None),
        ({"ip_min": 10}, 1, "ip_max: 0.0.0.9 is below the first address, 0.0.0.10"),
        ({"port_min": 10}, 1, "port_max: 9 is below the first port, 10"),
        ({"limit_flows": 2}, 2, None),
        ({"limit_flows": 2}, 3, "limit_flows: 2 flows are too few for 3 cores"),
        ({"limit_flows": 0}, 8, None),
    ],
)
def test_tuples(changed: dict[str, object], cores: int, said: str | None) -> None:
    assert_said(refused(structs.replace(TUPLE, **changed), cores), said)


def test_bytes_in_words() -> None:
    assert [bytes_of(size) for size in (1, 2)] == ["1 byte", "2 bytes"]
