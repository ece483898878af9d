"""What every kind of port can do."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the command line names kinds of ports, and is to load no NumPy for that
    from scapy_server.services.ports.plane.batch import Batch


class LineError(Exception):
    """A line cannot be opened, or has failed; the text is for the operator."""


class Line(Protocol):
    """One port's end of what it is connected to. All times are the data plane's."""

    @property
    def next_time(self) -> float:
        """When something that is known to come arrives; infinity if nothing is."""
        ...

    @property
    def descriptor(self) -> int | None:
        """What becomes readable when something arrives; None if nothing can be waited for."""
        ...

    @property
    def is_up(self) -> bool:
        """Whether it is connected to anything."""
        ...

    @property
    def lost(self) -> int:
        """How many of the packets that were sent are known to be lost on the way."""
        ...

    def dropped(self) -> int:
        """How many arrived and found no room here, since this was asked last."""
        ...

    def send(self, batch: Batch) -> int:
        """Send packets; how many of them could not be sent."""
        ...

    def receive(self, now: float) -> Batch:
        """What has arrived until now, with the times at which it did."""
        ...

    def flush(self) -> None:
        """Traffic has paused: write down what is held back."""
        ...

    def close(self) -> None:
        """Nothing is sent or received any more."""
        ...


class Deaf:
    """The parts of a line on which nothing arrives or is lost, or that needs no care."""

    next_time = inf
    descriptor: int | None = None
    is_up = True
    lost = 0

    def dropped(self) -> int:
        """There is room for all that arrives."""
        return 0

    def flush(self) -> None:
        """There is nothing held back."""

    def close(self) -> None:
        """There is nothing to close."""
