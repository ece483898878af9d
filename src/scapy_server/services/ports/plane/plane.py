"""The data plane of some ports that share a schedule, usually a pair.

`handle` carries a command out at a time, `advance` sends and receives what is due until a
time, and `take_events` tells what has happened. Nothing else moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from scapy_server.captures.bpf import NotAFilter, compiled
from scapy_server.errors import RefusedError
from scapy_server.services.ports.plane import commands as c
from scapy_server.services.ports.plane.batch import Batch
from scapy_server.services.ports.plane.counters import BASE, Counters
from scapy_server.services.ports.plane.flows import Flows
from scapy_server.services.ports.plane.given import Player, Pushed, merged
from scapy_server.services.ports.plane.line import Line
from scapy_server.services.ports.plane.port import PlanePort
from scapy_server.services.ports.plane.rates import Rates
from scapy_server.services.ports.plane.runs import Sender
from scapy_server.services.ports.plane.taps import Tap
from scapy_server.streams.refusals import StreamRefused

#: How many packets are taken off the schedule at once.
AT_ONCE = 16_384
#: How many frames may wait to be pushed.
PUSHED = 5_000
TICK_SECONDS = 0.5
#: How late packets are sent, one after the other, before all that follows is moved.
STRETCH_SECONDS = 100e-6
#: How long before they are due packets are computed, where time is the wall's.
AHEAD_SECONDS = 0.01


@dataclass(frozen=True)
class PlaneSettings:
    """`numbers` are the ports, `speeds` their line rates in bits a second.

    They are pair number `pair` of `pairs`.
    """

    numbers: Sequence[int]
    speeds: Sequence[float]
    cores: int = 1
    base: int = BASE
    pair: int = 0
    pairs: int = 1


class Plane:
    """Ports with one schedule. Times are seconds of the clock of whoever drives it.

    With a `clock`, packets carry the moment at which they are really sent and received, not
    that at which they are due. How late they may become, `stretch`, is for its driver.
    """

    def __init__(
        self,
        settings: PlaneSettings,
        lines: Sequence[Line],
        counters: Counters,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._clock = clock
        self._speeds = dict(zip(settings.numbers, settings.speeds, strict=True))
        self._flows = Flows(settings.base)
        self.ports = {
            number: PlanePort(
                number,
                line,
                self._flows,
                counters.ports[i],
                counters.flows[i],
                counters.streams[i],
            )
            for i, (number, line) in enumerate(zip(settings.numbers, lines, strict=True))
        }
        ahead = AHEAD_SECONDS if clock else 0.0
        self._sender = Sender(settings.cores, settings.pair, settings.pairs, ahead)
        self._pushed = Pushed(PUSHED)
        self._players: dict[int, Player] = {}
        self._taps: dict[int, Tap] = {}
        self._rates = Rates(counters)
        self._events: list[c.Event] = []
        self._next_tick = 0.0
        self.now = 0.0
        self.stretch = STRETCH_SECONDS

    @property
    def descriptors(self) -> list[int]:
        """What becomes readable when something arrives."""
        found = (port.line.descriptor for port in self.ports.values())
        return [each for each in found if each is not None]

    # -- time

    @property
    def is_active(self) -> bool:
        """Whether something is sent or on its way."""
        return self.next_time < inf

    @property
    def is_bounded(self) -> bool:
        """Whether all that is sent comes to an end by itself."""
        return self._sender.is_bounded and all(
            player.command.loops or player.end < inf for player in self._players.values()
        )

    @property
    def next_time(self) -> float:
        """When something is due; infinity when nothing is."""
        return min(
            self._sender.next_time,
            self._pushed.next_time,
            *(player.next_time for player in self._players.values()),
            *(port.line.next_time for port in self.ports.values()),
            inf,
        )

    @property
    def next_sending(self) -> float:
        """When the next packet of a profile or player is due, as far as that is known."""
        players = (player.next_time for player in self._players.values())
        return min(self._sender.next_packet, *players, inf)

    def shift(self, seconds: float) -> None:
        """Give up time that was lost: all that is to be sent comes later by so much."""
        self._sender.shift(seconds)
        for player in self._players.values():
            player.base += seconds
            player.end += seconds

    def advance(self, now: float, rounds: float = inf) -> None:
        """Send and receive all that is due until `now`, or as much as so many rounds take.

        A round is at most `AT_ONCE` packets. However many come due in no time at all, a driver
        that limits them stays able to hear commands.
        """
        while True:
            until = min(now, self._next_tick)
            rounds = self._work(until, rounds)
            if rounds <= 0 and self.next_time <= until:
                self.now = max(self.now, min(self.next_time, until))
                return
            self.now = until
            if self._next_tick > now:
                break
            self._rates.tick(self._next_tick)
            self._flows.tick()
            self._look_after_lines()
            self._next_tick += TICK_SECONDS

    def _look_after_lines(self) -> None:
        for number, port in self.ports.items():
            if port.look_after(self.now):
                self._events.append(c.LinkChanged(number, port.is_up))

    def skip_to(self, now: float) -> None:
        """Time has come so far while nothing happened."""
        self.now = max(self.now, now)
        missed = max(0, int((self.now - self._next_tick) / TICK_SECONDS))
        self._next_tick += missed * TICK_SECONDS

    def settle(self) -> None:
        """Traffic has ended under a clock that now stands still: rates are 0."""
        self._rates.clear()

    def _work(self, until: float, rounds: float) -> float:
        """All that is due until a time, in rounds that leave no answer behind its question.

        Where time is the wall's it is one round, as more may be due than can ever be done; else
        not more than `rounds`. How many of these are left.
        """
        while True:
            due = merged(
                [
                    self._sender.take(AT_ONCE, until),
                    self._pushed.take(until),
                    *self._played(until),
                ]
            )
            for number, batch in due.items():
                self.ports[number].send(self._stamped(batch))
            for port in self.ports.values():
                port.receive(until, self._clock)
            for port in self.ports.values():
                port.answer()
                self._hand_on(port)
            self._report(until)
            for tap in self._taps.values():
                tap.settle()
            if self._clock is not None:
                return rounds
            rounds -= 1
            if self.next_time > until or rounds <= 0:
                return rounds

    def _stamped(self, batch: Batch) -> Batch:
        """The packets with the time at which they are sent."""
        if self._clock is None or not len(batch):
            return batch
        return batch.sent_at(np.full(len(batch), self._clock()))

    def _played(self, until: float) -> list[dict[int, Any]]:
        return [{port: player.take(AT_ONCE, until)} for port, player in self._players.items()]

    def _hand_on(self, port: PlanePort) -> None:
        if port.bridged:
            self._events += [c.Arrived(port.number, frame) for frame in port.bridged]
            port.bridged = []

    def _report(self, now: float) -> None:
        for run, time in self._sender.finished(now):
            self._events.append(c.Finished(run.port, run.profile, run.number, time))
        for number, player in list(self._players.items()):
            if player.is_done or player.end <= now:
                self._events.append(c.Played(number, player.command.run, now))
                del self._players[number]

    def take_events(self) -> list[c.Event]:
        """What has happened since this was asked last."""
        events, self._events = self._events, []
        return events

    # -- commands

    def handle(self, command: c.Command, now: float) -> c.Reply:
        """Carry a command out. Never raises for what a client can send."""
        try:
            return _HANDLERS[type(command)](self, command, now)
        except StreamRefused as refused:
            return c.Refused(refused.engine_text)
        except RefusedError as error:
            return c.Refused(f"*** error: {': '.join((*error.where, error.problem))}")
        except KeyError:  # the process that knew of it has been replaced
            return c.Refused("there is no such thing any more")
        except NotAFilter as error:
            return c.Refused(f"BPF filter: '{error}' is not a valid pattern")

    def _start(self, command: c.Start, now: float) -> c.Reply:
        self._sender.start(command, self._speeds[command.port], now)
        self._report(now)
        return c.Done(now)

    def _stop(self, command: c.Stop, now: float) -> c.Reply:
        self._sender.stop(command.port, command.profile, now)
        if command.profile == "":
            self._players.pop(command.port, None)
        return c.Done(now)

    def _pause(self, command: c.Pause, now: float) -> c.Reply:
        self._sender.pause(command.port, command.profile, command.paused, command.streams)
        return c.Done(now)

    def _update(self, command: c.Update, now: float) -> c.Reply:
        self._sender.scale(command.port, command.profile, command.ratio)
        return c.Done(now)

    def _update_streams(self, command: c.UpdateStreams, now: float) -> c.Reply:
        self._sender.update(command)
        return c.Done(now)

    def _push(self, command: c.Push, now: float) -> c.Reply:
        return c.Done(now, self._pushed.push(command.port, command.frames, now, command.gap))

    def _play(self, command: c.Play, now: float) -> c.Reply:
        self._players[command.port] = Player(command, now, self._speeds[command.port])
        return c.Done(now)

    def _configure(self, command: c.Configure, now: float) -> c.Reply:
        self.ports[command.port].configure(command, now)
        return c.Done(now)

    def _restart_flow(self, command: c.Flow, now: float) -> c.Reply:
        if command.forget:
            self._rates.forget(command.flow)
        self._flows.restart(command.flow, command.forget)
        return c.Done(now)

    def _flow_times(self, command: c.FlowTimes, now: float) -> c.Reply:
        flows = {place: self._flows.told(place) for place in command.flows}
        return c.Times(flows, self._flows.strangers.found())

    def _stop_flows(self, command: c.FlowStop, now: float) -> c.Reply:
        for place in command.flows:
            self._rates.stop(place)
        return c.Done(now)

    def _capture(self, command: c.Capture, now: float) -> c.Reply:
        self._taps[command.id] = Tap(command)
        self._set_taps()
        return c.Done(now)

    def _stop_capture(self, command: c.CaptureStop, now: float) -> c.Reply:
        tap = self._taps[command.id]
        tap.is_active = False
        self._set_taps()
        return c.Done(now, tap.filling().count)

    def _fetch(self, command: c.CaptureFetch, now: float) -> c.Reply:
        return self._taps[command.id].fetch(command.count)

    def _filling(self, command: c.CaptureStatus, now: float) -> c.Reply:
        return self._taps[command.id].filling()

    def _remove_capture(self, command: c.CaptureRemove, now: float) -> c.Reply:
        self._taps.pop(command.id, None)
        self._set_taps()
        return c.Done(now)

    def _set_taps(self) -> None:
        for port in self.ports.values():
            port.taps = [tap for tap in self._taps.values() if tap.is_active]

    def _drain(self, command: c.Queue, now: float) -> c.Reply:
        return c.Frames(self.ports[command.port].drained())

    def _queue_length(self, command: c.QueueLength, now: float) -> c.Reply:
        return c.Done(now, self.ports[command.port].queued)

    def _set_stretch(self, command: c.Stretch, now: float) -> c.Reply:
        self.stretch = STRETCH_SECONDS if command.seconds is None else command.seconds
        return c.Done(now)

    def _bridge(self, command: c.Bridge, now: float) -> c.Reply:
        port = self.ports[command.port]
        port.bridge = None
        if command.bpf is not None:
            port.bridge = compiled(command.bpf) or (lambda frame: True)
        return c.Done(now)

    def flush(self) -> None:
        """Traffic has paused: lines write down what they hold back."""
        for port in self.ports.values():
            port.line.flush()

    def close(self) -> None:
        """Close all lines."""
        for port in self.ports.values():
            port.line.close()


_HANDLERS: Mapping[type[Any], Callable[[Plane, Any, float], c.Reply]] = {
    c.Start: Plane._start,
    c.Stop: Plane._stop,
    c.Pause: Plane._pause,
    c.Update: Plane._update,
    c.UpdateStreams: Plane._update_streams,
    c.Push: Plane._push,
    c.Play: Plane._play,
    c.Configure: Plane._configure,
    c.Flow: Plane._restart_flow,
    c.FlowTimes: Plane._flow_times,
    c.FlowStop: Plane._stop_flows,
    c.Capture: Plane._capture,
    c.CaptureStop: Plane._stop_capture,
    c.CaptureFetch: Plane._fetch,
    c.CaptureStatus: Plane._filling,
    c.CaptureRemove: Plane._remove_capture,
    c.Queue: Plane._drain,
    c.QueueLength: Plane._queue_length,
    c.Stretch: Plane._set_stretch,
    c.Bridge: Plane._bridge,
}
