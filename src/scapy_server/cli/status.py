"""`scapy-server status`: how a running server is doing."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from scapy_server.cli import operation
from scapy_server.cli.asking import DEFAULT_SERVER, Server, Timeout, asked
from scapy_server.cli.screen import screen, table
from scapy_server.schema.status import MethodStatus, ServerStatus, WorkerStatus

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def status(
    server: Server = DEFAULT_SERVER,
    timeout: Timeout = 5.0,
    curve_keys: operation.ClientKeys = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it, as JSON.")] = False,
) -> None:
    """Show how a running server is doing: workers, requests, latencies, restarts."""
    result = asked(server, timeout, curve_keys, "server_status")
    if as_json:
        typer.echo(json.dumps(result, indent=2))
    else:
        show_status(msgspec.convert(result, ServerStatus), screen())


def show_status(status: ServerStatus, console: Console) -> None:
    """Print the result of `server_status` for people."""
    uptime = _duration(status.uptime_seconds)
    console.print(f"Scapy Server {status.server_version}, process {status.pid}, up {uptime}")
    console.print(
        f"{status.requests} requests, {status.queue.requests} waiting; "
        f"{status.restarts.total} workers replaced, {status.retried_requests} requests retried"
    )
    for title, counts in (
        ("errors", status.errors),
        ("refused connections", status.refused_connections),
        ("dropped replies", status.dropped_replies),
    ):
        if counts:
            console.print(f"{title}: " + ", ".join(f"{k} {v}" for k, v in counts.items()))
    console.print(_workers(status.workers))
    console.print(_methods(status.methods))
    for restart in status.restarts.last[-5:]:
        when = datetime.fromtimestamp(restart.time).isoformat(" ", "seconds")
        console.print(f"{when} worker {restart.pid} replaced: {restart.reason}")


def _workers(workers: list[WorkerStatus]) -> Table:
    rows = table("worker", "state", "age", "requests", "memory")
    for worker in workers:
        rows.add_row(
            str(worker.pid),
            worker.state,
            _duration(worker.age_seconds),
            str(worker.requests),
            f"{worker.memory_bytes / 1024**2:.0f} MiB",
        )
    return rows


def _methods(methods: dict[str, MethodStatus]) -> Table:
    columns = ("p50", "p90", "p99", "max")
    rows = table("method", "requests", "errors", *(f"{c} ms" for c in columns))
    for name, method in methods.items():
        latency = method.latency_ms or {}
        rows.add_row(
            name,
            str(method.requests),
            str(sum(method.errors.values())),
            *(f"{latency[column]:.1f}" if latency else "-" for column in columns),
        )
    return rows


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
