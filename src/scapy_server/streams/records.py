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
from scapy_server.streams.schedule.blocks import NANOSECONDS, nanoseconds
from scapy_server.streams.stream import Stream
from scapy_server.streams.traffic import Started, Traffic
from scapy_server.streams.windows import Windows

#: About so many bytes are laid out at once, of one flow alone such as stay in a core's cache,
#: and kept of all flows together.
BLOCK_BYTES = 4 << 20
ONE_FLOW_BYTES = 768 << 10
KEPT_BYTES = 40 << 20
LARGEST_BLOCK, SMALLEST_BLOCK = 1 << 14, 1 << 10
#: How many packets of a flow are rendered ahead, at most and at least.
LARGEST_WINDOW, SMALLEST_WINDOW = 256, 2
MINIMUM_RECORD = 60

Rows = NDArray[np.uint8]
Lengths = NDArray[np.int64]
Cuts = NDArray[np.uint16]
Places = NDArray[np.intp]


class Due(Pace):
    """A pace that keeps to the times of a schedule, in seconds and in order."""

    def __init__(self, times: NDArray[np.float64]) -> None:
        super().__init__()
        self._times = times

    def ticks(self, start: int, count: int, per_second: int) -> tuple[int, NDArray[np.uint64]]:
        due = self._times[start : start + count]
        second = np.floor(due[0])
        if due[-1] < second + 1:
            # As `nanoseconds` does, with one second for all.
            due = due - second
            due *= 1e9
            ticks = due.astype(np.uint64)
        else:
            second, ticks = np.float64(0), nanoseconds(due).astype(np.uint64)
        if per_second < NANOSECONDS:
            ticks //= np.uint64(NANOSECONDS // per_second)
        return int(second) * per_second, ticks


@dataclass(frozen=True)
class RecordedBlock:
    """The records of a block, one behind the other, and the lengths of its packets."""

    block: Block
    records: memoryview
    lengths: Lengths


@dataclass(frozen=True)
class _Part:
    """Records of some packets of a block: where these are, and how long.

    `cuts` are the lengths of packets that may be cut, `whole` those of all that are not.
    """

    places: Places | slice
    rows: Rows
    whole: NDArray[np.int64] | int
    cuts: Cuts | None = None


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
        fitting = (ONE_FLOW_BYTES if len(streams) == 1 else BLOCK_BYTES) // (mean + layout.header)
        self.block_size = max(SMALLEST_BLOCK, min(LARGEST_BLOCK, fitting))
        ahead = KEPT_BYTES // (max(len(streams), 1) * (mean + layout.header))
        self._ahead = max(SMALLEST_WINDOW, min(LARGEST_WINDOW, ahead))
        self._windows = Windows(self._whole, self._ahead, layout, self.flow)

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
        made = list(self._rendered(block))
        for part in made:
            self._layout.stamp(part.rows, 0, Due(block.times[part.places]))
        if len(made) == 1 and made[0].cuts is None:
            lengths = np.empty(len(block), np.int64)
            lengths[made[0].places] = made[0].whole
            return RecordedBlock(block, made[0].rows.reshape(-1).data, lengths)
        return self._put_together(block, made)

    def _put_together(self, block: Block, made: list[_Part]) -> RecordedBlock:
        lengths = np.empty(len(block), np.int64)
        sizes = np.empty(len(block), np.int64)
        for part in made:
            cuts = part.cuts
            lengths[part.places] = part.whole if cuts is None else cuts
            sizes[part.places] = part.rows.shape[1] if cuts is None else self._sizes(cuts)
        starts = np.cumsum(sizes) - sizes
        records = self._room(int(sizes.sum()))
        for part in made:
            if part.cuts is None:
                _scatter(records, starts[part.places], part.rows)
            else:
                self._scatter_cut(records, starts[part.places], part.rows, part.cuts)
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

    def warnings(self) -> Iterator[tuple[Started, Stream, str, str]]:
        """What to know of streams that send, with a short code, once for all cores."""
        told: set[tuple[int, int, str]] = set()
        for flow in self._traffic.schedule.flows:
            stream = flow.share.stream
            for code, sentence in (
                self.flow(flow.number).warnings.items() if flow.share.sends else ()
            ):
                key = flow.group, stream.stream_id, code
                if key not in told:
                    told.add(key)
                    yield self._traffic.started[flow.group], stream, code, sentence

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

    def _rendered(self, block: Block) -> Iterator[_Part]:
        """Records without time stamps.

        Flows with many packets, or with cut ones, come by themselves, the others together.
        """
        if block.is_of_one_flow:
            yield self._of_flow(block, int(block.flows[0]), slice(None))
            return
        counts = np.bincount(block.flows, minlength=len(self._whole))
        apart = (counts > self._ahead // 2) | (self._cut & (counts > 0))
        for number in np.flatnonzero(apart).tolist():
            yield self._of_flow(block, number, np.flatnonzero(block.flows == number))
        few = np.flatnonzero(~apart[block.flows])
        if len(few):
            for places, rows in self._windows.chosen(block, few):
                yield _Part(places, rows, self._whole[block.flows[places]])

    def _of_flow(self, block: Block, number: int, places: Places | slice) -> _Part:
        flow, indexes = self.flow(number), block.indexes[places]
        rows = self._prepared(number, flow, len(indexes))
        room = rows[:, self._layout.header : self._layout.header + flow.length]
        return _Part(places, rows, flow.length, flow.fill(room, int(indexes[0])))

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

    def _sizes(self, cuts: Cuts) -> NDArray[np.int64]:
        sizes = [self._layout.record_size(length) for length in range(int(cuts.max()) + 1)]
        return np.array(sizes)[cuts]

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
