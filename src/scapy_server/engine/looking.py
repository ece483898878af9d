"""Packets, rendered to be compared: which of the first ones of a stream are equal.

Source: docs/engine.md, "Cycles".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from scapy_server.engine.core import Lengths
from scapy_server.engine.cycles import Cycle, Effort, Ids, cycle_of, ids_of
from scapy_server.engine.writes import Rows
from scapy_server.errors import RefusedError

#: Turns prepared rows into the packets from a number on, as renderers do.
Fill = Callable[[Rows, int], Lengths | None]
#: Packets are rendered in blocks of about so many bytes.
BLOCK_BYTES = 1 << 20


def looked_at(
    cycle: Cycle, fill: Fill, template: bytes, places: Iterable[int], wanted: int | None = None
) -> Cycle:
    """The cycle of packets that is known from above only, from the packets themselves.

    `places` are the bytes that may vary. With `wanted` only these bits of the packets are
    compared. If there are too many packets, or some that cannot be rendered (a length that is
    written and reaches past the packet), the cycle stays as it is.
    """
    if cycle.exact or cycle.drawn or cycle.period is None:
        return cycle
    count = cycle.lead + cycle.period
    if not Effort().allows(count):
        return cycle
    try:
        return cycle_of(_ids(fill, template, places, wanted, count), cycle.lead)
    except RefusedError:
        return cycle


def _ids(fill: Fill, template: bytes, places: Iterable[int], wanted: int | None, count: int) -> Ids:
    """The first packets, or some bits of them, as numbers that are equal where they are.

    What is cut off counts as 0, and the length only where whole packets are compared.
    """
    mask = np.full(len(template), 0xFF, np.uint8)
    if wanted is not None:
        mask = np.frombuffer(wanted.to_bytes(len(template), "big"), np.uint8)
        places = np.flatnonzero(mask).tolist()
    offsets = np.array(sorted(places), np.int64)
    seen = np.zeros((count, len(offsets) + 2), np.uint8)
    block = max(1, BLOCK_BYTES // len(template))
    rows = np.empty((min(block, count), len(template)), np.uint8)
    rows[:] = np.frombuffer(template, np.uint8)
    for first in range(0, count, block):
        packets = rows[: min(block, count - first)]
        lengths = fill(packets, first)
        part = seen[first : first + len(packets)]
        part[:, 2:] = packets[:, offsets] & mask[offsets]
        if lengths is not None:
            part[:, 2:][offsets >= lengths[:, None]] = 0
            if wanted is None:
                part[:, :2] = lengths[:, None].view(np.uint8)
    return ids_of([seen.view(np.dtype((np.void, seen.shape[1])))[:, 0]])
