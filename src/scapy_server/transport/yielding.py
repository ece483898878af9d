"""Which connections give way to others, where there is too little for all of them.

Functions of the connections that there are; the router ends those that are chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scapy_server.transport.connection import Connection

Connections = Iterable[Connection]


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
