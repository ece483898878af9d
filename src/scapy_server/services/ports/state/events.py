"""What has happened, in a queue for each session that asks.

A session's queue numbers its events itself; clients end themselves when a number is
missing, so an event that is dropped takes none.

Source: docs/ports.md, "Events".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from scapy_server import limits

#: Seconds after which a queue that holds something and is not read takes nothing more.
STALE_SECONDS = 10.0


class Kind(IntEnum):
    """The numbers by which clients know events."""

    PORT_STARTED = 0
    PORT_STOPPED = 1
    PORT_PAUSED = 2
    PORT_RESUMED = 3
    PORT_FINISHED = 4
    PORT_ACQUIRED = 5
    PORT_RELEASED = 6
    PORT_ERROR = 7
    PORT_ATTRIBUTES = 8
    PROFILE_STARTED = 10
    PROFILE_STOPPED = 11
    PROFILE_PAUSED = 12
    PROFILE_RESUMED = 13
    PROFILE_FINISHED = 14
    PROFILE_ERROR = 17
    SERVER_STOPPED = 100


@dataclass
class _Queue:
    """The events for one session. A writer, who owns a port, keeps its queue when it is late."""

    is_writer: bool
    polled: float
    events: deque[dict[str, Any]] = field(default_factory=deque)
    number: int = 0

    def put(self, kind: Kind, data: Mapping[str, object]) -> None:
        event = {"name": "trex-event", "type": int(kind), "data": dict(data), "seq": self.number}
        self.events.append(event)
        self.number += 1


class Events:
    """The queues of all sessions; times are seconds of a clock by which clients live."""

    def __init__(self) -> None:
        self._queues: dict[int, _Queue] = {}
        #: Counts events, so that whoever rings the doorbell knows that there are new ones.
        self.count = 0

    def publish(self, kind: Kind, data: Mapping[str, object], now: float) -> None:
        """Put an event into every queue, dropping what nobody fetches."""
        self.count += 1
        for session, queue in list(self._queues.items()):
            if self._is_full(queue) or (queue.events and now - queue.polled > STALE_SECONDS):
                if not queue.is_writer:
                    del self._queues[session]
            else:
                queue.put(kind, data)

    def fetch(self, session: int, now: float) -> list[dict[str, Any]]:
        """Take out what is queued for a session; its first question makes its queue."""
        queue = self._queues.get(session)
        if queue is None:
            self._add(session, now, is_writer=False)
            return []
        queue.polled = now
        taken = list(queue.events)
        queue.events.clear()
        return taken

    def is_heard(self, now: float) -> bool:
        """Whether those sessions that still ask have fetched all that is queued for them."""
        return not any(
            queue.events and now - queue.polled <= STALE_SECONDS for queue in self._queues.values()
        )

    def set_writer(self, session: int, is_writer: bool, now: float) -> None:
        """Say whether a session owns ports."""
        queue = self._queues.get(session)
        if queue is not None:
            queue.is_writer = is_writer
        elif is_writer:
            self._add(session, now, is_writer=True)

    def _add(self, session: int, now: float, is_writer: bool) -> None:
        while len(self._queues) >= limits.PORT_SESSIONS:
            self._forget_one()
        self._queues[session] = _Queue(is_writer, now)

    def _forget_one(self) -> None:
        """Drop the queue that was not read for the longest time, a reader's if there is one."""
        oldest = min(
            self._queues, key=lambda key: (self._queues[key].is_writer, self._queues[key].polled)
        )
        del self._queues[oldest]

    @staticmethod
    def _is_full(queue: _Queue) -> bool:
        return len(queue.events) >= limits.QUEUED_EVENTS
