"""How long to wait before something that keeps failing is started again."""

from __future__ import annotations

import logging
from collections import deque

logger = logging.getLogger(__name__)

_FREE = 8  # losses within the window that are replaced at once
_WINDOW = 10.0  # seconds
_FIRST = 0.1
_LONGEST = 10.0


class Backoff:
    """Counts failures; times are monotonic seconds.

    A few failures in a row cost nothing. From then on each one doubles the wait, until
    there was none for a while.
    """

    def __init__(self) -> None:
        self._failures: deque[float] = deque()
        self._until = 0.0
        self.delay = 0.0

    def failed(self, now: float) -> None:
        """Something that we started has failed."""
        self._forget(now)
        self._failures.append(now)
        if len(self._failures) > _FREE:
            self.delay = min(_LONGEST, 2 * self.delay or _FIRST)
            self._until = now + self.delay
            logger.error(
                "%d failures in %g s: nothing is started for %g s",
                len(self._failures),
                _WINDOW,
                self.delay,
            )

    def may_start(self, now: float) -> bool:
        """Whether the wait, if there is any, is over."""
        self._forget(now)
        return now >= self._until

    def _forget(self, now: float) -> None:
        while self._failures and self._failures[0] < now - _WINDOW - self.delay:
            self._failures.popleft()
        if not self._failures:
            self.delay = 0.0
