"""Answers that need no worker.

The front asks its shortcut about every request before it is queued, so answering must be
quick, bounded and free of packet code. A worker teaches it: the `note` of a reply is
handed to `learn` in the front, and means nothing to anybody else.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from scapy_server.rpc import Reply
from scapy_server.server.log import logger
from scapy_server.services.packets.known import KnownAnswers


class Shortcut(Protocol):
    """What the front knows without asking a worker."""

    def answer(self, request: bytes, method: str) -> Reply | None:
        """The reply to a request for this method, None if a worker must make it."""

    def learn(self, note: bytes) -> None:
        """Take what a worker handed over with an answer. Never raises."""


class LearningShortcut:
    """Gives the answers that workers have taught it. A bug in it costs a hop, not the front."""

    def __init__(self) -> None:
        self._known = KnownAnswers()

    def answer(self, request: bytes, method: str) -> Reply | None:
        """As `KnownAnswers.answer`. Never raises."""
        try:
            return self._known.answer(request, method)
        except Exception:
            logger.exception("the shortcut failed on a request for %s", method)
            return None

    def learn(self, note: bytes) -> None:
        """As `KnownAnswers.learn`. Never raises."""
        try:
            self._known.learn(note)
        except msgspec.DecodeError as error:
            logger.error("a worker's note cannot be read: %s", error)
