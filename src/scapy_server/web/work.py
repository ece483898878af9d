"""Work that takes its time: how far it is, shown to all who look, and cancelled by any of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from scapy_server.desk.errors import DeskError

T = TypeVar("T")

#: Work that is done sooner is not shown, in seconds.
SHOWN_AFTER = 0.5
#: For so long it may keep others from their turns, in seconds.
_TURN = 0.03


class Work:
    """A piece of work. `total` is None where nobody knows how much there is."""

    def __init__(self, text: str, total: int | None = None) -> None:
        self.text = text
        self.total = total
        self.done = 0
        self.is_cancelled = False
        self.stop: Callable[[], object] = lambda: None
        self._begun = self._turned = time.monotonic()

    @property
    def is_long(self) -> bool:
        """Whether it has taken so long that people want to know."""
        return time.monotonic() - self._begun >= SHOWN_AFTER

    @property
    def share(self) -> float | None:
        """How much of it is done, from 0 to 1."""
        return None if not self.total else min(1.0, self.done / self.total)

    def cancel(self) -> None:
        """Have it end at its next step, or what is waited for be waited for no more."""
        self.is_cancelled = True
        self.stop()

    def tell(self, done: int, total: int) -> None:
        """How far it is, as another thread says; DeskError where it is to end."""
        self.done, self.total = done, total
        if self.is_cancelled:
            raise DeskError(f"{self.text}: cancelled")

    async def step(self, count: int = 1) -> bool:
        """Some more is done, and others have their turns; whether it is to go on."""
        self.done += count
        if time.monotonic() - self._turned >= _TURN:
            await asyncio.sleep(0)
            self._turned = time.monotonic()
        return not self.is_cancelled


class Works:
    """What is being done for a document at the moment."""

    def __init__(self) -> None:
        self._works: list[Work] = []

    def long(self) -> list[Work]:
        """What people want to see."""
        return [each for each in self._works if each.is_long]

    @contextmanager
    def begin(self, text: str, total: int | None = None) -> Iterator[Work]:
        """Work, from here on to the end of the block."""
        work = Work(text, total)
        self._works.append(work)
        try:
            yield work
        finally:
            self._works.remove(work)

    async def wait(self, text: str, doing: Coroutine[Any, Any, T]) -> T:
        """What a coroutine returns; DeskError where people would not wait for that."""
        with self.begin(text) as work:
            task = asyncio.ensure_future(doing)
            work.stop = task.cancel
            try:
                return await task
            except asyncio.CancelledError:
                if not work.is_cancelled:
                    raise
                raise DeskError(f"{text}: cancelled") from None
