"""Answers that need no worker.

The front asks its shortcut about every request before it is queued, so answering must be
quick, bounded and free of packet code. A worker teaches it: the `note` of a reply is
handed to `learn` in the front, and means nothing to anybody else.
"""

from __future__ import annotations

from typing import Protocol

from scapy_server.rpc import Reply


class Shortcut(Protocol):
    """What the front knows without asking a worker."""

    def answer(self, request: bytes, method: str) -> Reply | None:
        """The reply to a request for this method, None if a worker must make it."""

    def learn(self, note: bytes) -> None:
        """Take what a worker handed over with an answer. Never raises."""


class NoShortcut:
    """Every request goes to a worker."""

    def answer(self, request: bytes, method: str) -> Reply | None:
        return None

    def learn(self, note: bytes) -> None:
        pass
