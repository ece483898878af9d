"""What the control plane needs of a data plane, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from scapy_server.services.ports.plane.commands import Command, Reply
from scapy_server.services.ports.plane.counters import Counters


class Link(Protocol):
    """A data plane at the other end of something. Counters are read without asking it."""

    @property
    def numbers(self) -> Sequence[int]:
        """The ports that it has, in the order of its counters."""
        ...

    @property
    def counters(self) -> Counters:
        """What it counts."""
        ...

    def ask(self, command: Command) -> Reply:
        """Have a command carried out. A data plane that is gone answers Refused."""
        ...


class Bridges(Protocol):
    """Programs with which ports exchange frames, outside of this service."""

    def allows(self, endpoint: str) -> bool:
        """Whether frames may be exchanged with whoever is there."""
        ...

    def open(self, port: int, endpoint: str) -> None:
        """Exchange frames of a port."""
        ...

    def close(self, port: int) -> None:
        """Exchange no more."""
        ...

    def hand(self, port: int, frame: bytes) -> None:
        """Give the program of a port a frame."""
        ...


class NoEndpoint(Exception):
    """There is nothing that captures may be written to."""


class Exports(Protocol):
    """Programs and files that captures are written to, outside of this service."""

    def open(self, capture: int, endpoint: str, name: str) -> str:
        """Begin to write a capture; where exactly. `name` is for a file of a directory.

        Raises NoEndpoint.
        """
        ...

    def write(self, capture: int, data: bytes) -> bool:
        """Write some bytes; False where there is no room for them at the moment."""
        ...

    def close(self, capture: int) -> None:
        """Write no more."""
        ...
