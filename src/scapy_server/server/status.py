"""The result of `server_status`: what an operator wants to know, from the front's own books."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from scapy_server import release
from scapy_server.process import kernel
from scapy_server.schema.status import QueueStatus, Restarts, ServerStatus, WorkerStatus
from scapy_server.server.stats import Stats
from scapy_server.transport.router import Router
from scapy_server.workers.pool import Pool
from scapy_server.workers.staff import Worker


@dataclass(frozen=True)
class Fronts:
    """The process that was started, and how many fronts were lost so far."""

    pid: int
    lost: int = 0


def report(pool: Pool, router: Router, stats: Stats, fronts: Fronts, now: float) -> ServerStatus:
    """Everything. `now` is monotonic; times of restarts are since the epoch."""
    return ServerStatus(
        server_version=release.VERSION,
        pid=fronts.pid,
        front_pid=os.getpid(),
        uptime_seconds=round(time.time() - stats.started, 3),
        memory_bytes=kernel.resident_bytes(),
        lost_fronts=fronts.lost,
        connections=router.count,
        workers=[_worker(worker, now) for worker in pool.workers],
        queue=QueueStatus(len(pool.queue), pool.queue.bytes, pool.queue.clients),
        unread_reply_bytes=router.unread_bytes,
        requests=sum(stats.replies.values()),
        errors=_errors(stats),
        methods=stats.by_method(now),
        answered_without_worker=stats.without_hop,
        retried_requests=stats.retries,
        moved_requests=stats.moved,
        restarts=Restarts(
            sum(stats.restarts.values()),
            dict(stats.restarts),
            pool.backing_off,
            list(stats.last_restarts),
        ),
        dropped_replies=dict(stats.dropped),
        dropped_log_lines=stats.dropped_lines(),
        refused_connections=dict(stats.refused),
    )


def _worker(worker: Worker, now: float) -> WorkerStatus:
    return WorkerStatus(
        pid=worker.pid,
        state=worker.state.value,
        age_seconds=round(now - worker.born, 3),
        requests=worker.requests,
        memory_bytes=worker.memory,
        busy_seconds=0 if worker.job is None else round(now - worker.since, 3),
    )


def _errors(stats: Stats) -> dict[str, int]:
    totals: dict[str, int] = {}
    for (_, code), count in sorted(stats.replies.items()):
        if code:
            totals[str(code)] = totals.get(str(code), 0) + count
    return totals
