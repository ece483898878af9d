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
from typing import Any

import numpy as np

from scapy_server.streams.division import Share

#: Each so often the engine looks after itself: an event that no one sees, but that has its
#: place in the heap.
HOUSEKEEPING = 0.001
#: A paused stream looks so often whether it may go on.
PAUSED_GAP = 0.1
#: More packets than a stream sends in a millennium.
ENDLESS = 1 << 59

#: A stream that sends at least so often before anything else is due is handled at once, up to
#: this many packets.
SHORT_RUN, LONGEST_RUN = 16, 1 << 13
#: So often housekeeping goes on at once while nothing else is due.
LONGEST_IDLE = 1 << 16
#: In heaps of up to this size it pays to look for arrangements that come again.
WATCHED_HEAP = 64
#: So many events of housekeeping are as much work as one of a stream, and passing over any at
#: all as much as some.
HOUSEKEEPING_WORK, IDLE_WORK = 64, 4

Entry = tuple[float, float, Any]
#: Earlier than everything.
FIRST: Entry = (-math.inf, math.nan, None)


class _Event:
    """What is not a stream's: `left` 0 leads off the fast way."""

    __slots__ = ("group", "left", "tie")

    def __init__(self, group: _Group | None) -> None:
        self.group = group
        self.left = 0
        self.tie = float("nan")


class _Group:
    """A started profile on this core; `live` counts its chains that have not ended."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.live = 0
        self.running = False
        self.ended: float | None = None
        self.nodes: list[_Node] = []


class _Node:
    """A stream on this core.

    `left` counts the packets of the burst down, `bursts` the bursts; both are 0 in a stream
    whose profile has ended, which is dropped when its time comes.
    """

    __slots__ = (
        "actions",
        "active",
        "bursts",
        "following",
        "gap",
        "group",
        "left",
        "number",
        "own_gap",
        "paused",
        "share",
        "tie",
        "visible",
    )

    def __init__(self, number: int, share: Share, group: _Group) -> None:
        self.number, self.share, self.group = number, share, group
        self.tie = float("nan")
        self.own_gap = share.gap
        self.actions = share.stream.action_count
        self.following: _Node | None = None
        self.active = False
        self.left = self.bursts = 0
        self.pause(share.stream.start_paused)

    def pause(self, paused: bool) -> None:
        """Send nothing from now on, or send again; the pending event keeps its time."""
        self.paused = paused
        self.gap = PAUSED_GAP if paused else self.own_gap
        self.visible = self.share.sends and not paused

    def set_gap(self, gap: float) -> None:
        """Have the packets after the pending one so far apart."""
        self.own_gap = gap
        self.pause(self.paused)

    def enter(self) -> None:
        """Begin, or begin again."""
        self.active = True
        self.left = self.share.packets or ENDLESS
        self.bursts = self.share.bursts or ENDLESS

    def next_after(self) -> _Node | None:
        """The stream that the end of this one starts, if it does."""
        following = self.following
        if following is None or following.active:
            return None
        if self.share.stream.action_count:
            # The counter is never refilled, and once past 0 it counts no more.
            self.actions -= 1
            if self.actions == 0:
                return None
        return following


class CoreSchedule:
    """One core's queue. Times are seconds; `take` gives events in order."""

    def __init__(self, limit: int | None = None) -> None:
        self._heap: list[Entry] = []
        self._groups: dict[int, _Group] = {}
        self._housekeeping = _Event(None)
        self._kept = False
        self._running = 0
        self._now = 0.0
        #: Whether housekeeping alone has taken long enough for one call.
        self._idle = False
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
        made = self._groups[group] = _Group(group)
        nodes = {share.stream.stream_id: _Node(n, share, made) for n, share in flows}
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
            stop = _Event(made)
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

    def take(self, most: int, until: float = math.inf) -> tuple[list[float], list[int]]:
        """(times, flows) of the next packets before a time, at most so many.

        Events that send nothing count as well, so that there may be none although there is
        more to come.
        """
        self._keep_house()
        times: list[float] = []
        flows: list[int] = []
        self._idle = False
        while most > 0 and self._running and not self._idle and self._heap[0][0] < until:
            allowed = most if self.limit is None else max(min(most, self.limit), 1)
            handled, last = self._run(allowed, until, times, flows)
            most -= handled
            self.handled += handled
            if self.limit is not None:
                self.limit -= handled
                if self.limit <= 0 and last is not None and last[2].group.running:
                    self._end(last[2].group, last[0])
        return times, flows

    def _run(
        self, most: int, until: float, times: list[float], flows: list[int]
    ) -> tuple[int, Entry | None]:
        """Handle up to `most` events of streams; how many there were, and the last one."""
        heap, pop, push = self._heap, heappop, heappush
        add_time, add_flow = times.append, flows.append
        left_to_handle = most
        last: Entry | None = None
        while left_to_handle and heap[0][0] < until:
            entry = pop(heap)
            time, tie, node = entry
            left = node.left
            if left > 1:
                others = heap[0][0]
                if others - time > SHORT_RUN * node.gap:
                    due = self._run_alone(node, time, min(others, until), left_to_handle)
                    if node.visible:
                        times += due
                        flows += [node.number] * len(due)
                    left_to_handle -= len(due)
                    last = (due[-1], tie, node)
                    continue
                node.left = left - 1
                if node.visible:
                    add_time(time)
                    add_flow(node.number)
                push(heap, (time + node.gap, tie, node))
            elif isinstance(node, _Node) and node.active:
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
            last = entry
            if not self._running:
                break
        return most - left_to_handle, last

    def _run_alone(self, node: _Node, time: float, before: float, most: int) -> list[float]:
        """Handle a stream's events up to a time, with nothing else due before that.

        Each is pushed onto the heap, strictly earlier than all else in it, and popped again,
        which moves nothing but the others (`_settle`). Gives their times. The node is pushed
        again.
        """
        room = min(node.left - 1, most, LONGEST_RUN)
        due = np.full(room + 1, node.gap)
        due[0] = time
        np.add.accumulate(due, out=due)
        # The first one is handled already; of the rest, those that come strictly before.
        count = 1 + int(np.searchsorted(due[1:room], before, "left"))
        self._settle(count - 1)
        node.left -= count
        heappush(self._heap, (float(due[count]), node.tie, node))
        result: list[float] = due[:count].tolist()
        return result

    def _settle(self, rounds: int) -> None:
        """Do to the heap what pushing and popping a first element so many times does.

        The arrangement after a round depends on the one before alone, so that once one comes
        again, whole turns can be left out.
        """
        heap = self._heap
        if len(heap) <= 1:
            return
        seen: dict[tuple[int, ...], int] | None = {} if len(heap) <= WATCHED_HEAP else None
        done = 0
        while done < rounds:
            if seen is not None:
                arrangement = tuple(map(id, heap))
                if arrangement in seen:
                    rounds = done + (rounds - done) % (done - seen[arrangement])
                    seen = None
                    continue
                seen[arrangement] = done
            heappush(heap, FIRST)
            heappop(heap)
            done += 1

    def _finish_burst(self, node: _Node, time: float) -> None:
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

    def _handle_other(self, event: _Node | _Event, time: float, until: float) -> None:
        """Housekeeping goes on, a stop ends its group, and what is dead is dropped."""
        if event is self._housekeeping:
            self._handle_housekeeping(time, until)
        elif isinstance(event, _Event) and event.group is not None and event.group.running:
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
            self._settle(rounds)
            time = float(due[rounds])
            self._idle = rounds > LONGEST_IDLE // 2
            # It is not an event of a stream, but takes its time as well.
            self.handled += IDLE_WORK + rounds // HOUSEKEEPING_WORK
        heappush(heap, (time + HOUSEKEEPING, tie, self._housekeeping))

    def _end(self, group: _Group, time: float) -> None:
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

    def _nodes(self, group: int, stream_ids: Collection[int] | None = None) -> Iterable[_Node]:
        found = self._groups.get(group)
        for node in found.nodes if found is not None else ():
            if stream_ids is None or node.share.stream.stream_id in stream_ids:
                yield node
