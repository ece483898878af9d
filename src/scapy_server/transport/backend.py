"""What a front needs of whoever runs a service's methods, and no more.

A backend is given jobs, polled for its descriptors, told of time, and asked what came of
the jobs: for each one that it took exactly one outcome, sooner or later. It owns no socket
of a client's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from scapy_server.errors import ScapyServerError
from scapy_server.rpc import Reply
from scapy_server.transport.job import Job


@dataclass(frozen=True)
class Answered:
    """The job has a reply, be it an error, from what is loaded as this generation."""

    job: Job
    reply: Reply
    generation: int = 0


@dataclass(frozen=True)
class Failed:
    """The job will have no other reply than this error."""

    job: Job
    error: ScapyServerError


Outcome = Answered | Failed


class Backend(Protocol):
    """Runs the methods of a service."""

    @property
    def unfinished(self) -> int:
        """How many jobs have no outcome yet."""

    @property
    def patience(self) -> float:
        """How many seconds a job may take, from its submission to its outcome."""

    @property
    def generation(self) -> int:
        """How often what answers was given up to be loaded anew, maybe as something else.

        What was learnt from replies of one generation need not be true in the next.
        """

    @property
    def held_bytes(self) -> int:
        """The size of all jobs that have no outcome yet."""

    def give_way(self, excess: int) -> int:
        """Refuse jobs of those who have most waiting, to hold so much less; how much it was."""

    def knows(self, method: str) -> bool:
        """Whether there is a method of this name."""

    def submit(self, job: Job, now: float) -> None:
        """Take a job; raises ScapyServerError if it is refused, and has no outcome then."""

    def forget(self, owner: str, connection: int) -> None:
        """A connection has ended: what waits of it need not be done any more."""

    def descriptors(self) -> Mapping[int, int]:
        """What to poll, and for which of the events of `select.poll`."""

    def ready(self, descriptor: int, events: int, now: float) -> None:
        """Something has happened that was polled for."""

    def tick(self, now: float) -> None:
        """Look after deadlines; called several times a second, and at `next_deadline`."""

    def next_deadline(self) -> float:
        """When `tick` must be called at the latest; infinite if there is no hurry."""

    def outcomes(self) -> Iterable[Outcome]:
        """What came of jobs since last asked."""

    def abandon(self, error: ScapyServerError) -> None:
        """Let this error be the outcome of all that is unfinished."""

    def close(self) -> None:
        """Let go of everything."""
