"""A port whose line is files: what is sent is written, what is received was captured before."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import BinaryIO

import numpy as np

from scapy_server import limits
from scapy_server.captures.link_types import ETHERNET
from scapy_server.captures.reading import capture_of
from scapy_server.captures.records import PacketRecord
from scapy_server.captures.writing import PcapWriter
from scapy_server.errors import ScapyServerError
from scapy_server.services.ports.kinds.files import is_sendable, seconds_of
from scapy_server.services.ports.plane.batch import EMPTY, Batch
from scapy_server.services.ports.plane.line import Deaf, LineError
from scapy_server.services.ports.plane.sources import FramesSource
from scapy_server.streams.schedule.blocks import nanoseconds


class PcapLine(Deaf):
    """Writes to an open file; receives `records`, from the moment at which sending begins."""

    descriptor: int | None = None

    def __init__(self, output: BinaryIO, records: list[PacketRecord]) -> None:
        self._output = output
        self._writer = PcapWriter(ETHERNET, nano=True)
        self._written = 0
        output.write(self._writer.begin())
        output.flush()
        self._source = FramesSource([record.data for record in records]) if records else None
        times = np.array(seconds_of(records)) if records else np.empty(0)
        self._times = np.maximum.accumulate(times)  # clocks of captures may have been put back
        self._base: float | None = None
        self._received = 0

    @property
    def next_time(self) -> float:  # type: ignore[override]
        """When the next captured frame arrives."""
        if self._base is None or self._received >= len(self._times):
            return inf
        return self._base + float(self._times[self._received])

    def send(self, batch: Batch) -> int:
        if self._base is None and len(self._times):
            self._base, self._received = float(batch.times[0]), 0
        for time, frame in zip(nanoseconds(batch.times), batch.frames(), strict=True):
            self._written += 1
            record = PacketRecord(self._written, frame, ETHERNET, int(time), len(frame))
            self._output.write(self._writer.written(record))
        return 0

    def receive(self, now: float) -> Batch:
        if self._source is None or self._base is None or self.next_time > now:
            return EMPTY
        end = int(np.searchsorted(self._times, now - self._base, side="right"))
        numbers = np.arange(self._received, end)
        arrivals = self._times[numbers] + self._base
        self._received = end
        slots = np.zeros(len(numbers), np.int64)
        return Batch([self._source], arrivals, slots, numbers, arrivals)

    def flush(self) -> None:
        """Write down what was sent; what is received begins anew with what is sent next."""
        self._output.flush()
        self._base = None

    def close(self) -> None:
        self._output.close()


def open_pcap(file: str, receive: str) -> PcapLine:
    """A line that writes `file`, and receives what the capture `receive` holds, if it is named."""
    try:
        records = _read(receive) if receive else []
        output = Path(file).open("wb")  # noqa: SIM115 (for as long as the port lives)
    except (OSError, ScapyServerError) as error:
        raise LineError(f"pcap:{file}: {getattr(error, 'strerror', None) or error}") from error
    return PcapLine(output, records)


def _read(name: str) -> list[PacketRecord]:
    path = Path(name)
    limits.PLAYED_BYTES.check(path.stat().st_size)
    records = [record for record in capture_of(path.read_bytes()).records() if is_sendable(record)]
    limits.PLAYED_FRAMES.check(len(records))
    return records
