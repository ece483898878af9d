"""A text stream that never waits: what cannot be written at once is dropped, and counted.

A log may go to a pipe whose reader has stopped, or to a terminal that is held. Its file is
asked whether it takes as much as it always takes at once before each piece is written;
that leaves the flags of a file alone which others write to as well.
"""

from __future__ import annotations

import os
import select
from contextlib import suppress
from pathlib import Path

_PIECE = select.PIPE_BUF  # so much a pipe takes at once, if it takes anything

#: Lines that were dropped, by this process.
_dropped = 0


def dropped_lines() -> int:
    """How many lines no log could take so far."""
    return _dropped


def drop_line() -> None:
    """Count a line that could not be written."""
    global _dropped  # noqa: PLW0603 (a process has one log)
    _dropped += 1


class LogStream:
    """Writes to a descriptor, as far as logging needs it."""

    def __init__(self, descriptor: int, owned: bool) -> None:
        self._descriptor = descriptor
        self._owned = owned
        self._missing = 0

    @classmethod
    def of_file(cls, path: Path) -> LogStream:
        """A file to append to; OSError if it cannot be written, also if it is a pipe unread."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        return cls(os.open(path, flags, 0o666), owned=True)

    def write(self, text: str) -> int:
        """Write the line, or drop what is left of it."""
        if self._missing and not self._put(f"{self._missing} lines of the log were dropped\n"):
            self._missing += 1
            drop_line()
            return len(text)
        self._missing = 0
        if not self._put(text):
            self._missing = 1
            drop_line()
        return len(text)

    def _put(self, text: str) -> bool:
        data = text.encode("utf-8", "backslashreplace")
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        with suppress(OSError):
            for start in range(0, len(data), _PIECE):
                if not any(events & select.POLLOUT for _, events in poll.poll(0)):
                    return False
                piece = data[start : start + _PIECE]
                if os.write(self._descriptor, piece) < len(piece):
                    return False
            return True
        return False

    def flush(self) -> None:
        """Nothing is kept."""

    def fileno(self) -> int:
        return self._descriptor

    def tell(self) -> int:
        """How long the file is."""
        return os.fstat(self._descriptor).st_size

    def seek(self, offset: int, whence: int = 0) -> int:
        """The end is where it always writes."""
        return self.tell()

    def close(self) -> None:
        """Close the file, if it is ours alone."""
        if self._owned and self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
