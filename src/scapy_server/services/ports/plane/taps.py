"""Captures: frames that ports sent or received, kept until they are fetched."""

from __future__ import annotations

from collections import deque

import numpy as np

from scapy_server.captures.bpf import compiled
from scapy_server.services.ports.plane.batch import Batch
from scapy_server.services.ports.plane.commands import Capture, Filling, Frames, Kept

_LONGEST = 65_535


class Tap:
    """One capture."""

    def __init__(self, command: Capture) -> None:
        self.sent = frozenset(command.transmit)
        self.received = frozenset(command.receive)
        self._limit, self._cyclic = command.limit, command.cyclic
        self._snaplen = command.snaplen or _LONGEST
        self._filter = compiled(command.bpf)
        self._frames: deque[Kept] = deque()
        self._matched = self._fetched = self._bytes = 0
        self.is_active = True

    def keep(self, port: int, batch: Batch, sent: bool) -> None:
        """Look at frames of a port."""
        times = batch.times if sent or batch.arrivals is None else batch.arrivals
        if self._filter is None and self._is_full:
            self._matched += len(batch)
            return
        if self._filter is None and self._cyclic and len(batch) > self._limit:
            self._matched += len(batch) - self._limit
            batch = batch.taken(np.arange(len(batch) - self._limit, len(batch)))
            times = times[-self._limit :]
        for time, frame in zip(times, batch.frames(), strict=True):
            if self._filter is None or self._filter(frame):
                self._add(Kept(float(time), frame, port, self._matched + 1, len(frame), sent))

    @property
    def _is_full(self) -> bool:
        return not self._cyclic and len(self._frames) >= self._limit

    def _add(self, kept: Kept) -> None:
        self._matched += 1
        if self._is_full:
            return
        if len(kept.data) > self._snaplen:
            kept = Kept(
                kept.time,
                kept.data[: self._snaplen],
                kept.port,
                kept.number,
                kept.length,
                kept.sent,
            )
        self._frames.append(kept)
        self._bytes += len(kept.data)
        if len(self._frames) > self._limit:
            self._bytes -= len(self._frames.popleft().data)

    def fetch(self, count: int) -> Frames:
        """Take the oldest frames out."""
        taken = [self._frames.popleft() for _ in range(min(count, len(self._frames)))]
        self._fetched += len(taken)
        self._bytes -= sum(len(kept.data) for kept in taken)
        return Frames(taken, len(self._frames))

    def filling(self) -> Filling:
        """How full it is."""
        return Filling(self._matched, self._fetched, len(self._frames), self._bytes)
