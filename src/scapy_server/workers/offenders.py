"""Requests that have ended workers, and are refused for a while."""

from __future__ import annotations

import logging
from collections import OrderedDict

from scapy_server import limits
from scapy_server.transport.job import Job

logger = logging.getLogger(__name__)


class Offenders:
    """Counts offences by request, the oldest forgotten first; times are monotonic seconds.

    Of `limits.DEATHS` offences on, a request is refused for `limits.REFUSED_SECONDS`.
    """

    def __init__(self) -> None:
        self._offences: OrderedDict[bytes, tuple[int, float]] = OrderedDict()

    def again(self, job: Job, now: float) -> None:
        """The request has ended one more worker."""
        offences, _ = self._offences.get(job.fingerprint, (0, 0.0))
        self._note(job, offences + 1, now)

    def at_once(self, job: Job, now: float) -> None:
        """The request is to be refused whatever was counted before."""
        self._note(job, limits.DEATHS, now)

    def refuses(self, job: Job, now: float) -> bool:
        """Whether the request is refused for what it did before."""
        if not self._offences:  # which spares nearly all requests their fingerprint
            return False
        offences, when = self._offences.get(job.fingerprint, (0, now))
        if now > when + limits.REFUSED_SECONDS:
            del self._offences[job.fingerprint]
            return False
        return offences >= limits.DEATHS

    def _note(self, job: Job, offences: int, now: float) -> None:
        self._offences[job.fingerprint] = (offences, now)
        self._offences.move_to_end(job.fingerprint)
        if len(self._offences) > limits.REMEMBERED_OFFENDERS:
            self._offences.popitem(last=False)
        if offences >= limits.DEATHS:
            logger.error(
                "a request ended %d workers and is refused for %d s: %d bytes, sha256 of "
                "method and params %s",
                offences,
                limits.REFUSED_SECONDS,
                len(job.request),
                job.fingerprint.hex(),
            )
