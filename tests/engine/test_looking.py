"""Cycles that are found by comparing packets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given

from scapy_server.engine import Renderer
from scapy_server.engine.cycles import Cycle
from scapy_server.engine.looking import looked_at
from scapy_server.engine.writes import Rows
from tests.engine.oracle import least_cycle
from tests.engine.programs import streams

TEMPLATE = bytes(60)


def fill_from(values: list[int]) -> Any:
    def fill(rows: Rows, start: int) -> None:
        rows[:, 7] = [values[(start + row) % len(values)] for row in range(len(rows))]

    return fill


@pytest.mark.parametrize(
    ("bound", "found"),
    [
        (Cycle(0, 6, 6, exact=False), Cycle(0, 3, 2)),
        (Cycle(2, 6, 8, exact=False), Cycle(0, 3, 2)),
        (Cycle(0, 6, 6, exact=False, drawn=True), None),
        (Cycle(0, None, 6, exact=False), None),
        (Cycle(0, 600_000, 6, exact=False), None),
        (Cycle(0, 6, 6), None),
    ],
)
def test_what_is_looked_at(bound: Cycle, found: Cycle | None) -> None:
    assert looked_at(bound, fill_from([1, 1, 2]), TEMPLATE, [7]) == (found or bound)


def test_some_bits_only() -> None:
    bound = Cycle(0, 6, 6, exact=False)
    lowest = 1 << 8 * (len(TEMPLATE) - 8)
    assert looked_at(bound, fill_from([1, 3, 2]), TEMPLATE, [7], lowest) == Cycle(0, 3, 2)
    assert looked_at(bound, fill_from([1, 3, 5]), TEMPLATE, [7], lowest) == Cycle(0, 1, 1)


def test_packets_that_cannot_be_rendered_are_not_looked_at() -> None:
    """The header length that is written reaches past the packet from the second one on."""
    counter = {"type": "flow_var", "name": "v", "size": 1, "op": "inc", "step": 1}
    counter |= {"init_value": 0x45, "min_value": 0x45, "max_value": 0x4F}
    write = {"type": "write_flow_var", "name": "v", "pkt_offset": 40, "add_value": 0}
    mask = write | {"type": "write_mask_flow_var", "pkt_cast_size": 1, "mask": 0x4F, "shift": 0}
    vm = {
        "instructions": [
            counter,
            mask | {"is_big_endian": True},
            {"type": "fix_checksum_ipv4", "pkt_offset": 40},
            write | {"is_big_endian": True, "pkt_offset": 40},
        ]
    }
    renderer = Renderer(bytes(40) + b"\x45" + bytes(19), vm)
    assert renderer.cycle == (0, 11)


@given(streams())
def test_several_cores_together(stream: dict[str, Any]) -> None:
    assume(stream["cores"] > 1)
    renderer = Renderer(**stream)
    assert renderer.cycle is not None
    lead, period = renderer.cycle
    count = lead + 2 * period
    if count > 1000 or any(item.get("op") == "random" for item in stream["vm"]["instructions"]):
        return
    rows, lengths = renderer.block(0, count)
    rows = np.concatenate([rows, lengths[:, None].astype(np.uint8)], axis=1)
    packets = [row.tobytes() for row in rows]
    assert packets[lead : lead + period] == packets[lead + period :]
    assert least_cycle(packets[: lead + period], lead)[1] == period
