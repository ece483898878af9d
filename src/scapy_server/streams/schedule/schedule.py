"""The events of all cores, merged by time."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scapy_server import work
from scapy_server.streams.division import Share
from scapy_server.streams.schedule.blocks import EMPTY, Block, Flow, numbered
from scapy_server.streams.schedule.cores import CoreSchedule

BLOCK_EVENTS = 1 << 14


class Schedule:
    """When each packet is due that the started groups send, over all cores.

    A group is started with `start`, under a number of the caller's choice; `take` gives the
    next packets, in order of time, of equal times those of the lower core first. Commands
    between two calls of `take` act as of the time up to which packets were asked for: what
    is pending keeps its time. Memory does not grow with time.
    """

    def __init__(self) -> None:
        #: All that was ever started here, by its number.
        self.flows: list[Flow] = []
        self._cores: dict[int, CoreSchedule] = {}
        self._sent = np.zeros(0, np.int64)
        self._pending: dict[int, tuple[NDArray[np.float64], NDArray[np.uint32]]] = {}

    @property
    def running(self) -> bool:
        """Whether anything may still be sent."""
        return any(core.running for core in self._cores.values()) or any(
            len(times) for times, _ in self._pending.values()
        )

    @property
    def next_time(self) -> float:
        """No packet that has not been taken is due before this time; infinity when all were."""
        waiting = [float(times[0]) for times, _ in self._pending.values() if len(times)]
        return min([*waiting, *(core.next_time for core in self._cores.values())], default=math.inf)

    def start(
        self,
        group: int,
        shares: Mapping[int, Sequence[Share]],
        at: float = 0.0,
        duration: float = 0.0,
    ) -> None:
        """Start what `division.divide` made of a profile, `at` seconds; see `CoreSchedule`."""
        for number in sorted(shares):
            work.check()
            flows = []
            for share in shares[number]:
                flows.append((len(self.flows), share))
                self.flows.append(Flow(len(self.flows), group, share))
            core = self._cores.setdefault(number, CoreSchedule())
            core.start(group, flows, at, duration)
        self._sent = np.concatenate(
            [self._sent, np.zeros(len(self.flows) - len(self._sent), np.int64)]
        )

    def stop(self, group: int, at: float) -> None:
        """End a group at a time."""
        for core in self._cores.values():
            core.stop(group, at)

    def scale(self, group: int, ratio: float) -> None:
        """Have a group send so many times as fast, but for its measured streams."""
        for core in self._cores.values():
            core.scale(group, ratio)

    def set_gap(self, group: int, stream_id: int, gap: float) -> None:
        """Have the packets of a stream so many seconds apart on every core."""
        for core in self._cores.values():
            core.set_gap(group, stream_id, gap)

    def pause(self, group: int, paused: bool, stream_ids: Collection[int] | None = None) -> None:
        """Pause or resume a group, or some of its streams."""
        for core in self._cores.values():
            core.pause(group, paused, stream_ids)

    @property
    def handled(self) -> int:
        """How many events of streams were handled, also those that sent nothing."""
        return sum(core.handled for core in self._cores.values())

    @property
    def limited(self) -> bool:
        """Whether a limit stops it."""
        return any(core.limit is not None for core in self._cores.values())

    def limit(self, events: int) -> None:
        """Stop after so many events, shared out among the cores that send; before any `take`.

        This is what the engine's simulator does, and not the engine.
        """
        busy = [core for _, core in sorted(self._cores.items()) if core.running]
        for place, core in enumerate(busy):
            core.limit = max(1, events // len(busy)) + (0 if place else events % len(busy))

    def ended(self, group: int) -> dict[int, float | None]:
        """By core, when a group ended there; None where it runs, or had nothing to do."""
        return {number: core.ended(group) for number, core in sorted(self._cores.items())}

    def take(self, most: int = BLOCK_EVENTS, until: float = math.inf) -> Block:
        """The next packets that are due before a time, about `most` of them.

        None of them may be there although there is more to come, where much is handled that
        sends nothing; `next_time` reaches `until`, or `running` is false, when it is over.
        """
        each = max(most // max(len(self._cores), 1), 1)
        for number, core in self._cores.items():
            times, _ = self._pending.get(number, (EMPTY.times, EMPTY.flows))
            if len(times) < each and core.running:
                self._fetch(number, core, each, until)
        times, flows = self._merged(until)
        return Block(times, flows, numbered(flows, self._sent)) if len(times) else EMPTY

    def give_back(self, flows: NDArray[np.uint32]) -> None:
        """Number packets again that were taken, the last of their flows, but are not sent."""
        np.subtract.at(self._sent, flows, 1)

    def blocks(self, most: int = BLOCK_EVENTS, until: float = math.inf) -> Iterator[Block]:
        """All packets that are due before a time, in blocks; without end if there is none."""
        while self.next_time < until:
            block = self.take(most, until)
            if len(block):
                yield block

    def _fetch(self, number: int, core: CoreSchedule, most: int, until: float) -> None:
        work.check()
        times, flows = core.take(most, until)
        if len(times):
            known_times, known_flows = self._pending.get(number, (EMPTY.times, EMPTY.flows))
            self._pending[number] = (
                np.concatenate([known_times, times]),
                np.concatenate([known_flows, flows]),
            )

    def _merged(self, until: float) -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
        """What no core can add anything before any more, in order; the rest is kept.

        A core may add packets from its `next_time` on, behind those that it has given. So
        all before the earliest such time are complete, and at that time itself those of the
        cores up to the first one that is so far.
        """
        bound, last = min(
            ((core.next_time, number) for number, core in self._cores.items()),
            default=(math.inf, 0),
        )
        if until <= bound:
            bound, last = until, -1
        parts_of_times, parts_of_flows = [], []
        for number in sorted(self._pending):
            times, flows = self._pending[number]
            side: Literal["left", "right"] = "right" if number <= last else "left"
            end = len(times) if bound == math.inf else int(np.searchsorted(times, bound, side))
            parts_of_times.append(times[:end])
            parts_of_flows.append(flows[:end])
            self._pending[number] = times[end:], flows[end:]
        if not parts_of_times:
            return EMPTY.times, EMPTY.flows
        if len(parts_of_times) == 1:
            return parts_of_times[0], parts_of_flows[0]
        times, flows = np.concatenate(parts_of_times), np.concatenate(parts_of_flows)
        order = np.argsort(times, kind="stable")
        return times[order], flows[order]
