"""The events of one data-plane core, from the queue that the engine keeps.

The engine's queue is the binary heap of the C++ library, and equal times come out of it as
its layout has them. Python's `heapq` moves the same elements in the same way: a hole at the
top is filled with the later child in storage unless that one is strictly later in time, down
to the last level, and what was last rises from there past parents that are strictly later.
So the heap here is the engine's as long as entries compare by time alone and equal times are
never less. An entry is (time, tie, event), and each event's `tie` is a NaN of its own: of
two entries of one time, neither is less than the other.

Source: docs/profiles.md, "Order and time".
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from scapy_server.streams.division import Share
from scapy_server.streams.schedule.alone import alone
from scapy_server.streams.schedule.heaps import settle
from scapy_server.streams.schedule.merging import Stretch, merged
from scapy_server.streams.schedule.nodes import (
    FIRST,
    HOUSEKEEPING,
    Entry,
    Event,
    Group,
    Node,
)

#: A stream that sends at least so often before anything else is due is handled at once, up to
#: this many packets.
SHORT_RUN, LONGEST_RUN = 16, 1 << 13
#: So often housekeeping goes on at once while nothing else is due.
LONGEST_IDLE = 1 << 16
#: So many events of housekeeping are as much work as one of a stream, and passing over any at
#: all as much as some.
HOUSEKEEPING_WORK, IDLE_WORK = 64, 4
#: After a stretch could not be had at once, about twice as many events as before are handled
#: one by one until it is tried again, up to so many times as many.
LONGEST_PATIENCE = 64


class _Sent:
    """The packets of one call: numbers that come one by one, and whole stretches of them."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.flows: list[int] = []
        self._parts: list[tuple[NDArray[np.float64], NDArray[np.uint32]]] = []

    def add(self, times: NDArray[np.float64], flows: NDArray[np.uint32]) -> None:
        """Some packets at once."""
        self._gather()
        self._parts.append((times, flows))

    def all(self) -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
        """(times, flows) of all packets."""
        self._gather()
        if len(self._parts) == 1:
            return self._parts[0]
        times = [times for times, _ in self._parts]
        flows = [flows for _, flows in self._parts]
        return np.concatenate(times or [np.empty(0)]), np.concatenate(
            flows or [np.empty(0, np.uint32)]
        )

    def _gather(self) -> None:
        if self.times:
            self._parts.append((np.array(self.times), np.array(self.flows, np.uint32)))
            self.times.clear()
            self.flows.clear()


class CoreSchedule:
    """One core's queue. Times are seconds; `take` gives events in order."""

    def __init__(self, limit: int | None = None) -> None:
        self._heap: list[Entry] = []
        self._groups: dict[int, Group] = {}
        self._housekeeping = Event(None)
        self._kept = False
        self._running = 0
        self._now = 0.0
        #: Whether housekeeping alone has taken long enough for one call.
        self._idle = False
        #: How many events are handled one by one before a stretch is looked for, and by how
        #: many times more after the next failure.
        self._singles, self._patience = 0, 1
        #: How many events of streams may still be handled before what sends is stopped.
        self.limit = limit
        #: How many events of streams were handled, also those that sent nothing.
        self.handled = 0

    @property
    def running(self) -> bool:
        """Whether any group still sends on this core."""
        return self._running > 0

    def ended(self, group: int) -> float | None:
        """When a group ended on this core; None if it runs, or never did."""
        found = self._groups.get(group)
        return None if found is None else found.ended

    def start(
        self, group: int, flows: Sequence[tuple[int, Share]], at: float = 0.0, duration: float = 0.0
    ) -> None:
        """Start a profile at a time: its shares in their order, each with its flow's number.

        A group that has nothing to send here is not started. `duration` 0 is no end.
        """
        made = self._groups[group] = Group(group)
        nodes = {share.stream.stream_id: Node(n, share, made) for n, share in flows}
        made.nodes = list(nodes.values())
        if not any(node.share.sends for node in made.nodes):
            return
        made.running = True
        if not self._running:
            self._heap.clear()
            self._kept = False
            self._now = at
        self._running += 1
        for node in made.nodes:
            stream = node.share.stream
            if stream.next_id is not None:
                node.following = nodes.get(stream.next_id)
            if stream.self_start:
                made.live += 1
                node.enter()
                due = at + (node.share.isg + node.share.pre)
                heappush(self._heap, (due, node.tie, node))
        if duration > 0:
            stop = Event(made)
            heappush(self._heap, (at + duration, stop.tie, stop))

    def stop(self, group: int, at: float) -> None:
        """End a group at a time, if it runs."""
        found = self._groups.get(group)
        if found is not None and found.running:
            self._end(found, at)

    def scale(self, group: int, ratio: float) -> None:
        """Have every stream but the measured ones send so many times as fast."""
        for node in self._nodes(group):
            if not node.share.stream.is_sequenced:
                node.set_gap(node.own_gap / ratio if ratio else math.inf)

    def set_gap(self, group: int, stream_id: int, gap: float) -> None:
        """Have the packets of a stream so many seconds apart."""
        for node in self._nodes(group, (stream_id,)):
            node.set_gap(gap)

    def pause(self, group: int, paused: bool, stream_ids: Collection[int] | None = None) -> None:
        """Pause or resume all streams of a group, or some."""
        for node in self._nodes(group, stream_ids):
            node.pause(paused)

    @property
    def next_time(self) -> float:
        """No packet that has not been taken is due before this time."""
        if not self._running:
            return math.inf
        self._keep_house()
        return self._heap[0][0]

    def take(
        self, most: int, until: float = math.inf
    ) -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
        """(times, flows) of the next packets before a time, at most so many.

        Events that send nothing count as well, so that there may be none although there is
        more to come.
        """
        self._keep_house()
        sent = _Sent()
        self._idle = False
        while most > 0 and self._running and not self._idle and self._heap[0][0] < until:
            allowed = most if self.limit is None else max(min(most, self.limit), 1)
            stretch = self._stretch(allowed, until)
            if stretch is None:
                handled, last = self._run(allowed, until, sent)
            else:
                handled, last = stretch.handled, stretch.last
                self._heap[:] = stretch.heap
                sent.add(stretch.times, stretch.flows)
                self.handled += stretch.kept // HOUSEKEEPING_WORK
            most -= handled
            self.handled += handled
            if self.limit is not None:
                self.limit -= handled
                if self.limit <= 0 and last is not None and last[1].group.running:
                    self._end(last[1].group, last[0])
        return sent.all()

    def _stretch(self, most: int, until: float) -> Stretch | None:
        """A stretch of events at once, where that is possible and pays."""
        if self._singles > 0:
            return None
        heap = self._heap
        stretch = alone(heap, most, until) or merged(heap, most, until)
        if stretch is not None:
            self._patience = 1
            return stretch
        self._singles = (len(heap) + SHORT_RUN) * self._patience
        self._patience = min(2 * self._patience, LONGEST_PATIENCE)
        return None

    def _run(self, most: int, until: float, sent: _Sent) -> tuple[int, tuple[float, Node] | None]:
        """Handle up to `most` events of streams one by one; how many, and the last one.

        Comes to an end when it is time to look for a stretch again.
        """
        if self._singles > 0:
            most = min(most, self._singles)
        heap, pop, push = self._heap, heappop, heappush
        add_time, add_flow = sent.times.append, sent.flows.append
        left_to_handle = most
        last: tuple[float, Node] | None = None
        while left_to_handle and heap[0][0] < until:
            entry = pop(heap)
            time, tie, node = entry
            left = node.left
            if left > 1:
                others = heap[0][0]
                if others - time > SHORT_RUN * node.gap:
                    due = self._run_alone(node, time, min(others, until), left_to_handle)
                    if node.visible:
                        sent.times += due
                        sent.flows += [node.number] * len(due)
                    left_to_handle -= len(due)
                    last = due[-1], node
                    continue
                node.left = left - 1
                if node.visible:
                    add_time(time)
                    add_flow(node.number)
                push(heap, (time + node.gap, tie, node))
            elif isinstance(node, Node) and node.active:
                if node.visible:
                    add_time(time)
                    add_flow(node.number)
                self._finish_burst(node, time)
            else:
                self._handle_other(node, time, until)
                if self._idle or not self._running:
                    break
                continue
            left_to_handle -= 1
            last = time, node
            if not self._running:
                break
        handled = most - left_to_handle
        self._singles -= handled
        return handled, last

    def _run_alone(self, node: Node, time: float, before: float, most: int) -> list[float]:
        """Handle a stream's events up to a time, with nothing else due before that.

        Each is pushed onto the heap, strictly earlier than all else in it, and popped again,
        which moves nothing but the others (`settle`). Gives their times. The node is pushed
        again.
        """
        room = min(node.left - 1, most, LONGEST_RUN)
        due = np.full(room + 1, node.gap)
        due[0] = time
        np.add.accumulate(due, out=due)
        # The first one is handled already; of the rest, those that come strictly before.
        count = 1 + int(np.searchsorted(due[1:room], before, "left"))
        settle(self._heap, count - 1, FIRST)
        node.left -= count
        heappush(self._heap, (float(due[count]), node.tie, node))
        result: list[float] = due[:count].tolist()
        return result

    def _finish_burst(self, node: Node, time: float) -> None:
        """What the last packet of a burst leads to."""
        share = node.share
        node.bursts -= 1
        if node.bursts:
            node.left = share.packets
            due = time + ((share.ibg + share.post) + share.pre)
            heappush(self._heap, (due, node.tie, node))
            return
        node.active, node.left = False, 0
        following = node.next_after()
        if following is None:
            node.group.live -= 1
            if not node.group.live:
                self._end(node.group, time)
            return
        following.enter()
        due = ((time + share.post) + following.share.isg) + following.share.pre
        heappush(self._heap, (due, following.tie, following))

    def _handle_other(self, event: Node | Event, time: float, until: float) -> None:
        """Housekeeping goes on, a stop ends its group, and what is dead is dropped."""
        if event is self._housekeeping:
            self._handle_housekeeping(time, until)
        elif isinstance(event, Event) and event.group is not None and event.group.running:
            self._end(event.group, time)

    def _handle_housekeeping(self, time: float, until: float) -> None:
        """Housekeeping as often as it comes before anything else."""
        heap, tie = self._heap, self._housekeeping.tie
        before = min(heap[0][0], until) if heap else until
        if before - time > SHORT_RUN * HOUSEKEEPING:
            due = np.full(int(min(LONGEST_IDLE, (before - time) / HOUSEKEEPING)), HOUSEKEEPING)
            due[0] = time
            np.add.accumulate(due, out=due)
            rounds = int(np.searchsorted(due[1:], before, "left"))
            settle(heap, rounds, FIRST)
            time = float(due[rounds])
            self._idle = rounds > LONGEST_IDLE // 2
            # It is not an event of a stream, but takes its time as well.
            self.handled += IDLE_WORK + rounds // HOUSEKEEPING_WORK
        heappush(heap, (time + HOUSEKEEPING, tie, self._housekeeping))

    def _end(self, group: Group, time: float) -> None:
        group.running = False
        group.ended = time
        self._running -= 1
        for node in group.nodes:
            node.active, node.left = False, 0

    def _keep_house(self) -> None:
        """Begin housekeeping once all that starts together has been started."""
        if self._running and not self._kept:
            self._kept = True
            due = self._now + HOUSEKEEPING
            heappush(self._heap, (due, self._housekeeping.tie, self._housekeeping))

    def _nodes(self, group: int, stream_ids: Collection[int] | None = None) -> Iterable[Node]:
        found = self._groups.get(group)
        for node in found.nodes if found is not None else ():
            if stream_ids is None or node.share.stream.stream_id in stream_ids:
                yield node
