"""What clients send, bounded where ZeroMQ has no bound of its own.

ZeroMQ bounds the size of a frame and the number of messages that it reads ahead. How many
frames a message has, and what all clients together have sent of messages that are not
complete, it leaves to us. Whoever goes too far loses the connection.
"""

from __future__ import annotations

import socket
import struct
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import zmq

from scapy_server import limits
from scapy_server.process import kernel
from scapy_server.server.log import logger

_SKIPPED_AT_ONCE = 10_000  # frames, before the front looks after other things again
_WATCH_SECONDS = 0.25
_SUSPICIOUS = 1024 * 1024  # bytes; whoever has sent less is not why memory is short
_SOURCE = int(zmq.SRCFD)
_NOW = int(zmq.NOBLOCK)
_INFO = struct.Struct("=B127xQ")  # of Linux's tcp_info: tcpi_state, tcpi_bytes_received
_ESTABLISHED = 1


class Intake(zmq.Socket[bytes]):
    """A ROUTER socket that takes in no message of more than `limits.MESSAGE_FRAMES`.

    It knows how much came by each connection, so that `pending` can tell what did not
    come out yet. `refused` counts the connections that it ends.
    """

    refused: Counter[str]
    _taken: dict[int, tuple[bytes, int]]
    _skipping: bool

    @classmethod
    def of(cls, context: zmq.Context[Any], refused: Counter[str]) -> Intake:
        """A new socket."""
        intake = cls(context, zmq.ROUTER)
        intake.refused, intake._taken, intake._skipping = refused, {}, False
        return intake

    def recv_multipart(  # type: ignore[override]
        self, flags: int = 0, *, copy: bool = True, track: bool = False
    ) -> list[Any]:
        """The frames of the next message; zmq.Again also while too long a one is skipped."""
        self._skip()
        frames = [self.recv(flags, copy=False, track=track)]
        while frames[-1].more:
            frames.append(self.recv(flags, copy=False, track=track))
            if len(frames) > limits.MESSAGE_FRAMES and frames[-1].more:
                self._end(frames[-1].get(_SOURCE), "frames")
                self._skipping = True
                raise zmq.Again
        self._count(frames)
        return [frame.bytes for frame in frames] if copy else frames

    def _count(self, frames: list[zmq.Frame]) -> None:
        try:
            source = frames[-1].get(_SOURCE)
        except zmq.ZMQError:
            return
        client = frames[0].bytes
        known, taken = self._taken.get(source, (client, 0))
        size = sum(map(len, frames))
        self._taken[source] = client, size + (taken if known == client else 0)

    def _skip(self) -> None:
        """Drop what is left of a message that was too long, a part at a time."""
        if self._skipping:
            for _ in range(_SKIPPED_AT_ONCE):
                self.recv(_NOW)
                if not self.getsockopt(zmq.RCVMORE):
                    self._skipping = False
                    return
            raise zmq.Again

    def pending(self) -> list[tuple[int, int]]:
        """Bytes that came and were not taken, most first, with the connection's descriptor."""
        found = []
        for source, received in _received():
            _, taken = self._taken.get(source, (b"", 0))
            # More taken than received: that was another connection of the same number.
            found.append((received - taken if taken <= received else received, source))
        return sorted(found, reverse=True)

    def relieve(self, excess: int) -> None:
        """End the connections that hold most, until this many bytes are gone."""
        for size, source in self.pending():
            if excess <= 0 or size < _SUSPICIOUS:
                return
            self._end(source, "memory")
            excess -= size

    def _end(self, source: int, reason: str) -> None:
        self.refused[reason] += 1
        logger.warning("ended a connection: %s (%d so far)", _REASONS[reason], self.refused[reason])
        with suppress(OSError), _lent(source) as connection:
            connection.shutdown(socket.SHUT_RDWR)


_REASONS = {
    "frames": f"a message of more than {int(limits.MESSAGE_FRAMES)} frames",
    "memory": "memory is short, and it has sent most that is not complete",
}


@contextmanager
def watched(intake: Intake, bound: int = limits.FRONT_BYTES) -> Iterator[None]:
    """Relieve the intake whenever this process needs more memory than the bound.

    In a thread, as the memory may run out while the front is busy with something else.
    """
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_WATCH_SECONDS):
            if kernel.resident_bytes() > bound:
                kernel.give_memory_back()  # what is free but not given back is nobody's fault
                intake.relieve(kernel.resident_bytes() - bound)

    thread = threading.Thread(target=watch, name="memory-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _received() -> Iterator[tuple[int, int]]:
    """The TCP connections of this process, and how many bytes came by each (Linux)."""
    if sys.platform != "linux":
        return
    for entry in list(Path("/proc/self/fd").iterdir()):
        try:
            with _lent(int(entry.name)) as connection:
                if connection.family in {socket.AF_INET, socket.AF_INET6}:
                    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size)
                    state, received = _INFO.unpack(info)
                    if state == _ESTABLISHED:
                        yield int(entry.name), received
        except (OSError, struct.error):
            continue


@contextmanager
def _lent(descriptor: int) -> Iterator[socket.socket]:
    """A socket of ZeroMQ's, which stays ZeroMQ's; OSError if the descriptor is no socket's."""
    borrowed = socket.socket(fileno=descriptor)
    try:
        yield borrowed
    finally:
        borrowed.detach()
