"""How a running server is doing: the result of `server_status`.

Source: docs/operation.md, "Watching".
"""

from __future__ import annotations

import msgspec


class WorkerStatus(msgspec.Struct, frozen=True):
    """A worker; `busy_seconds` is how long it has worked on its request, 0 while it has none."""

    pid: int
    state: str
    age_seconds: float
    requests: int
    memory_bytes: int
    busy_seconds: float


class QueueStatus(msgspec.Struct, frozen=True):
    """What waits for a worker."""

    requests: int
    bytes: int
    clients: int


class MethodStatus(msgspec.Struct, frozen=True):
    """Requests of a method, errors by code, and percentiles of the last minutes."""

    requests: int
    errors: dict[str, int]
    latency_ms: dict[str, float] | None


class Restart(msgspec.Struct, frozen=True):
    """A worker that was replaced: when (seconds since the epoch), which, and why."""

    time: float
    pid: int
    reason: str


class Restarts(msgspec.Struct, frozen=True):
    """All workers that were replaced, and the last of them."""

    total: int
    by_reason: dict[str, int]
    backing_off_seconds: float
    last: list[Restart]


class ServerStatus(msgspec.Struct, frozen=True):
    """What an operator wants to know; counts are since the start."""

    server_version: str
    pid: int
    front_pid: int
    uptime_seconds: float
    memory_bytes: int
    lost_fronts: int
    connections: int
    workers: list[WorkerStatus]
    queue: QueueStatus
    unread_reply_bytes: int
    requests: int
    errors: dict[str, int]
    methods: dict[str, MethodStatus]
    answered_without_worker: int
    retried_requests: int
    moved_requests: int
    restarts: Restarts
    dropped_replies: dict[str, int]
    dropped_log_lines: int
    refused_connections: dict[str, int]
