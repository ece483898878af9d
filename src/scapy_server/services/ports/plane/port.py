"""One port of a data plane: sends, receives, counts, answers, and keeps what is asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import islice
from math import inf

import numpy as np
from numpy.typing import NDArray

from scapy_server import limits
from scapy_server.captures.bpf import Filter
from scapy_server.services.ports.frames import replies
from scapy_server.services.ports.frames.filters import Service
from scapy_server.services.ports.plane.batch import Batch
from scapy_server.services.ports.plane.commands import Configure, Kept
from scapy_server.services.ports.plane.counters import FCS_BYTES, Counter, FlowCounter
from scapy_server.services.ports.plane.flows import NONE, Flows
from scapy_server.services.ports.plane.line import Line
from scapy_server.services.ports.plane.sources import FramesSource
from scapy_server.services.ports.plane.taps import Tap


class PlanePort:
    """A port with its line. `answers` are frames that it wants to send because of others, and when.

    That is when those have come: a wire's answers go back at once, however late they are
    looked at.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (what a port has)
        self,
        number: int,
        line: Line,
        flows: Flows,
        counted: NDArray[np.int64],
        counted_flows: NDArray[np.int64],
        counted_streams: NDArray[np.int64],
    ) -> None:
        self.number = number
        self.line = line
        self._flows = flows
        self._counted = counted
        self._counted_flows = counted_flows
        self._counted_streams = counted_streams
        self._host = replies.Host(bytes(6))
        self._vxlan: tuple[int, ...] = ()
        self._service = Service()
        self._queue: deque[Kept] = deque(maxlen=0)
        self.taps: list[Tap] = []
        self.bridge: Filter | None = None
        self.bridged: list[bytes] = []
        self._handed_on = 0
        self.answers: list[tuple[float, bytes]] = []
        self.is_up = True
        self._announced = 0.0
        self._next_announcement = inf

    def configure(self, command: Configure, now: float = 0.0) -> None:
        """Take over addresses and modes; who has an address tells its neighbours."""
        before = self._host
        addresses = []
        if command.ipv6 is not None:
            addresses.append(replies.link_local(command.mac))
            if command.ipv6:
                addresses.insert(0, replies.packed(command.ipv6))
        self._host = replies.Host(
            command.mac,
            replies.packed(command.ipv4) if command.ipv4 else None,
            tuple(addresses),
            tuple(command.vlans),
        )
        if self._host != before and self._host.ipv4 and self.line.descriptor is not None:
            self._announce(now)
        if self._host != before or command.announced != self._announced:
            self._announced = command.announced
            self._next_announcement = now + command.announced if command.announced else inf
        self._vxlan = tuple(command.vxlan)
        self._service = Service(command.service, command.filtered)
        if command.queue != self._queue.maxlen:
            self._queue = deque(self._queue, maxlen=command.queue)

    def _announce(self, now: float) -> None:
        """Tell the neighbours whose address this is; as the engine's own, that is not counted."""
        batch = FramesSource([replies.announcement(self._host)]).batch(now)
        self.line.send(batch)
        self._show(batch)

    def look_after(self, now: float) -> bool:
        """Do what is done each half second; whether the link has gone up or down."""
        self._handed_on = 0
        if now >= self._next_announcement:
            self._announce(now)
            self._next_announcement = now + self._announced
        self._counted[Counter.RECEIVE_ERRORS] += self.line.dropped()
        before, self.is_up = self.is_up, self.line.is_up
        return self.is_up != before

    # -- sending

    def send(self, batch: Batch) -> None:
        """Send packets, count them, and show them to captures."""
        if not len(batch):
            return
        failed = self.line.send(batch)
        counted = self._counted
        counted[Counter.LOST_ON_WIRE] = self.line.lost
        counted[Counter.SENT] += len(batch) - failed
        counted[Counter.SEND_ERRORS] += failed
        octets = int(batch.lengths.sum()) + FCS_BYTES * len(batch)
        counted[Counter.SENT_BYTES] += octets - failed * octets // len(batch)
        for source, where in batch.parts:
            lengths = batch.lengths[where]
            sent = len(lengths), int(lengths.sum()) + FCS_BYTES * len(lengths)
            if source.flow != NONE:
                flow = self._counted_flows[source.flow]
                flow[FlowCounter.SENT] += sent[0]
                flow[FlowCounter.SENT_BYTES] += sent[1]
            if source.meter != NONE:
                self._counted_streams[source.meter] += sent
        self._show(batch)

    def _show(self, batch: Batch) -> None:
        for tap in self.taps:
            if tap.is_active and self.number in tap.sent:
                tap.keep(self.number, batch, sent=True)

    # -- receiving

    def receive(self, now: float, clock: Callable[[], float] | None = None) -> None:
        """Take what has arrived until now, which with a clock is when it is taken.

        So what was sent in this turn is counted before it is told that all was sent.
        """
        timed = clock if self.line.descriptor is None else None
        batch = self.line.receive(now if timed is None else timed())
        if not len(batch):
            return
        if timed is not None:
            batch = batch.arrived_by(timed())
        self._counted[Counter.RECEIVED] += len(batch)
        self._counted[Counter.RECEIVED_BYTES] += int(batch.lengths.sum()) + FCS_BYTES * len(batch)
        self._count_flows(batch)
        for tap in self.taps:
            if tap.is_active and self.number in tap.received:
                tap.keep(self.number, batch, sent=False)
        if self.bridge is not None:
            room = int(limits.BRIDGED_FRAMES) - self._handed_on
            handed_on = list(islice(filter(self.bridge, batch.frames()), room))
            self._handed_on += len(handed_on)
            self.bridged += handed_on
        self._look_at(batch)

    def _count_flows(self, batch: Batch) -> None:
        for source, where in batch.parts:
            lengths = batch.lengths[where]
            if source.template is not None:
                place = self._flows.of_frame(source.template, self._vxlan)
                if place != NONE:
                    flow = self._counted_flows[place]
                    flow[FlowCounter.RECEIVED] += len(lengths)
                    flow[FlowCounter.RECEIVED_BYTES] += int(lengths.sum()) + FCS_BYTES * len(
                        lengths
                    )
                continue
            part = batch if isinstance(where, slice) else batch.taken(where)
            places = self._flows.of_batch(part, self._vxlan)
            known = places != NONE
            flows = self._counted_flows
            np.add.at(flows[:, FlowCounter.RECEIVED], places[known], 1)
            octets = lengths[known] + FCS_BYTES
            np.add.at(flows[:, FlowCounter.RECEIVED_BYTES], places[known], octets)

    def _look_at(self, batch: Batch) -> None:
        """Answer what asks for an answer, and fill the queue."""
        queued = bool(self._queue.maxlen) and self._service.is_on
        if self._host.is_silent and not queued:
            return
        arrivals = batch.times if batch.arrivals is None else batch.arrivals
        for source, where in batch.parts:
            matters = source.template is None or replies.may_matter(source.template)
            if not (queued or matters):
                continue
            for index in np.arange(len(batch))[where]:
                frame = batch.frame(index)
                answer = replies.reply_to(frame, self._host) if matters else None
                if answer is not None:
                    self.answers.append((float(arrivals[index]), answer))
                if queued and self._service.lets_through(frame):
                    time = float(arrivals[index])
                    self._queue.append(Kept(time, frame, self.number, 0, len(frame), False))

    def drained(self) -> list[Kept]:
        """What is in the receive queue, which is empty then."""
        frames = list(self._queue)
        self._queue.clear()
        return frames

    @property
    def queued(self) -> int:
        """How many frames the receive queue holds."""
        return len(self._queue)

    def answer(self) -> None:
        """Send the answers that are due."""
        if self.answers:
            times, frames = map(list, zip(*self.answers, strict=True))
            self.answers = []
            self.send(FramesSource(frames).batch(times[0], times))
