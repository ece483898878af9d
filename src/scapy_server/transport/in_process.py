"""A backend that runs methods right where it is asked: for a service that keeps state.

Nothing is ever run twice, and everything in the order in which it came. Methods must be
quick, as nobody else is served meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping

from scapy_server.errors import ScapyServerError
from scapy_server.rpc import Dispatcher
from scapy_server.transport.backend import Answered, Outcome
from scapy_server.transport.job import Job


class InProcess:
    """Gives each job to a dispatcher at once."""

    generation = 0
    unfinished = 0
    patience = 0.0
    held_bytes = 0

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._outcomes: list[Outcome] = []

    def knows(self, method: str) -> bool:
        return self._dispatcher.knows(method)

    def submit(self, job: Job, now: float) -> None:
        """Run it."""
        self._outcomes.append(Answered(job, self._dispatcher.handle(job.request)))

    def give_way(self, excess: int) -> int:
        """Nothing ever waits."""
        return 0

    def forget(self, owner: str, connection: int) -> None:
        """Nothing ever waits."""

    def descriptors(self) -> Mapping[int, int]:
        """None: there is nobody else."""
        return {}

    def ready(self, descriptor: int, events: int, now: float) -> None:
        """Never called."""

    def tick(self, now: float) -> None:
        """Nothing has a deadline."""

    def next_deadline(self) -> float:
        return float("inf")

    def outcomes(self) -> list[Outcome]:
        outcomes, self._outcomes = self._outcomes, []
        return outcomes

    def abandon(self, error: ScapyServerError) -> None:
        """Nothing is ever unfinished."""

    def close(self) -> None:
        """Nothing is held."""
