"""Two packets side by side: which fields differ, and which bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scapy_server.desk.names import field_rows
from scapy_server.desk.packet import Packet


@dataclass(frozen=True)
class Difference:
    """A field whose value differs; None where one packet has no such field."""

    path: str
    left: str | None
    right: str | None


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


def _values(packet: Packet) -> dict[str, str]:
    return {
        row.path: str(row.field["hvalue"])
        for row in field_rows(packet.layers)
        if row.has_value and not row.field.get("ignored")
    }
