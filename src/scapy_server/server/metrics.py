"""The same books for Prometheus, over HTTP, in a thread of its own that only reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from scapy_server.server.scrapes import Scrapes
from scapy_server.server.stats import BUCKETS, Stats

if TYPE_CHECKING:
    from scapy_server.workers.pool import Pool


class _Books(Collector):
    def __init__(self, pool: Pool, stats: Stats) -> None:
        self._pool = pool
        self._stats = stats

    def collect(self) -> Iterator[Metric]:
        yield from self._replies()
        yield from self._processes()
        yield _counter("refused_connections", "Connections not let in", self._stats.refused)
        yield _counter("dropped_replies", "Replies that no client took", self._stats.dropped)

    def _replies(self) -> Iterator[Metric]:
        replies = CounterMetricFamily(
            "scapy_server_replies", "Replies; code 0 is success", labels=["method", "code"]
        )
        for (method, code), count in list(self._stats.replies.items()):
            replies.add_metric([method, str(code)], count)
        yield replies
        seconds = HistogramMetricFamily(
            "scapy_server_latency_seconds", "From request to reply", labels=["method"]
        )
        for method, latencies in list(self._stats.latencies.items()):
            total, buckets = 0, []
            bounds = [*map(str, BUCKETS), "+Inf"]
            for bound, count in zip(bounds, list(latencies.buckets), strict=True):
                total += count
                buckets.append((bound, total))
            seconds.add_metric([method], buckets, latencies.total)
        yield seconds

    def _processes(self) -> Iterator[Metric]:
        workers = self._pool.workers
        states: dict[str, int] = {}
        memory = GaugeMetricFamily(
            "scapy_server_worker_memory_bytes", "Resident memory", labels=["pid"]
        )
        for worker in workers:
            states[worker.state.value] = states.get(worker.state.value, 0) + 1
            memory.add_metric([str(worker.pid)], worker.memory)
        yield _gauge("workers", "Worker processes by state", states)
        yield memory
        queue = self._pool.queue
        yield GaugeMetricFamily("scapy_server_queued_requests", "Requests waiting", len(queue))
        yield GaugeMetricFamily("scapy_server_queued_bytes", "Their size", queue.bytes)
        yield CounterMetricFamily(
            "scapy_server_retried_requests",
            "Requests given to a second worker",
            self._stats.retries,
        )
        yield _counter("worker_restarts", "Workers replaced", self._stats.restarts)
        yield GaugeMetricFamily(
            "scapy_server_start_time_seconds", "Start, since the epoch", self._stats.started
        )


def _counter(name: str, text: str, values: dict[str, int]) -> Metric:
    family = CounterMetricFamily(f"scapy_server_{name}", text, labels=["reason"])
    for label, value in list(values.items()):
        family.add_metric([label], value)
    return family


def _gauge(name: str, text: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(f"scapy_server_{name}", text, labels=["state"])
    for label, value in values.items():
        family.add_metric([label], value)
    return family


class Metrics(Scrapes):
    """An HTTP server with the metrics; OSError when the port is not to be had."""

    def __init__(self, host: str, port: int, pool: Pool, stats: Stats) -> None:
        super().__init__(host, port, _Books(pool, stats))
