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
    """The key that is blamed, None if all is well."""
    try:
        if isinstance(item, FlowVar):
            check_flow_var(item)
        elif isinstance(item, RandLimit):
            check_rand_limit(item)
        else:
            check_tuple(item, cores)
    except VmRefused as refusal:
        return refusal.key
    return None


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"max_value": 255}, None),
        ({"max_value": 256}, "max_value"),
        ({"min_value": 0}, None),
        ({"min_value": -1}, "min_value"),
        ({"init_value": 9}, None),
        ({"init_value": 10}, "init_value"),
        ({"min_value": 9, "init_value": 9}, None),
        ({"min_value": 10}, "max_value"),
        ({"step": 255}, None),
        ({"step": 256}, "step"),
        ({"op": "dec", "step": 9}, None),
        ({"op": "dec", "step": 4}, "step"),
        ({"size": 8, "max_value": LARGEST}, None),
        ({"size": 8, "min_value": 0, "init_value": 0, "max_value": LARGEST}, "max_value"),
        ({"size": 8, "max_value": LARGEST, "step": 7}, "step"),
    ],
)
def test_ranges(changed: dict[str, object], key: str | None) -> None:
    assert refused(structs.replace(FLOW, **changed)) == key


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"value_list": (255,)}, None),
        ({"value_list": (1, 256)}, "value_list"),
        ({"value_list": (-1,)}, "value_list"),
        ({"step": 3}, None),
        ({"step": 4}, "step"),
        ({"value_list": (1,) * MOST_ENTRIES}, None),
        ({"value_list": (1,) * (MOST_ENTRIES + 1)}, "value_list"),
    ],
)
def test_lists(changed: dict[str, object], key: str | None) -> None:
    assert refused(structs.replace(LIST, **changed)) == key


@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_limits_by_size(size: int) -> None:
    most = MAXIMUM_LIMITS[size]
    assert refused(structs.replace(LIMITED, size=size, limit=most)) is None
    assert refused(structs.replace(LIMITED, size=size, limit=most + 1)) == "limit"


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"min_value": 9}, None),
        ({"min_value": 10}, "max_value"),
        ({"max_value": 256}, "max_value"),
        ({"seed": LARGEST}, None),
        ({"seed": LARGEST + 1}, "seed"),
    ],
)
def test_repeatable_random(changed: dict[str, object], key: str | None) -> None:
    assert refused(structs.replace(LIMITED, **changed)) == key


@pytest.mark.parametrize(
    ("changed", "cores", "key"),
    [
        ({"ip_min": 9}, 1, None),
        ({"ip_min": 10}, 1, "ip_max"),
        ({"port_min": 10}, 1, "port_max"),
        ({"limit_flows": 2}, 2, None),
        ({"limit_flows": 2}, 3, "limit_flows"),
        ({"limit_flows": 0}, 8, None),
    ],
)
def test_tuples(changed: dict[str, object], cores: int, key: str | None) -> None:
    assert refused(structs.replace(TUPLE, **changed), cores) == key


def test_sentences_have_the_value_and_what_would_be_right() -> None:
    with pytest.raises(VmRefused, match=r"300 does not fit 1 byte \(0 to 255\)"):
        check_flow_var(structs.replace(FLOW, max_value=300))
    with pytest.raises(VmRefused, match=r"0\.0\.0\.9 is below the first address, 0\.0\.0\.10"):
        check_tuple(structs.replace(TUPLE, ip_min=10), 1)
    assert [bytes_of(size) for size in (1, 2)] == ["1 byte", "2 bytes"]
