"""A file of bytes that is read forwards once and knows where it is, and where that ends."""

from __future__ import annotations

from typing import Protocol


class Readable(Protocol):
    """What is read: files, sockets' files, and what unpacks one."""

    def read(self, count: int, /) -> bytes:
        """The next `count` bytes, fewer at the end only."""
        ...


class Source:
    """The bytes of a file from its start, of which some may have been read before."""

    def __init__(self, file: Readable, start: bytes = b"") -> None:
        self._file = file
        self._start = start
        self.position = 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes, fewer at the end."""
        if self._start:
            data, self._start = self._start[:count], self._start[count:]
            if len(data) < count:
                data += self._file.read(count - len(data))
        else:
            data = self._file.read(count)
        self.position += len(data)
        return data

    def peek(self, count: int) -> bytes:
        """The next `count` bytes, which are still to be taken."""
        if len(self._start) < count:
            self._start += self._file.read(count - len(self._start))
        return self._start[:count]


class DamagedCapture(Exception):
    """Nothing is found from here on: why, and the bytes that were taken in vain.

    Raised and caught inside this package; users find the sentence in `Capture.damage`.
    """

    def __init__(self, problem: str, taken: bytes = b"") -> None:
        super().__init__(problem)
        self.problem = problem
        self.taken = taken
