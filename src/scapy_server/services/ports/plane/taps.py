"""Captures: frames that ports sent or received, kept until they are fetched."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from scapy_server.captures.bpf import compiled
from scapy_server.services.ports.plane.batch import Batch, Numbers, Times
from scapy_server.services.ports.plane.commands import Capture, Filling, Frames, Kept

_LONGEST = 65_535


class _Shown(NamedTuple):
    """Frames of a port that were not looked at yet."""

    port: int
    batch: Batch
    times: Times
    sent: bool


class Tap:
    """One capture.

    What ports show it in one step of time is looked at together, for a port shows all that it
    has sent in a step before another one all that it has received.
    """

    def __init__(self, command: Capture) -> None:
        self.sent = frozenset(command.transmit)
        self.received = frozenset(command.receive)
        self._limit, self._cyclic = command.limit, command.cyclic
        self._snaplen = command.snaplen or _LONGEST
        self._filter = compiled(command.bpf)
        self._shown: list[_Shown] = []
        self._frames: deque[Kept] = deque()
        self._matched = self._fetched = self._bytes = 0
        self.is_active = True

    def keep(self, port: int, batch: Batch, sent: bool) -> None:
        """Be shown frames of a port."""
        if self._filter is None and self._is_full and not self._shown:
            self._matched += len(batch)
            return
        times = batch.times if sent or batch.arrivals is None else batch.arrivals
        self._shown.append(_Shown(port, batch, times, sent))

    def settle(self) -> None:
        """Look at what was shown, in the order of time; of one moment in the order of showing."""
        shown, self._shown = self._shown, []
        if not shown:
            return
        order = np.argsort(np.concatenate([each.times for each in shown]), kind="stable")
        count = len(order)
        before = self._matched
        if self._filter is None:  # it is known which ones are kept
            if self._cyclic:
                order = order[max(count - self._limit, 0) :]
                self._matched += count - len(order)
            else:
                order = order[: self._limit - len(self._frames)]
        for each, frame, time in _picked(shown, order):
            if self._filter is None or self._filter(frame):
                kept = Kept(time, frame, each.port, self._matched + 1, len(frame), each.sent)
                self._add(kept)
        if self._filter is None:
            self._matched = before + count

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
        self.settle()
        taken = [self._frames.popleft() for _ in range(min(count, len(self._frames)))]
        self._fetched += len(taken)
        self._bytes -= sum(len(kept.data) for kept in taken)
        return Frames(taken, len(self._frames))

    def filling(self) -> Filling:
        """How full it is."""
        self.settle()
        return Filling(self._matched, self._fetched, len(self._frames), self._bytes)


def _picked(shown: list[_Shown], order: Numbers) -> Iterator[tuple[_Shown, bytes, float]]:
    """Some of the frames that were shown, by their places, with their times."""
    ends = np.cumsum([len(each.batch) for each in shown])
    owners = np.searchsorted(ends, order, side="right")
    frames: list[Iterator[bytes]] = []
    times: list[Iterator[float]] = []
    for number, each in enumerate(shown):
        chosen = order[owners == number] - (ends[number] - len(each.batch))
        frames.append(each.batch.taken(chosen).frames())
        times.append(iter(each.times[chosen].tolist()))
    for owner in owners.tolist():
        yield shown[owner], next(frames[owner]), next(times[owner])
