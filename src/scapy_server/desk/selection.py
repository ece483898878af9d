"""The packets that a person has selected, wherever they go, beside the one at hand."""

from __future__ import annotations

from collections.abc import Sequence

from scapy_server.desk.document import Document
from scapy_server.desk.past.history import Key


class Selection:
    """Selected packets of one document, by their keys, so that they stay selected when moved."""

    def __init__(self) -> None:
        self._keys: set[Key] = set()
        self._anchor: Key | None = None

    def has(self, document: Document, position: int) -> bool:
        """Whether the packet at a place is selected."""
        return bool(self._keys) and document.key(position) in self._keys

    def positions(self, document: Document) -> list[int]:
        """The places of the selected packets; of the one at hand where none is."""
        found = [at for at, key in enumerate(document.order) if key in self._keys]
        return found or ([document.position] if len(document) else [])

    def clear(self) -> None:
        """Select nothing."""
        self._keys.clear()
        self._anchor = None

    def turn(self, document: Document, position: int) -> None:
        """Select one more, or one of them no more; the one at hand is the first."""
        if not self._keys:
            self._keys.add(document.key(document.position))
        self._keys ^= {document.key(position)}
        self._anchor = document.key(position)

    def extend(self, document: Document, position: int, shown: Sequence[int]) -> None:
        """Select all that are shown between where the selection began and a place."""
        order = document.order
        if self._anchor not in order:
            self._anchor = document.key(document.position)
        begin = order.index(self._anchor)
        low, high = sorted((begin, position))
        anchor = self._anchor
        self.choose_all(document, [at for at in shown if low <= at <= high])
        self._anchor = anchor

    def choose_all(self, document: Document, positions: Sequence[int]) -> None:
        """Select these and no others."""
        order = document.order
        self._keys = {order[position] for position in positions}
        self._anchor = None
