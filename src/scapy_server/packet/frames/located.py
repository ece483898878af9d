"""Bytes that know where they come from, and what was seen of them being read.

A slice, a split line, a joined piece of `Located` bytes still says which bytes of the layer
it is made of. So whatever takes a layer apart, in whatever way, the pieces that it keeps
tell their own places, and a piece that was made up on the way tells that it has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from scapy.packet import Packet

from scapy_server.packet.frames.budget import Budget
from scapy_server.packet.frames.place import Place, unknown_place

#: The place of a byte that stands nowhere in the layer.
NOWHERE = -1

# Pieces are taken so often that looking these up through `super` would show.
_bytes = bytes.__new__
_piece = bytes.__getitem__


@dataclass(slots=True)
class Seen:
    """A packet within a layer: where its own bytes and its fields lie in the layer.

    `values` are those that it read, some of which Scapy forgets at once.
    """

    packet: Packet
    place: Place
    fields: list[Place]
    values: dict[str, Any]


@dataclass(slots=True)
class Sightings:
    """What was seen while one layer was dissected.

    `packets` are those that its fields hold, by identity; `reads` are the places at which
    fields that read themselves did so, by the packet's identity and the field's name. The
    `budget` is that of the packet that the layer belongs to.
    """

    packets: dict[int, Seen] = field(default_factory=dict)
    reads: dict[tuple[int, str], Place] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)

    def saw_read(self, packet: Packet, name: str, before: object, after: object) -> None:
        """A field read what `after` lacks of `before`."""
        place = consumed(before, after)
        if place.known and (place.bit_length or (id(packet), name) not in self.reads):
            self.reads[id(packet), name] = place


class Located(bytes):
    """Bytes of a layer; byte k of them is byte `where[k]` of the layer, or `NOWHERE`."""

    where: Sequence[int]
    sightings: Sightings

    def __new__(cls, data: bytes, where: Sequence[int], sightings: Sightings) -> Located:
        sightings.budget.read_piece(len(data))
        located = _bytes(cls, data)
        located.where = where
        located.sightings = sightings
        return located

    @classmethod
    def whole(cls, data: bytes, budget: Budget | None = None) -> Located:
        """All bytes of a layer, of which nothing has been seen yet."""
        return cls(data, range(len(data)), Sightings(budget=budget or Budget()))

    @property
    def place(self) -> Place:
        """Where they stand, if they stand together."""
        if not self:
            return unknown_place()
        where = self.where
        first = where[0]
        together = isinstance(where, range) or all(
            at == first + index for index, at in enumerate(where)
        )
        if first == NOWHERE or not together:
            return unknown_place()
        return Place(8 * first, 8 * len(self), True)

    def __getitem__(self, index: Any) -> Any:
        taken = _piece(self, index)
        if isinstance(index, slice):
            return Located(taken, self.where[index], self.sightings)
        return taken

    def __add__(self, other: Any) -> Any:
        if not self and isinstance(other, Located):
            return other
        return Located(bytes(self) + other, _joined(self.where, _where(other)), self.sightings)

    def __radd__(self, other: Any) -> Any:
        if not other:
            return self
        return Located(other + bytes(self), _joined(_where(other), self.where), self.sightings)

    def strip(self, characters: Any = None) -> Any:
        """As of bytes."""
        return self.lstrip(characters).rstrip(characters)

    def lstrip(self, characters: Any = None) -> Any:
        """As of bytes."""
        return self[len(self) - len(super().lstrip(characters)) :]

    def rstrip(self, characters: Any = None) -> Any:
        """As of bytes."""
        return self[: len(super().rstrip(characters))]

    def split(self, separator: Any = None, maxsplit: Any = -1) -> Any:
        """As of bytes."""
        if separator is None:
            return self._found_again(super().split(None, maxsplit))
        return self._cut(super().split(separator, maxsplit), len(separator))

    def rsplit(self, separator: Any = None, maxsplit: Any = -1) -> Any:
        """As of bytes."""
        if separator is None:
            return self._found_again(super().rsplit(None, maxsplit))
        return self._cut(super().rsplit(separator, maxsplit), len(separator))

    def splitlines(self, keepends: Any = False) -> Any:
        """As of bytes."""
        whole = self._cut(super().splitlines(True), 0)
        return whole if keepends else [line.rstrip(b"\r\n") for line in whole]

    def partition(self, separator: Any) -> Any:
        """As of bytes."""
        return tuple(self._cut(super().partition(separator), 0))

    def rpartition(self, separator: Any) -> Any:
        """As of bytes."""
        return tuple(self._cut(super().rpartition(separator), 0))

    def _cut(self, pieces: Sequence[bytes], between: int) -> list[Any]:
        cut = []
        at = 0
        for piece in pieces:
            cut.append(self[at : at + len(piece)])
            at += len(piece) + between
        return cut

    def _found_again(self, pieces: Sequence[bytes]) -> list[Any]:
        """Pieces between which white space of any length stood."""
        found = []
        at = 0
        for piece in pieces:
            at = self.index(piece, at)
            found.append(self[at : at + len(piece)])
            at += len(piece)
        return found


class Counted(bytes):
    """Bytes of a layer that others look into as a whole; each piece of them is counted."""

    budget: Budget

    def __new__(cls, data: bytes, budget: Budget) -> Counted:
        counted = _bytes(cls, data)
        counted.budget = budget
        return counted

    def __getitem__(self, index: Any) -> Any:
        taken = _piece(self, index)
        if isinstance(index, slice):
            self.budget.read_piece(len(taken))
        return taken


def _where(data: bytes) -> Sequence[int]:
    return data.where if isinstance(data, Located) else (NOWHERE,) * len(data)


def _joined(first: Sequence[int], second: Sequence[int]) -> Sequence[int]:
    if not first or not second:
        return second or first
    if isinstance(first, range) and isinstance(second, range) and first.stop == second.start:
        return range(first.start, second.stop)
    return (*first, *second)


def relocated(before: Located, rest: bytes) -> bytes:
    """`rest` with its place again, where it is an end or the beginning of `before`."""
    if isinstance(rest, Located):
        return rest
    if before.endswith(rest):
        return before[len(before) - len(rest) :]  # type: ignore[no-any-return]
    return before[: len(rest)] if before.startswith(rest) else rest


def consumed(before: object, after: object) -> Place:
    """The bits that `after` lacks of `before`: bytes, or bytes and a count of bits read."""
    start, start_bits = before if isinstance(before, tuple) else (before, 0)
    rest, rest_bits = after if isinstance(after, tuple) else (after, 0)
    if not isinstance(start, Located) or not isinstance(rest, bytes):
        return unknown_place()
    if not start.endswith(rest):
        trailing = start[len(rest) :] if start.startswith(rest) else b""
        return trailing.place if isinstance(trailing, Located) else unknown_place()
    size = 8 * (len(start) - len(rest)) + rest_bits - start_bits
    if size <= 0:
        at = start.where[0] if start and start.where[0] != NOWHERE else 0
        return Place(8 * at, 0, True, known=size == 0)
    touched = start[: len(start) - len(rest) + (rest_bits > 0)].place
    if not touched.known:
        return unknown_place()
    return Place(touched.bit_offset + start_bits, size, True)


def pieces_in(value: object) -> Iterator[Located]:
    """The located bytes that a value is or holds."""
    if isinstance(value, Located):
        yield value
    elif isinstance(value, list | tuple | set):
        for item in value:
            yield from pieces_in(item)
    elif isinstance(value, dict):
        yield from pieces_in([*value, *value.values()])
