"""The profiles that are being sent, and the packets that the schedule makes due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

import numpy as np

from scapy_server.services.ports.plane.batch import Batch, Source
from scapy_server.services.ports.plane.commands import Start, UpdateStreams
from scapy_server.services.ports.plane.sources import StreamSource
from scapy_server.streams.division import active_cores, divide, update_gap
from scapy_server.streams.reading import Capabilities, read_stream
from scapy_server.streams.schedule import Block, Schedule
from scapy_server.streams.schedule.blocks import EMPTY as EMPTY_BLOCK
from scapy_server.streams.stream import Stream


@dataclass
class Run:
    """A profile that was started. `group` is its number in the schedule."""

    port: int
    profile: str
    number: int
    group: int
    cores: tuple[int, ...]
    streams: dict[int, Stream]
    line: float
    bounded: bool
    sending: frozenset[int] = frozenset()


#: How much earlier than they are due packets are looked for.
_LEAD_SECONDS = 0.002
_MOST_AHEAD = 16_384


class Sender:
    """The schedule of all profiles of a data plane, and the packets that it makes due.

    Times of the schedule are counted from `base`, the moment at which the first profile
    was started while nothing was sent. Packets are taken off the schedule up to `ahead`
    seconds before they are due, so that it is known when the next one really is: the
    schedule itself only knows when something may be.
    """

    def __init__(self, cores: int, pair: int, pairs: int, ahead: float = 0.0) -> None:
        self._cores, self._pair, self._pairs = cores, pair, pairs
        self._ahead = ahead
        self._block = EMPTY_BLOCK
        self._schedule = Schedule()
        self._sources: list[Source] = []
        self._ports: list[int] = []
        self._runs: dict[int, Run] = {}
        self._group = 0
        self.base = 0.0

    def start(self, command: Start, line: float, now: float) -> None:
        """Start a profile, at its time or now; raises RefusedError."""
        if not self.is_running:
            self._schedule, self._sources, self._ports = Schedule(), [], []
            self.base = now if command.at is None else command.at
        able = Capabilities(self._cores)
        plans = {plan.id: plan for plan in command.streams}
        streams = {each: read_stream(each, plan.document, able) for each, plan in plans.items()}
        active = active_cores(command.mask, self._cores)
        shares = divide(list(streams.values()), command.factor, line, active)
        sources: list[Source] = []
        for core in sorted(shares):
            for share in shares[core]:
                plan = plans[share.stream.stream_id]
                sources.append(
                    StreamSource(
                        plan.frame,
                        share,
                        self._thread(core),
                        flow=plan.flow,
                        generation=plan.generation,
                        meter=plan.meter,
                    )
                )
        self._group += 1
        at = (now if command.at is None else command.at) - self.base
        self._schedule.start(self._group, shares, at, max(command.duration, 0.0))
        self._sources += sources
        self._ports += [command.port] * len(sources)
        sending = frozenset(c for c, held in shares.items() if any(s.sends for s in held))
        self._runs[self._group] = Run(
            command.port,
            command.profile,
            command.run,
            self._group,
            tuple(active),
            streams,
            line,
            command.duration > 0 or is_bounded(streams),
            sending,
        )

    def _thread(self, core: int) -> int:
        """The number of a core over all pairs of ports, which random numbers depend on."""
        return core * self._pairs + self._pair

    def stop(self, port: int, profile: str, now: float) -> None:
        """End a profile, if it runs."""
        for run in self._of(port, profile):
            self._schedule.stop(run.group, now - self.base)
            del self._runs[run.group]
            self._take_back(run.group)

    def _take_back(self, group: int, streams: set[int] | None = None) -> None:
        """Do not send what was taken off the schedule ahead of time for a group or streams of it.

        It was the last of its flows, which go on with it should they be resumed.
        """
        stopped = [
            flow.group == group and (streams is None or flow.share.stream.stream_id in streams)
            for flow in self._schedule.flows
        ]
        dropped = np.array(stopped, bool)[self._block.flows]
        self._schedule.give_back(self._block.flows[dropped])
        kept = ~dropped
        self._block = Block(
            self._block.times[kept], self._block.flows[kept], self._block.indexes[kept]
        )

    def pause(self, port: int, profile: str, paused: bool, streams: Iterable[int] | None) -> None:
        """Pause or resume a profile, or some of its streams."""
        chosen = None if streams is None else set(streams)
        for run in self._of(port, profile):
            self._schedule.pause(run.group, paused, chosen)
            if paused:
                self._take_back(run.group, chosen)

    def scale(self, port: int, profile: str, ratio: float) -> None:
        """Have a profile send so many times as fast."""
        for run in self._of(port, profile):
            self._schedule.scale(run.group, ratio)

    def update(self, command: UpdateStreams) -> None:
        """Give single streams factors of their own."""
        for run in self._of(command.port, command.profile):
            for stream_id, factor in command.factors.items():
                stream = run.streams[stream_id]
                gap = update_gap(stream, factor, run.line, len(run.cores))
                self._schedule.set_gap(run.group, stream_id, gap)

    @property
    def is_running(self) -> bool:
        """Whether anything may still be sent, or an end is still to be told."""
        return self._schedule.running or bool(self._runs)

    @property
    def is_bounded(self) -> bool:
        """Whether all that is sent comes to an end by itself."""
        return all(run.bounded for run in self._runs.values())

    @property
    def next_time(self) -> float:
        """When there is something to do; infinity when there is nothing."""
        if len(self._block):
            return self.base + float(self._block.times[0])
        if not self._schedule.running:
            return min((end for _, end in self._ends()), default=inf)
        lead = _LEAD_SECONDS if self._ahead else 0.0
        return self.base + self._schedule.next_time - lead

    @property
    def next_packet(self) -> float:
        """When the next packet is due, if that is known; else infinity."""
        return self.base + float(self._block.times[0]) if len(self._block) else inf

    @property
    def _first_waiting(self) -> float:
        """No packet that was not taken is due before; infinity when all were taken."""
        if len(self._block):
            return self.next_packet
        return self.base + self._schedule.next_time

    def shift(self, seconds: float) -> None:
        """Have all that is due come later by so much."""
        self.base += seconds

    def take(self, most: int, until: float) -> dict[int, Batch]:
        """The next packets due at `until` or before, by port."""
        block = self._due(most, until)
        if not len(block):
            return {}
        times, slots = block.times + self.base, block.flows.astype(np.int64)
        whole = Batch(self._sources, times, slots, block.indexes)
        ports = set(self._ports)
        if len(ports) == 1:
            return {ports.pop(): whole}
        owners = np.array(self._ports)[slots]
        return {
            port: whole.taken(np.flatnonzero(owners == port))
            for port in sorted(ports)
            if np.any(owners == port)
        }

    def _due(self, most: int, until: float) -> Block:
        # As far as times that are counted from the base can be told from `until`.
        end = float(np.nextafter(until - self.base + np.spacing(until), inf))
        if not self._ahead:
            return self._schedule.take(most, end)
        if not len(self._block) and self._schedule.running:
            self._block = self._schedule.take(_MOST_AHEAD, end + self._ahead)
        count = int(np.searchsorted(self._block.times, end, side="left"))
        due, self._block = self._block[:count], self._block[count:]
        return due

    def finished(self, now: float) -> list[tuple[Run, float]]:
        """The profiles of which all was taken since this was asked last, and when they ended."""
        waiting = self._first_waiting
        done = [
            (run, end)
            for run, end in self._ends()
            if end <= now + np.spacing(now) and end < waiting
        ]
        for run, _ in done:
            del self._runs[run.group]
        return sorted(done, key=lambda pair: pair[1])

    def _ends(self) -> list[tuple[Run, float]]:
        """The profiles of which all that will be sent is known, and when the last of it is."""
        found = []
        for run in self._runs.values():
            ends = self._schedule.ended(run.group)
            times = [time for core in run.sending if (time := ends.get(core)) is not None]
            if len(times) == len(run.sending):
                found.append((run, self.base + max(times, default=-self.base)))
        return found

    def _of(self, port: int, profile: str) -> list[Run]:
        return [run for run in self._runs.values() if (run.port, run.profile) == (port, profile)]


def is_bounded(streams: dict[int, Stream]) -> bool:
    """Whether all chains of a profile end by themselves."""
    return all(
        _ends(stream, streams)
        for stream in streams.values()
        if stream.enabled and stream.self_start
    )


def _ends(root: Stream, streams: dict[int, Stream]) -> bool:
    met: list[int] = []
    stream = root
    while True:
        mode = stream.mode
        if not mode.packets or getattr(mode, "count", 1) == 0 or stream.start_paused:
            return False
        met.append(stream.stream_id)
        if stream.next_id is None or stream.next_id not in streams:
            return True
        if stream.next_id in met:
            ring = met[met.index(stream.next_id) :]
            return any(streams[each].action_count for each in ring)
        stream = streams[stream.next_id]
