"""The packets of a schedule as records of a capture, block by block.

Every flow of a block is rendered at once and its records are then put where their turns are.
Memory is bounded: blocks by their bytes, and what is kept prepared from block to block by
all flows together.

Source: docs/profiles.md, "Captures".
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scapy_server.captures.pace import Pace
from scapy_server.engine.captures import Layout
from scapy_server.streams.packets import FlowPackets
from scapy_server.streams.schedule import Block
from scapy_server.streams.traffic import Traffic

#: About so many bytes are laid out at once, and kept prepared.
BLOCK_BYTES = 2 << 20
KEPT_BYTES = 48 << 20
LARGEST_BLOCK, SMALLEST_BLOCK = 1 << 14, 256

Rows = NDArray[np.uint8]
Lengths = NDArray[np.int64]


class Due(Pace):
    """A pace that keeps to the times of a schedule, in whole nanoseconds."""

    def __init__(self, nanoseconds: NDArray[np.int64]) -> None:
        super().__init__()
        self._due = nanoseconds

    def ticks(self, start: int, count: int, per_second: int) -> tuple[int, NDArray[np.uint64]]:
        due = self._due[start : start + count].astype(np.uint64)
        return 0, due // np.uint64(1_000_000_000 // per_second)


@dataclass(frozen=True)
class RecordedBlock:
    """The records of a block, one behind the other, and the lengths of its packets."""

    block: Block
    records: memoryview
    lengths: Lengths


class Recorder:
    """Lays out what a traffic sends.

    `ports` are those whose packets are wanted, None for all. Raises RefusedError, by stream
    and instruction, for programs that cannot be rendered.
    """

    def __init__(
        self, traffic: Traffic, layout: Layout, ports: Collection[int] | None = None
    ) -> None:
        self._traffic, self._layout = traffic, layout
        self._ports = ports
        self._flows: dict[int, FlowPackets] = {}
        self._kept: dict[int, Rows] = {}
        self._kept_bytes = 0

    def blocks(self, most: int | None = None, until: float = math.inf) -> Iterator[RecordedBlock]:
        """The records of the next packets, at most so many and before a time.

        A block's records are valid until the next one is asked for.
        """
        schedule = self._traffic.schedule
        left = math.inf if most is None else most
        while left > 0 and schedule.next_time < until:
            block = self.wanted(schedule.take(self._size(), until))
            if len(block) > left:
                block = block[: int(left)]
            left -= len(block)
            if len(block):
                yield self.recorded(block)

    def recorded(self, block: Block) -> RecordedBlock:
        """The records of a block."""
        nanoseconds = block.nanoseconds
        lengths = np.empty(len(block), np.int64)
        sizes = np.empty(len(block), np.int64)
        made = []
        for number, places in block.by_flow():
            rows, cut = self._filled(number, int(block.indexes[places[0]]), nanoseconds[places])
            length = self.flow(number).length
            lengths[places] = length if cut is None else cut
            if cut is None:
                sizes[places] = rows.shape[1]
            else:
                sizes[places] = [self._layout.record_size(n) for n in cut.tolist()]
            made.append((places, rows, cut))
        if len(made) == 1 and made[0][2] is None:
            return RecordedBlock(block, made[0][1].reshape(-1).data, lengths)
        starts = np.cumsum(sizes) - sizes
        records = np.empty(int(sizes.sum()), np.uint8)
        for places, rows, cut in made:
            if cut is None:
                _scatter(records, starts[places], rows)
            else:
                self._scatter_cut(records, starts[places], rows, cut)
        return RecordedBlock(block, records.data, lengths)

    def frames(self, block: Block) -> list[bytes]:
        """The packets of a block, in order."""
        found: list[bytes] = [b""] * len(block)
        for number, places in block.by_flow():
            rows, lengths = self.flow(number).block(int(block.indexes[places[0]]), len(places))
            for place, row, length in zip(places.tolist(), rows, lengths, strict=True):
                found[place] = row[:length].tobytes()
        return found

    def flow(self, number: int) -> FlowPackets:
        """The packets of a flow; raises RefusedError for its program."""
        known = self._flows.get(number)
        if known is None:
            known = self._traffic.packets(self._traffic.schedule.flows[number])
            self._flows[number] = known
        return known

    def wanted(self, block: Block) -> Block:
        """The packets of the wanted ports alone."""
        if self._ports is None or not len(block):
            return block
        started, flows = self._traffic.started, self._traffic.schedule.flows
        of_flow = np.array([started[f.group].profile.port in self._ports for f in flows])
        inside = of_flow[block.flows]
        return Block(block.times[inside], block.flows[inside], block.indexes[inside])

    def _size(self) -> int:
        """How many packets to take at once: fewer of long ones."""
        flows = self._traffic.schedule.flows
        if not flows:
            return SMALLEST_BLOCK
        mean = sum(len(f.share.stream.template) for f in flows) // len(flows)
        return max(SMALLEST_BLOCK, min(LARGEST_BLOCK, BLOCK_BYTES // mean))

    def _filled(
        self, number: int, start: int, due: NDArray[np.int64]
    ) -> tuple[Rows, NDArray[np.uint16] | None]:
        flow, layout = self.flow(number), self._layout
        records = self._prepared(number, flow, len(due))
        cut = flow.fill(records[:, layout.header : layout.header + flow.length], start)
        layout.stamp(records, 0, Due(due))
        return records, cut

    def _prepared(self, number: int, flow: FlowPackets, count: int) -> Rows:
        """Records that hold all that does not vary, kept from block to block if they are small."""
        known = self._kept.get(number)
        if known is not None and len(known) >= count:
            return known[:count]
        size = self._layout.record_size(flow.length)
        records = np.empty((count, size), np.uint8)
        self._layout.prepare(records, flow.length)
        flow.prepare(records[:, self._layout.header : self._layout.header + flow.length])
        if self._kept_bytes + records.nbytes > KEPT_BYTES:
            self._kept, self._kept_bytes = {}, 0
            known = None
        self._kept_bytes += records.nbytes - (0 if known is None else known.nbytes)
        self._kept[number] = records
        return records

    def _scatter_cut(
        self,
        records: NDArray[np.uint8],
        starts: NDArray[np.int64],
        rows: Rows,
        cut: NDArray[np.uint16],
    ) -> None:
        """Put records of several lengths in their places, those of one length at once."""
        for length in np.unique(cut):
            same = np.flatnonzero(cut == length)
            packed = self._layout.packed(rows[same], cut[same])
            size = self._layout.record_size(int(length))
            whole = np.frombuffer(packed, np.uint8).reshape(len(same), size)
            _scatter(records, starts[same], whole)


def _scatter(records: NDArray[np.uint8], starts: NDArray[np.int64], rows: Rows) -> None:
    """Copy rows to their places: each is one item of a view whose items begin at every byte."""
    size = rows.shape[1]
    item = np.dtype((np.void, size))
    places = np.ndarray((len(records) - size + 1,), item, records, strides=(1,))
    places[starts] = np.ascontiguousarray(rows).view(item)[:, 0]
