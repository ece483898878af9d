"""The books: what happened is counted, and written to the log, in one place."""

from __future__ import annotations

import logging

from scapy_server.rpc import Reply
from scapy_server.server.log import log_reply, log_request, logger
from scapy_server.server.stats import Stats
from scapy_server.transport.job import Job
from scapy_server.transport.router import Undeliverable


class Books:
    """Is told of everything by front, router and pool, and decides nothing."""

    def __init__(self, stats: Stats) -> None:
        self.stats = stats

    def asked(self, job: Job) -> None:
        """As `transport.front.Books`."""
        log_request(job)

    def answered(
        self, job: Job, reply: Reply, seconds: float, lost: Undeliverable | None, short: bool
    ) -> None:
        """As `transport.front.Books`."""
        error = None if reply.error is None else int(reply.error)
        self.stats.answered(reply.method, error, job.arrived + seconds, seconds)
        self.stats.without_hop += short
        if lost is not None:
            self.stats.dropped[lost.kind] += 1
        if logger.isEnabledFor(logging.INFO):
            log_reply(job, reply, seconds, None if lost is None else str(lost))
        if reply.bug:
            logger.error("%s failed\n%s", reply.method, reply.bug)

    def refused(self, reason: str, address: str, problem: str) -> None:
        """As `transport.doorway.Doorkeeper`."""
        self.stats.refused[reason] += 1
        number = self.stats.refused[reason]
        if number & (number - 1) == 0:  # the 1st, 2nd, 4th, …: no flood of lines
            who = f" from {address}" if address else ""
            # Scanners and health checks do not finish a handshake; that is no news.
            level = logging.INFO if reason == "handshake" else logging.WARNING
            logger.log(
                level, "refused a connection%s: %s: %s (%d so far)", who, reason, problem, number
            )

    def restarted(self, pid: int, kind: str, reason: str) -> None:
        """As `workers.pool.Books`."""
        self.stats.restarted(pid, kind, reason)

    def retried(self) -> None:
        """As `workers.pool.Books`."""
        self.stats.retries += 1

    def moved(self) -> None:
        """As `workers.pool.Books`."""
        self.stats.moved += 1
