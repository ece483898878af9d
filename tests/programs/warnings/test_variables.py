"""Variables whose values are not those that were meant."""

from __future__ import annotations

import pytest

from scapy_server.packet.layers.registry import Registry
from tests.programs.warnings.programs import REPEATABLE, Case, check, flow, masked, tuple_of, write

CASES: list[Case] = [
    ("tcp", [flow()], 0, [("unused_variable", 0)]),
    ("tcp", [tuple_of()], 0, [("unused_variable", 0)]),
    (
        "raw",
        [write("t.ip", 20), tuple_of()],
        0,
        [("write_before_tuple", 0)],
    ),
    ("raw", [flow(max_value=9, step=3), write("v", 20)], 0, [("step_does_not_divide", 0)]),
    (
        "raw",
        [flow(max_value=255, step=10), write("v", 20)],
        0,
        [("step_does_not_divide", 0), ("range_overflow", 0)],
    ),
    ("raw", [flow(max_value=4, step=5), write("v", 20)], 0, [("constant_variable", 0)]),
    (
        "raw",
        [flow(value_list=[1, 2, 3, 4], step=2), write("v", 20)],
        0,
        [("list_entries_skipped", 0)],
    ),
    ("raw", [flow(max_value=0), write("v", 20)], 0, [("untouched_range", 0)]),
    ("raw", [flow(max_value=0, init_value=7), write("v", 20)], 0, [("untouched_range", 0)]),
    (
        "raw",
        [flow(size=2, op="random", max_value=65535), write("v", 20)],
        0,
        [("random_gaps", 0)],
    ),
    ("raw", [(REPEATABLE, {"name": "v"}), write("v", 20)], 0, [("random_gaps", 0)]),
    (
        "raw",
        [tuple_of(ip_max="255.255.255.255", flags=1), write("t.ip", 20)],
        0,
        [("tuple_overflow", 0)],
    ),
    ("raw", [flow(max_value=0), masked("v", 20, shift=-9)], 0, [("untouched_range", 0)]),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_warns(registry: Registry, case: Case) -> None:
    check(registry, case)
