"""Which connections give way to others, where there is too little for all of them.

Functions of the connections that there are; the router ends those that are chosen. `Most` is for
those who cannot look at all of them each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush

from scapy_server.transport.connection import Connection

Connections = Iterable[Connection]

#: Owner and number of a connection.
Name = tuple[str, int]
_FEW = 64


def held(connection: Connection) -> int:
    """How many bytes are held of it: what has come and was not handed on, and what is unread."""
    return connection.waiting + connection.unread_bytes


def by_size(connections: Connections, size: Callable[[Connection], int]) -> list[Connection]:
    """Those that have any of this size, those that have most first."""
    return sorted((each for each in connections if size(each)), key=size, reverse=True)


def silent(connections: Connections, since: float, place: str | None = None) -> list[Connection]:
    """Those (of a place) that have been silent since that time."""
    return [each for each in connections if each.active < since and place in {None, each.place}]


def quietest(connections: Connections, place: str) -> Connection | None:
    """The one of a place that was silent for longest."""
    those = (each for each in connections if each.place == place)
    return min(those, key=lambda each: each.active, default=None)


def most_unread(connections: Connections, served: Connection) -> Connection | None:
    """The one that has most to read; never the one that is served."""
    others = (each for each in connections if each is not served and each.unread_bytes)
    return max(others, key=lambda each: each.unread_bytes, default=None)


class Most:
    """Who has most of something; of however many, neither telling nor asking takes long."""

    def __init__(self) -> None:
        self._amounts: dict[Name, int] = {}
        #: What each has, negated, and much of what they have had.
        self._heap: list[tuple[int, Name]] = []

    def tell(self, name: Name, amount: int) -> None:
        """This one has so much now."""
        if not amount:
            self._amounts.pop(name, None)
            return
        self._amounts[name] = amount
        heappush(self._heap, (-amount, name))
        if len(self._heap) > 2 * len(self._amounts) + _FEW:
            self._heap = [(-amount, name) for name, amount in self._amounts.items()]
            heapify(self._heap)

    def name(self) -> Name | None:
        """Who has most, None if nobody has any."""
        while self._heap:
            amount, name = self._heap[0]
            if self._amounts.get(name) == -amount:
                return name
            heappop(self._heap)
        return None
