"""Which groups (pg ids) are counted, and where.

A group appears when its first stream is added, is counted from its first start on at a place
of the data planes' counters, and is forgotten with its last stream. Its version changes
whenever its counters begin anew.

Source: docs/ports.md, "Flow statistics".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from scapy_server.services.ports.frames.stamps import NO_GENERATION, next_generation
from scapy_server.services.ports.plane.counters import FLOWS
from scapy_server.streams.counters import Counters, Owner
from scapy_server.streams.stream import Stream


@dataclass
class Group:
    """A pg id. `place` is that of its counters, None before its first start."""

    id: int
    is_latency: bool
    version: int
    owners: set[Owner] = field(default_factory=set)
    place: int | None = None
    generation: int = NO_GENERATION


class Groups:
    """All groups, over all ports."""

    def __init__(self) -> None:
        self._numbers = Counters()
        self._groups: dict[int, Group] = {}
        self._version = 0
        self._generations: dict[int, int] = {}

    def __contains__(self, group: int) -> bool:
        return group in self._groups

    def __getitem__(self, group: int) -> Group:
        return self._groups[group]

    @property
    def ids(self) -> list[int]:
        """The ids of all groups."""
        return list(self._groups)

    @property
    def places(self) -> list[tuple[int, int | None]]:
        """The id and the place of each group; other threads may ask."""
        return [(group.id, group.place) for group in list(self._groups.values())]

    def register(self, owner: Owner, stream: Stream) -> None:
        """A stream was added; raises StreamRefused where it cannot be counted."""
        self._numbers.register(owner, stream)
        marked = stream.marked
        if marked is None:
            return
        group = self._groups.get(marked.pg_id)
        if group is None:
            group = Group(marked.pg_id, marked.rule == "latency", self._version)
            self._groups[marked.pg_id] = group
            self._version += 1
        group.owners.add(owner)

    def release(self, owner: Owner, stream: Stream) -> None:
        """A stream was removed."""
        self._numbers.release(owner, stream)
        marked = stream.marked
        group = None if marked is None else self._groups.get(marked.pg_id)
        if group is not None:
            group.owners.discard(owner)
            if not group.owners:
                del self._groups[group.id]

    def start(self, streams: Iterable[Stream]) -> tuple[dict[int, Group], list[Group]]:
        """The group of each counted stream that is started, and those counted from now on.

        Latency groups get another generation. Raises StreamRefused when there is no place left.
        """
        chosen = list(streams)
        numbers = self._numbers.number(chosen)
        found, new = {}, []
        for stream in chosen:
            if stream.marked is None:
                continue
            group = found[stream.stream_id] = self._groups[stream.marked.pg_id]
            if group.place is None:
                number = numbers[stream.stream_id]
                group.place = FLOWS + number if group.is_latency else number
                new.append(group)
            if group.is_latency:
                last = self._generations.get(group.place, NO_GENERATION)
                group.generation = self._generations[group.place] = next_generation(last)
        return found, new
