"""Answers that need no backend.

The front asks its shortcut about every request before it is queued, so answering must be
quick, bounded and free of packet code. A worker teaches it: the `note` of a reply is
handed to `learn` in the front, and means nothing to anybody else.
"""

from __future__ import annotations

import logging
from typing import Protocol

from scapy_server.rpc import Reply

logger = logging.getLogger(__name__)


class Shortcut(Protocol):
    """What the front knows without asking a backend."""

    def answer(self, request: bytes, method: str, generation: int) -> Reply | None:
        """The reply to a request for this method, None if a backend must make it.

        `generation` is that of the backend now: what an earlier one taught is not known any more.
        """

    def learn(self, note: bytes, generation: int) -> None:
        """Take what came with an answer of a backend's generation."""


class NoShortcut:
    """Knows nothing."""

    def answer(self, request: bytes, method: str, generation: int) -> Reply | None:
        return None

    def learn(self, note: bytes, generation: int) -> None:
        pass


class Guarded:
    """A shortcut whose bugs cost a hop, not the front: neither method ever raises."""

    def __init__(self, shortcut: Shortcut) -> None:
        self._shortcut = shortcut

    def answer(self, request: bytes, method: str, generation: int) -> Reply | None:
        try:
            return self._shortcut.answer(request, method, generation)
        except Exception:
            logger.exception("the shortcut failed on a request for %s", method)
            return None

    def learn(self, note: bytes, generation: int) -> None:
        try:
            self._shortcut.learn(note, generation)
        except Exception:
            logger.exception("a worker's note cannot be read")
