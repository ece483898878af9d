"""Connections whose address has opened too many in this second: each waits until it is its turn.

They hold a socket and nothing else, and nothing is read from them. Who leaves meanwhile costs
next to nothing, so that whoever stays soon is the first, however many others come and go.
"""

from __future__ import annotations

import select
import socket
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import NamedTuple

_GONE = select.EPOLLRDHUP


class Waiting(NamedTuple):
    """A connection that was accepted, the address that it came from and what counts of it."""

    socket: socket.socket
    address: str
    place: str


class Anteroom:
    """By place, in the order in which they came; `poll` is told to look whether they leave."""

    def __init__(self, poll: select.epoll) -> None:
        self._poll = poll
        self._rows: dict[str, OrderedDict[int, Waiting]] = {}
        self._places: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, place: str) -> bool:
        """Whether somebody of this place waits."""
        return place in self._rows

    def enter(self, waiting: Waiting) -> None:
        """Let a connection wait."""
        descriptor = waiting.socket.fileno()
        self._rows.setdefault(waiting.place, OrderedDict())[descriptor] = waiting
        self._places[descriptor] = waiting.place
        self._poll.register(descriptor, _GONE)

    def leave(self, descriptor: int) -> Waiting | None:
        """Let go of a connection; None if it does not wait here."""
        place = self._places.pop(descriptor, None)
        if place is None:
            return None
        waiting = self._rows[place].pop(descriptor)
        if not self._rows[place]:
            del self._rows[place]
        self._poll.unregister(descriptor)
        return waiting

    def last_of(self, place: str) -> int | None:
        """Who of a place came last, None if nobody of it waits."""
        return next(reversed(self._rows[place]), None) if place in self._rows else None

    def called(self, may_open: Callable[[str], bool]) -> Iterator[Waiting]:
        """Let go of those whose places may open connections now, one after the other."""
        for place in list(self._rows):
            while place in self._rows and may_open(place):
                waiting = self.leave(next(iter(self._rows[place])))
                if waiting is not None:
                    yield waiting

    def close(self) -> None:
        """End all that wait."""
        for descriptor in list(self._places):
            waiting = self.leave(descriptor)
            if waiting is not None:
                waiting.socket.close()
