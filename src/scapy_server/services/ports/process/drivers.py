"""What moves a data plane: a real clock, or one that goes as fast as things can be computed."""

from __future__ import annotations

import gc
import select
import time
from collections.abc import Sequence
from math import inf
from typing import Any

from scapy_server.services.ports.plane import commands
from scapy_server.services.ports.plane.counters import Counter, Counters
from scapy_server.services.ports.plane.plane import AT_ONCE, Plane
from scapy_server.services.ports.process.channel import Channel, Order

#: Waiting ends so much early, and the rest is looked at again and again.
_EARLY_SECONDS = 60e-6
_IDLE_SECONDS = 0.25
_LONGEST_WORK = 0.01
_SETTLE_SECONDS = 0.1
_STEP_SECONDS = 0.25
_FIRST_STEP_SECONDS = 1e-5
_STEP_WALL = 0.02
_MOST_ROUNDS = 3
_ACTS = (
    commands.Start,
    commands.Stop,
    commands.Pause,
    commands.Update,
    commands.UpdateStreams,
    commands.Push,
    commands.Play,
)


class Driver:
    """What both clocks have in common: hearing commands, telling events, and the books."""

    def __init__(self, plane: Plane, channel: Channel, counters: Counters) -> None:
        self._plane = plane
        self._channel = channel
        self._counters = counters
        self._inputs: Sequence[Any] = [channel, *plane.descriptors]
        self._worked = self._waited = 0.0
        self._measured = time.monotonic()
        self._was_active = False
        plane.skip_to(self.start_time())

    @staticmethod
    def start_time() -> float:
        """What time it is when the process starts."""
        return 0.0

    def run(self) -> None:
        """Until the control plane is gone, which ChannelClosed says."""
        while True:
            self.turn()

    def turn(self) -> None:
        """One round."""
        raise NotImplementedError

    def _wait(self, seconds: float) -> None:
        writing = [self._channel] if self._channel.wants_to_write else []
        began = time.monotonic()
        ready, _, _ = select.select(self._inputs, writing, [], max(seconds, 0.0))
        self._waited += time.monotonic() - began
        if writing:
            self._channel.flush()
        if self._channel in ready:
            for order in self._channel.receive():
                self._obey(order)

    def _obey(self, order: Order) -> None:
        raise NotImplementedError

    def _handled(self, command: commands.Command, now: float) -> commands.Reply:
        """Have a command carried out."""
        if isinstance(command, commands.Start):
            gc.disable()  # all that a start makes stays: looking for garbage took half of its time
        try:
            return self._plane.handle(command, now)
        finally:
            gc.enable()

    def _tell(self) -> None:
        for event in self._plane.take_events():
            self._channel.send(event)
        is_active = self._plane.is_active
        if self._was_active and not is_active:
            self._plane.flush()
        self._was_active = is_active

    def _book(self, worked: float) -> None:
        """How busy this process is, measured each half second."""
        self._worked += worked
        now = time.monotonic()
        if now - self._measured >= 0.5:
            loads = self._counters.loads
            loads[1:] = loads[:-1]
            loads[0] = min(100.0, 100 * self._worked / (now - self._measured))
            self._worked, self._measured = 0.0, now


class RealTime(Driver):
    """Keeps to the clock on the wall."""

    _last_work = 0.0

    @staticmethod
    def start_time() -> float:
        return time.monotonic()

    def turn(self) -> None:
        plane = self._plane
        wait = plane.next_time - time.monotonic() - _EARLY_SECONDS
        self._wait(min(wait, _IDLE_SECONDS))
        now = time.monotonic()
        late = now - plane.next_sending
        bearable = max(plane.stretch, min(self._last_work, _LONGEST_WORK))
        if late > bearable:
            plane.shift(late - bearable)  # what was bearable is sent at once, however much it is
            self._note(late)
        plane.advance(now)
        self._tell()
        self._last_work = time.monotonic() - now
        self._book(self._last_work)
        self._counters.clock[0] = now

    def _obey(self, order: Order) -> None:
        self._channel.send(self._handled(order.command, time.monotonic()))

    def _note(self, late: float) -> None:
        nanoseconds = round(late * 1e9)
        for row in self._counters.ports:
            row[Counter.LATE_SHIFTS] += 1
            row[Counter.LATE_NANOSECONDS] += nanoseconds
            row[Counter.WORST_NANOSECONDS] = max(row[Counter.WORST_NANOSECONDS], nanoseconds)


class VirtualTime(Driver):
    """Time stands still but for traffic: what ends by itself is sent as fast as it can be.

    So that all that a client starts together starts at one moment, time only moves on when
    no command has come for a while. What has no end is sent at the pace of the wall.
    """

    _quiet_since = 0.0
    _wall = 0.0
    _step = _FIRST_STEP_SECONDS

    def turn(self) -> None:
        plane = self._plane
        if plane.next_time == inf:
            self._wait(_IDLE_SECONDS)
            self._wall = time.monotonic()
            return
        settle = self._quiet_since + _SETTLE_SECONDS - time.monotonic()
        if settle > 0:
            self._wait(settle)
            self._wall = time.monotonic()
            return
        started, waited = time.monotonic(), self._waited
        if plane.is_bounded:
            self._hurry(started)
        else:
            self._pace()
        self._counters.clock[0] = plane.now
        if plane.next_time == inf:
            plane.settle()
        self._tell()
        self._book(time.monotonic() - started - (self._waited - waited))
        self._wait(0)

    def _hurry(self, started: float) -> None:
        plane = self._plane
        while plane.next_time < inf and time.monotonic() < started + _STEP_WALL:
            self._advance(inf)
        self._wall = time.monotonic()

    def _advance(self, most: float) -> None:
        """Move on by a step, or to what comes next, but not beyond a time."""
        plane, before = self._plane, self._sent
        plane.advance(min(max(plane.now + self._step, plane.next_time), most), _MOST_ROUNDS)
        self._adapt(self._sent - before)

    @property
    def _sent(self) -> int:
        return int(self._counters.ports[:, Counter.SENT].sum())

    def _adapt(self, packets: int) -> None:
        """Go on in steps in which about as much is sent as is taken off the schedule at once.

        Commands are heard between them. Two runs must take the same steps, so they depend on
        no clock.
        """
        if packets > 2 * AT_ONCE:
            self._step /= 2
        elif packets < AT_ONCE // 2:
            self._step = min(2 * self._step, _STEP_SECONDS)

    def _pace(self) -> None:
        plane = self._plane
        due = plane.next_time - plane.now - (time.monotonic() - self._wall)
        self._wait(min(due, _IDLE_SECONDS))
        now = time.monotonic()
        end = plane.now + now - self._wall
        self._wall = now
        # What takes longer than it lasts is given up, as it would take longer each time.
        while plane.now < end and time.monotonic() < now + _STEP_WALL:
            self._advance(end)

    def _obey(self, order: Order) -> None:
        if isinstance(order.command, _ACTS):
            self._quiet_since = time.monotonic()
        if self._plane.next_time == inf:
            self._plane.skip_to(order.now)
        self._channel.send(self._handled(order.command, self._plane.now))
        self._counters.clock[0] = self._plane.now
