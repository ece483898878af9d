"""The control plane's end of a data plane in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from scapy_server.services.ports.plane import commands as plane
from scapy_server.services.ports.plane.counters import Counters
from scapy_server.services.ports.plane.line import LineError
from scapy_server.services.ports.process import channel as wire
from scapy_server.services.ports.process import memory

_OPEN_SECONDS = 30.0
_ANSWER_SECONDS = 5.0
#: How much longer the answer to a start may take for each of its streams.
_STREAM_SECONDS = 0.002
#: NumPy's linear algebra, of which there is none here, else has threads that wait by spinning.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_MODULE = "scapy_server.services.ports.process.main"


class ProcessLink:
    """A data plane, started again whenever it has died.

    `numbers` are its ports. `lost` is set from when the process was found dead to when another
    one, which `revive` starts, has opened the lines again; the counters live on.
    """

    def __init__(self, opening: wire.Opening, clock: Callable[[], float]) -> None:
        self.numbers = list(opening.numbers)
        self._opening = opening
        self._clock = clock
        self._memory = memory.create(len(opening.numbers))
        self._counters = memory.opened(self._memory, len(opening.numbers))
        self._events: list[plane.Event] = []
        self.lost = False
        self.restarts = 0
        self.failure = ""
        self.macs: list[bytes | None] = []
        self._spawn()
        self._wait_until_open()

    @property
    def counters(self) -> Counters:
        return self._counters

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def fileno(self) -> int:
        """What is readable when there is news."""
        return self._channel.fileno()

    def ask(self, command: plane.Command) -> plane.Reply:
        """Have a command carried out."""
        if self.lost:
            return plane.Refused("the data plane of this port has ended, and is being replaced")
        try:
            self._channel.send(wire.Order(command, self._clock()))
            return self._answer(_patience(command))
        except wire.ChannelClosed:
            self.lost = self.is_dead = True
            return plane.Refused("the data plane of this port has ended")

    def _answer(self, patience: float) -> plane.Reply:
        end = time.monotonic() + patience
        while True:
            left = end - time.monotonic()
            if left <= 0:
                self._process.kill()
                raise wire.ChannelClosed
            self._channel.wait(left)
            self._channel.flush()
            reply = self._hear()
            if reply is not None:
                return reply

    def _hear(self) -> plane.Reply | None:
        reply = None
        for message in self._channel.receive():
            if isinstance(message, plane.Event):
                self._events.append(message)
            elif isinstance(message, wire.Opened):
                self.failure, self.macs = message.failure or "", message.macs
                self.lost = bool(self.failure)
            else:
                reply = message
        return reply

    @property
    def has_news(self) -> bool:
        """Whether something was told beside an answer, which `news` has still to give."""
        return bool(self._events)

    def news(self) -> list[plane.Event]:
        """What has happened since this was asked last."""
        try:
            self._hear()
        except wire.ChannelClosed:
            self.lost = self.is_dead = True
        events, self._events = self._events, []
        return events

    def revive(self) -> None:
        """Start another process for one that has died."""
        self._channel.close()
        self._process.wait()
        self.restarts += 1
        self._spawn()

    def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", _MODULE, str(theirs.fileno()), str(self._memory)],
                pass_fds=(theirs.fileno(), self._memory),
                stdin=subprocess.DEVNULL,
                env={**os.environ, **_ONE_THREAD},
            )
        self._channel = wire.Channel(ours, wire.news)
        self.lost, self.is_dead = True, False
        self._channel.send(self._opening)

    def _wait_until_open(self) -> None:
        end = time.monotonic() + _OPEN_SECONDS
        while self.lost and not (self.is_dead or self.failure) and time.monotonic() < end:
            self._channel.wait(end - time.monotonic())
            self.news()
        if self.lost:
            self._channel.close()
            self._process.kill()
            self._process.wait()
            os.close(self._memory)
            raise LineError(self.failure or "the process of the data plane does not start")

    def close(self) -> None:
        """End the process."""
        self._channel.close()
        try:
            self._process.wait(_ANSWER_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._memory)


def _patience(command: plane.Command) -> float:
    """The seconds after which a data plane that does not answer is taken for lost."""
    streams = len(command.streams) if isinstance(command, plane.Start) else 0
    return _ANSWER_SECONDS + _STREAM_SECONDS * streams
