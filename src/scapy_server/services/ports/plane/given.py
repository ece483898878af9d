"""Frames that are sent as they were given: pushed one by one, or played from a capture."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np

from scapy_server.services.ports.plane.batch import EMPTY, Batch, joined
from scapy_server.services.ports.plane.commands import Play
from scapy_server.services.ports.plane.counters import FCS_BYTES
from scapy_server.services.ports.plane.sources import FramesSource
from scapy_server.streams.rates import LAYER_1_BYTES


class Pushed:
    """Frames that are sent at times of their own, besides all profiles."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: list[tuple[float, int, int, bytes]] = []
        self._count = 0

    def push(self, port: int, frames: Sequence[bytes], now: float, gap: float) -> int:
        """Queue frames; how many of them there was room for."""
        room = frames[: max(self._most - len(self._waiting), 0)]
        for index, frame in enumerate(room):
            self._count += 1
            heapq.heappush(self._waiting, (now + index * gap, self._count, port, frame))
        return len(room)

    @property
    def next_time(self) -> float:
        """When the next frame is due; infinity when none is."""
        return self._waiting[0][0] if self._waiting else inf

    def take(self, until: float) -> dict[int, Batch]:
        """What is due at `until` or before, by port."""
        found: dict[int, tuple[list[float], list[bytes]]] = {}
        while self._waiting and self._waiting[0][0] <= until:
            time, _, port, frame = heapq.heappop(self._waiting)
            times, frames = found.setdefault(port, ([], []))
            times.append(time)
            frames.append(frame)
        return {
            port: FramesSource(frames).batch(until, times)
            for port, (times, frames) in found.items()
        }


@dataclass
class Player:
    """Sends the frames of a capture at their times, over and over.

    `line` is the rate of the port in bits a second: however close together the frames are, once
    round takes as long as they take there.
    """

    command: Play
    base: float
    line: float
    sent: int = 0
    source: FramesSource = field(init=False)
    end: float = field(init=False)

    def __post_init__(self) -> None:
        self.source = FramesSource(self.command.frames)
        times = self.command.times
        octets = sum(len(frame) + FCS_BYTES + LAYER_1_BYTES for frame in self.command.frames)
        self._length = max(times[-1] + self.command.pause, 8 * octets / self.line)
        self.end = self.base + self.command.duration if self.command.duration > 0 else inf

    @property
    def is_done(self) -> bool:
        loops = self.command.loops
        return bool(loops) and self.sent >= loops * len(self.command.frames)

    @property
    def next_time(self) -> float:
        """When the next frame is due, or the end of it all."""
        return inf if self.is_done else min(self._time(self.sent), self.end)

    def _time(self, number: int) -> float:
        loop, index = divmod(number, len(self.command.frames))
        return self.base + loop * self._length + self.command.times[index]

    def take(self, most: int, until: float) -> Batch:
        """The frames that are due at `until` or before, at most so many."""
        until = min(until, self.end)
        times: list[float] = []
        while len(times) < most and not self.is_done and self._time(self.sent) <= until:
            times.append(self._time(self.sent))
            self.sent += 1
        if not times:
            return EMPTY
        numbers = np.arange(self.sent - len(times), self.sent)
        return Batch([self.source], np.array(times), np.zeros(len(times), np.int64), numbers)


def merged(parts: Sequence[dict[int, Batch]]) -> dict[int, Batch]:
    """What several take, by port."""
    ports = {port for part in parts for port in part}
    return {port: joined([part[port] for part in parts if port in part]) for port in sorted(ports)}
