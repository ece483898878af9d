"""The captures that clients have started, and which ports they listen at."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scapy_server import limits
from scapy_server.services.ports.plane.commands import Kept
from scapy_server.services.ports.requests.refusals import NotExecuted


@dataclass
class Export:
    """Where a capture is written to, as a file of that format.

    `encoded` makes the bytes of a frame, and `waiting` is still to be written.
    """

    endpoint: str
    format: str
    encoded: Callable[[Kept], bytes]
    waiting: deque[bytes]


@dataclass
class CaptureEntry:
    """A capture: what it listens to, and how much it keeps. Frames are with the data planes."""

    id: int
    transmit: tuple[int, ...]
    receive: tuple[int, ...]
    limit: int
    mode: str
    bpf: str
    snaplen: int
    started: float
    is_active: bool = True
    export: Export | None = None

    @property
    def kept_frames(self) -> int:
        """How many frames data planes keep: of what is written, as many as may ever wait."""
        return self.limit if self.export is None else int(limits.CAPTURED_FRAMES)

    @property
    def is_cyclic(self) -> bool:
        """Whether the oldest frames make room for others; what is written is written in order."""
        return self.mode == "cyclic" and self.export is None

    def wants(self, kept: Kept) -> bool:
        """Whether a frame is written: of a fixed capture the first ones are."""
        return self.mode == "cyclic" or kept.number <= self.limit

    @property
    def ports(self) -> set[int]:
        return {*self.transmit, *self.receive}


class Captures:
    """All captures by id; an id is never used twice."""

    def __init__(self) -> None:
        self._captures: dict[int, CaptureEntry] = {}
        self._last = 0

    def __iter__(self) -> Iterator[CaptureEntry]:
        return iter(self._captures.values())

    def next_id(self) -> int:
        """The id of a new capture; NotExecuted when there are too many."""
        if len(self._captures) >= limits.PORT_CAPTURES:
            raise NotExecuted("capture limit has reached")
        return self._last + 1

    def add(self, capture: CaptureEntry) -> None:
        """A capture has been started."""
        self._last = capture.id
        self._captures[capture.id] = capture

    def get(self, identifier: int) -> CaptureEntry:
        """The capture with an id; NotExecuted if there is none."""
        if identifier not in self._captures:
            raise NotExecuted("capture ID not found")
        return self._captures[identifier]

    def remove(self, identifier: int) -> CaptureEntry:
        """Forget a capture; NotExecuted if there is none."""
        capture = self.get(identifier)
        del self._captures[identifier]
        return capture

    def is_listening(self, port: int) -> bool:
        """Whether an active capture listens at a port."""
        return any(each.is_active and port in each.ports for each in self)
