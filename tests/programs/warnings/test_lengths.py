"""Trims that make lengths wrong, and caches that fit no cycle."""

from __future__ import annotations

import pytest

from scapy_server.packet.layers.registry import Registry
from tests.programs.warnings.programs import LENGTHS, Case, check, flow, trim, write

CASES: list[Case] = [
    (
        "udp0",
        [flow(**LENGTHS), trim("v")],
        0,
        [("length_field", 1)],
    ),
    (
        "raw",
        [flow(size=2, min_value=10, max_value=74), trim("v")],
        0,
        [("trim_clamped", 1)],
    ),
    ("raw", [flow(max_value=9), write("v", 20)], 9, [("cache_too_short", None)]),
    ("raw", [flow(op="random"), write("v", 20)], 50, [("cache_too_short", None)]),
    ("raw", [flow(max_value=9), write("v", 20)], 10_001, [("cache_too_large", None)]),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_warns(registry: Registry, case: Case) -> None:
    check(registry, case)
