"""Whose packets they are: streams, and frames that are simply there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scapy_server.engine.vm import WriteMask, WriteVar
from scapy_server.services.ports.frames import stamps
from scapy_server.services.ports.frames.headers import Headers, read_headers
from scapy_server.services.ports.plane.batch import Batch, Numbers, Rows, Times
from scapy_server.services.ports.plane.counters import FLOWS
from scapy_server.streams.division import Share
from scapy_server.streams.packets import FlowPackets


class StreamSource:
    """What one core sends of a stream.

    `frame` has addresses and marks, `thread` is the number of the core; `flow` is the place of
    its counters, -1 without, and `generation` that of a latency flow, whose packets are
    stamped; -1 for others. `meter` is the place of the stream's own counters.
    """

    def __init__(  # noqa: PLR0913 (what a stream has)
        self,
        frame: bytes,
        share: Share,
        thread: int,
        *,
        flow: int = -1,
        generation: int = -1,
        meter: int = -1,
    ) -> None:
        self.flow = flow
        self.meter = meter
        self._generation = generation
        self._packets = FlowPackets(share, frame, thread=thread)
        self.longest = self._packets.length
        self._is_constant = not share.stream.program.instructions
        self.template = None if self._must_look(share) else frame

    def _must_look(self, share: Share) -> bool:
        """Whether packets are not all told from others as the first one is."""
        if self._generation >= 0:
            return True
        written = [
            item.pkt_offset
            for item in share.stream.program.instructions
            if isinstance(item, WriteVar | WriteMask)
        ]
        return bool(written) and min(written) < _end_of_marks(read_headers(self._packets.template))

    def lengths(self, numbers: Numbers) -> Numbers:
        if not self._packets.trims or not len(numbers):
            return np.full(len(numbers), self.longest, np.int64)
        rows = np.empty((len(numbers), self.longest), np.uint8)
        self.prepare(rows)
        lengths = self._render(rows, numbers)
        assert lengths is not None
        return lengths.astype(np.int64)

    def prepare(self, rows: Rows) -> None:
        self._packets.prepare(rows)

    def fill(self, rows: Rows, numbers: Numbers, times: Times) -> None:
        if self._generation >= 0 and self._packets.trims:
            self.prepare(rows)  # where earlier packets ended, they have stamps
        lengths = self._render(rows, numbers)
        if self._generation >= 0:
            for index, row in enumerate(rows):
                end = self.longest if lengths is None else int(lengths[index])
                stamp = stamps.Stamp(
                    self._generation,
                    self.flow - FLOWS,
                    stamps.FIRST_SEQUENCE + int(numbers[index]) & 0xFFFFFFFF,
                    round(float(times[index]) * 1e9),
                )
                row[end - stamps.BYTES : end] = np.frombuffer(stamps.written(stamp), np.uint8)

    def _render(self, rows: Rows, numbers: Numbers) -> NDArray[np.uint16] | None:
        packets = self._packets
        if self._is_constant:
            return None
        first, last = int(numbers[0]), int(numbers[-1])
        if last - first + 1 == len(numbers) and bool(np.all(numbers[1:] > numbers[:-1])):
            return packets.fill(rows, first)
        low = int(numbers.min())
        block, lengths = packets.block(low, int(numbers.max()) - low + 1)
        rows[:] = block[numbers - low]
        return lengths[numbers - low]


def _end_of_marks(headers: Headers) -> int:
    """The offset behind everything by which a packet's flow is known."""
    return headers.network + (6 if headers.version == 4 else 8 if headers.version == 6 else 0)


class FramesSource:
    """Frames that are given."""

    flow = meter = -1
    template: bytes | None = None

    def __init__(self, frames: list[bytes]) -> None:
        self.frames = frames
        self.longest = max(map(len, frames), default=0)
        self._lengths = np.array([len(frame) for frame in frames], np.int64)

    def lengths(self, numbers: Numbers) -> Numbers:
        return self._lengths[numbers % len(self.frames)]

    def prepare(self, rows: Rows) -> None:
        """Frames have nothing in common."""

    def fill(self, rows: Rows, numbers: Numbers, times: Times) -> None:
        for row, number in zip(rows, numbers, strict=True):
            frame = self.frames[number % len(self.frames)]
            row[: len(frame)] = np.frombuffer(frame, np.uint8)

    def batch(self, now: float, times: list[float] | None = None) -> Batch:
        """All frames once, sent now or at their own times."""
        count = len(self.frames)
        at = np.full(count, now) if times is None else np.array(times)
        return Batch([self], at, np.zeros(count, np.int64), np.arange(count))


class RowsSource:
    """Frames that are given as rows, as long as `lengths` says."""

    flow = meter = -1
    template: bytes | None = None

    def __init__(self, rows: Rows, lengths: Numbers) -> None:
        self.longest = rows.shape[1]
        self._rows, self._lengths = rows, lengths

    def lengths(self, numbers: Numbers) -> Numbers:
        return self._lengths[numbers]

    def prepare(self, rows: Rows) -> None:
        """Frames have nothing in common."""

    def fill(self, rows: Rows, numbers: Numbers, times: Times) -> None:
        rows[:] = self._rows[numbers]
