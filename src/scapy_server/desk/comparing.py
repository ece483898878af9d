"""Two packets side by side: which fields differ, and which bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scapy_server.desk.names import FieldRow, field_rows
from scapy_server.desk.packet import Packet


@dataclass(frozen=True)
class Difference:
    """A field whose value differs; None where one packet has no such field."""

    path: str
    left: str | None
    right: str | None


@dataclass(frozen=True)
class Changed:
    """A field or part that an edit changed, before and after; None where it is not there."""

    before: FieldRow | None
    after: FieldRow | None

    @property
    def is_alone(self) -> bool:
        """Whether it is new, or gone."""
        return self.before is None or self.after is None

    @property
    def row(self) -> FieldRow:
        """Where it is now, or was."""
        row = self.after or self.before
        assert row is not None
        return row


def changed_fields(before: Packet, after: Packet) -> Iterator[Changed]:
    """What an edit changed, in the order of the packet after it, then what is gone.

    A field of which parts changed is named by these; what is new or gone is one, parts and all.
    """
    ours, theirs = _rows(before), _rows(after)
    found = {
        path: Changed(ours.get(path), theirs.get(path))
        for path in [*theirs, *(path for path in ours if path not in theirs)]
        if _value(ours.get(path)) != _value(theirs.get(path))
    }
    holders = {path: [above for above in _above(path) if above in found] for path in found}
    told_by_parts = {above for path in found for above in holders[path]}
    for path, change in found.items():
        if change.is_alone:
            if not any(found[above].is_alone for above in holders[path]):
                yield change
        elif path not in told_by_parts:
            yield change


def _above(path: str) -> Iterator[str]:
    """What may hold a part, from its path."""
    return (path[:at] for at, letter in enumerate(path) if letter in ".[")


def differing_fields(left: Packet, right: Packet) -> Iterator[Difference]:
    """The fields that differ, in the order of the left packet, then those it has not."""
    ours, theirs = _values(left), _values(right)
    for path in [*ours, *(path for path in theirs if path not in ours)]:
        if ours.get(path) != theirs.get(path):
            yield Difference(path, ours.get(path), theirs.get(path))


def differing_bytes(left: bytes, right: bytes) -> Iterator[int]:
    """The offsets at which they differ, those that only one has included."""
    longest = max(len(left), len(right))
    return (at for at in range(longest) if left[at : at + 1] != right[at : at + 1])


def _rows(packet: Packet) -> dict[str, FieldRow]:
    return {
        row.path: row
        for row in field_rows(packet.layers)
        if row.has_value and not row.field.get("ignored")
    }


def _value(row: FieldRow | None) -> object:
    return None if row is None else row.field["value"]


def _values(packet: Packet) -> dict[str, str]:
    return {path: str(row.field["hvalue"]) for path, row in _rows(packet).items()}
