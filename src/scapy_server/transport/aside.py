"""What takes long, done by a thread beside the loop, such as opening large messages.

Only one thing is done at a time. The thread runs what it is given, which must touch nothing
else, and says whose it was when it is done.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from io import FileIO
from typing import TypeVar

T = TypeVar("T")
_ONE = (1).to_bytes(8, sys.byteorder)  # what an eventfd counts, eventfd(2)


class Aside:
    """Work by the number of the connection that it is for."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "aside")
        self._bell = FileIO(os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC), "r+")
        self._done: deque[int] = deque()

    def fileno(self) -> int:
        """A descriptor that is readable when something is done."""
        return self._bell.fileno()

    def start(self, number: int, work: Callable[[], T]) -> Future[T]:
        """Have this done for a connection."""

        def tell(_: Future[T]) -> None:
            self._done.append(number)
            self._bell.write(_ONE)

        future = self._thread.submit(work)
        future.add_done_callback(tell)
        return future

    def done(self) -> list[int]:
        """For which connections something was done since last asked."""
        self._bell.read(len(_ONE))
        return [self._done.popleft() for _ in range(len(self._done))]

    def close(self) -> None:
        """Wait for what is being done, and forget the rest."""
        self._thread.shutdown(cancel_futures=True)
        self._bell.close()
