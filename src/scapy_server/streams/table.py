"""The order in which the engine walks the streams of a profile.

It keeps them in a hash table whose buckets hang on one list: a new bucket goes to the front
of the list, a new stream to the front of its bucket, and when the table grows, everything is
put in anew in the old order. Ties and statistics numbers follow from that order.

Source: docs/profiles.md, "The table".
"""

from __future__ import annotations

from collections.abc import Iterator

#: Numbers of buckets. The last one holds more streams than a port may have.
SIZES = (13, 29, 59, 127, 257, 541, 1109, 2357, 5087, 10273, 20753)


class StreamTable:
    """Stream ids in the table's order."""

    def __init__(self) -> None:
        self._size = SIZES[0]
        self._count = 0
        # By bucket, oldest first, its ids, oldest first: the list is both read backwards.
        self._buckets: dict[int, list[int]] = {}

    def __iter__(self) -> Iterator[int]:
        for bucket in reversed(self._buckets.values()):
            yield from reversed(bucket)

    def __len__(self) -> int:
        return self._count

    def add(self, stream_id: int) -> None:
        """Put an id in that is not there yet."""
        if self._count == self._size:
            self._grow()
        self._put(stream_id)
        self._count += 1

    def remove(self, stream_id: int) -> None:
        """Take an id out; the order of the others stays. Raises KeyError if it is not there."""
        key = stream_id % self._size
        bucket = self._buckets[key]
        if stream_id not in bucket:
            raise KeyError(stream_id)
        bucket.remove(stream_id)
        self._count -= 1
        if not bucket:
            del self._buckets[key]

    def _put(self, stream_id: int) -> None:
        self._buckets.setdefault(stream_id % self._size, []).append(stream_id)

    def _grow(self) -> None:
        known = list(self)
        self._size = next(size for size in SIZES if size > self._size)
        self._buckets = {}
        for stream_id in known:
            self._put(stream_id)
