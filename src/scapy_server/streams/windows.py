"""Packets of many flows rendered ahead, so that a block takes a few of each at no cost of its own.

Each flow has a window: the records of some packets in a row. Windows of flows with records
of one size lie in one pool, one behind the other, so that the records of a whole block are
chosen from a pool at once, whichever flows they are of. A pool has room for all flows of its
size from the start on, and takes memory as they come by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from scapy_server.engine.captures import Layout
from scapy_server.streams.packets import FlowPackets
from scapy_server.streams.schedule import Block

Rows = NDArray[np.uint8]
Places = NDArray[np.intp]
_NONE = -1


class Windows:
    """Windows of `ahead` packets each; `lengths` are those of each flow's longest packet."""

    def __init__(
        self,
        lengths: NDArray[np.int64],
        ahead: int,
        layout: Layout,
        packets: Callable[[int], FlowPackets],
    ) -> None:
        self._ahead, self._layout, self._packets = ahead, layout, packets
        flows = len(lengths)
        sizes = Counter(map(layout.record_size, lengths.tolist()))
        self._first = np.zeros(flows, np.int64)
        self._row = np.full(flows, _NONE, np.int64)
        self._size = np.zeros(flows, np.int64)
        self._filled = np.zeros(flows, np.bool_)
        self._pools = {size: np.empty((n * ahead, size), np.uint8) for size, n in sizes.items()}
        self._used: dict[int, int] = {}

    def chosen(self, block: Block, places: Places) -> Iterator[tuple[Places, Rows]]:
        """Records of the packets at some places of a block, without time stamps, size by size.

        No flow may have more than a window of packets among them.
        """
        flows, indexes = block.flows[places], block.indexes[places]
        self._advance(flows, indexes)
        rows = self._row[flows] + (indexes - self._first[flows])
        sizes = self._size[flows]
        for size in np.unique(sizes).tolist():
            same = np.flatnonzero(sizes == size)
            yield places[same], self._pools[size][rows[same]]

    def _advance(self, flows: NDArray[np.uint32], indexes: NDArray[np.int64]) -> None:
        """Render on where a flow's packets are not all in its window."""
        before = (indexes < self._first[flows]) | ~self._filled[flows]
        beyond = indexes >= self._first[flows] + self._ahead
        late = np.unique(flows[before | beyond])
        if len(late):
            # The first packet of each flow is where its number comes first.
            present, places = np.unique(flows, return_index=True)
            for place in places[np.isin(present, late)].tolist():
                self._render(int(flows[place]), int(indexes[place]))

    def _render(self, number: int, first: int) -> None:
        flow = self._packets(number)
        size = self._layout.record_size(flow.length)
        if self._row[number] == _NONE:
            self._place(number, flow, size)
        row = int(self._row[number])
        records = self._pools[size][row : row + self._ahead]
        flow.fill(records[:, self._layout.header : self._layout.header + flow.length], first)
        self._first[number], self._filled[number] = first, True

    def _place(self, number: int, flow: FlowPackets, size: int) -> None:
        """Give a flow its room in the pool of its size, and write there what does not vary."""
        used = self._used.get(size, 0)
        records = self._pools[size][used : used + self._ahead]
        self._layout.prepare(records, flow.length)
        flow.prepare(records[:, self._layout.header : self._layout.header + flow.length])
        self._row[number], self._size[number] = used, size
        self._used[size] = used + self._ahead
