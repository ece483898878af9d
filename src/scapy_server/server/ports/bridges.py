"""Programs with which ports exchange frames: none yet from a server that opens no connection."""

from __future__ import annotations


class NoBridges:
    """Refuses every endpoint: the server opens no connection that a client asks for."""

    def allows(self, endpoint: str) -> bool:
        return False

    def open(self, port: int, endpoint: str) -> None:
        """Never called."""

    def close(self, port: int) -> None:
        """Never called."""

    def hand(self, port: int, frame: bytes) -> None:
        """Never called."""
