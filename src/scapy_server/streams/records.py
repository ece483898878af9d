"""The packets of a schedule as records of a capture, block by block.

Flows with many packets in a block are rendered at once; of flows with few, a window of
packets is rendered ahead, from which several blocks are served. The records are then put
where their turns are, and time stamps are written in their places. Memory is bounded: blocks
by their bytes, and what is kept from block to block by all flows together.

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
from scapy_server.streams.counters import shortest_cut
from scapy_server.streams.packets import FlowPackets
from scapy_server.streams.schedule import Block
from scapy_server.streams.traffic import Traffic
from scapy_server.streams.windows import Windows

#: About so many bytes are laid out at once, and kept of all flows together.
BLOCK_BYTES = 4 << 20
KEPT_BYTES = 40 << 20
LARGEST_BLOCK, SMALLEST_BLOCK = 1 << 14, 1 << 10
#: How many packets of a flow are rendered ahead, at most and at least.
LARGEST_WINDOW, SMALLEST_WINDOW = 256, 4
MINIMUM_RECORD = 60

Rows = NDArray[np.uint8]
Lengths = NDArray[np.int64]
Cuts = NDArray[np.uint16]
Places = NDArray[np.intp]


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

    Raises RefusedError, by stream and instruction, for programs that cannot be rendered.
    """

    def __init__(self, traffic: Traffic, layout: Layout) -> None:
        self._traffic, self._layout = traffic, layout
        self._flows: dict[int, FlowPackets] = {}
        self._kept: dict[int, Rows] = {}
        self._kept_bytes = 0
        self._records = np.empty(0, np.uint8)
        streams = [flow.share.stream for flow in traffic.schedule.flows]
        #: By flow, the bytes of its longest packet, and whether others are shorter.
        self._whole = np.array([len(stream.template) for stream in streams], np.int64)
        self._cut = np.array([shortest_cut(stream) is not None for stream in streams], np.bool_)
        mean = max(int(self._whole.mean()) if streams else 0, MINIMUM_RECORD)
        #: How many packets to take at once: fewer of long ones.
        self.block_size = max(SMALLEST_BLOCK, min(LARGEST_BLOCK, BLOCK_BYTES // mean))
        ahead = KEPT_BYTES // (max(len(streams), 1) * (mean + layout.header))
        self._ahead = max(SMALLEST_WINDOW, min(LARGEST_WINDOW, ahead))
        self._windows = Windows(len(streams), self._ahead, layout, self.flow)

    def blocks(self, most: int | None = None) -> Iterator[RecordedBlock]:
        """The records of the next packets, at most so many.

        A block's records are valid until the next one is asked for.
        """
        left = math.inf if most is None else most
        for block in self._traffic.schedule.blocks(self.block_size):
            wanted = block if len(block) <= left else block[: int(left)]
            left -= len(wanted)
            yield self.recorded(wanted)
            if left <= 0:
                return

    def recorded(self, block: Block) -> RecordedBlock:
        """The records of a block; valid until the next call."""
        nanoseconds = block.nanoseconds
        lengths = np.empty(len(block), np.int64)
        sizes = np.empty(len(block), np.int64)
        made: list[tuple[Places, Rows, Cuts | None]] = []
        for places, rows, cuts in self._rendered(block):
            self._layout.stamp(rows, 0, Due(nanoseconds[places]))
            sizes[places] = rows.shape[1] if cuts is None else self._sizes(cuts)
            lengths[places] = self._whole[block.flows[places]] if cuts is None else cuts
            made.append((places, rows, cuts))
        if len(made) == 1 and made[0][2] is None:
            return RecordedBlock(block, made[0][1].reshape(-1).data, lengths)
        starts = np.cumsum(sizes) - sizes
        records = self._room(int(sizes.sum()))
        for places, rows, cuts in made:
            if cuts is None:
                _scatter(records, starts[places], rows)
            else:
                self._scatter_cut(records, starts[places], rows, cuts)
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

    def of_ports(self, block: Block, ports: Collection[int]) -> NDArray[np.bool_]:
        """Which packets of a block are sent by these ports."""
        started, flows = self._traffic.started, self._traffic.schedule.flows
        of_flow = np.array([started[f.group].profile.port in ports for f in flows], np.bool_)
        inside: NDArray[np.bool_] = of_flow[block.flows]
        return inside

    def _room(self, size: int) -> NDArray[np.uint8]:
        if len(self._records) < size:
            self._records = np.empty(size + size // 4, np.uint8)
        return self._records[:size]

    def _rendered(self, block: Block) -> Iterator[tuple[Places, Rows, Cuts | None]]:
        """Records without time stamps, and their lengths where some are cut, with their places.

        Flows with many packets, or with cut ones, come by themselves, the others together.
        """
        counts = np.bincount(block.flows, minlength=len(self._whole))
        apart = (counts > self._ahead // 2) | (self._cut & (counts > 0))
        for number in np.flatnonzero(apart).tolist():
            flow = self.flow(number)
            places = np.flatnonzero(block.flows == number)
            rows = self._prepared(number, flow, len(places))
            room = rows[:, self._layout.header : self._layout.header + flow.length]
            yield places, rows, flow.fill(room, int(block.indexes[places[0]]))
        few = np.flatnonzero(~apart[block.flows])
        if len(few):
            for places, rows in self._windows.chosen(block, few):
                yield places, rows, None

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
            self._kept, self._kept_bytes, known = {}, 0, None
        self._kept_bytes += records.nbytes - (0 if known is None else known.nbytes)
        self._kept[number] = records
        return records

    def _sizes(self, cuts: Cuts) -> list[int]:
        return [self._layout.record_size(length) for length in cuts.tolist()]

    def _scatter_cut(
        self, records: NDArray[np.uint8], starts: NDArray[np.int64], rows: Rows, cuts: Cuts
    ) -> None:
        """Put records of several lengths in their places, those of one length at once."""
        for length in np.unique(cuts):
            same = np.flatnonzero(cuts == length)
            packed = self._layout.packed(rows[same], cuts[same])
            size = self._layout.record_size(int(length))
            whole = np.frombuffer(packed, np.uint8).reshape(len(same), size)
            _scatter(records, starts[same], whole)


def _scatter(records: NDArray[np.uint8], starts: NDArray[np.int64], rows: Rows) -> None:
    """Copy rows to their places: each is one item of a view whose items begin at every byte."""
    size = rows.shape[1]
    item = np.dtype((np.void, size))
    places = np.ndarray((len(records) - size + 1,), item, records, strides=(1,))
    places[starts] = np.ascontiguousarray(rows).view(item)[:, 0]
