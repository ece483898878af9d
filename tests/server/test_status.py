"""The report of a pool, a router and the counters that the test holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scapy_server.schema.status import ServerStatus
from scapy_server.server.books import Books
from scapy_server.server.stats import Stats
from scapy_server.server.status import Fronts, report
from scapy_server.transport.access import Rules
from scapy_server.transport.listening import listen
from scapy_server.transport.router import Router
from tests.workers.test_pool import Table


@contextmanager
def reported(table: Table, stats: Stats, now: float) -> Iterator[ServerStatus]:
    router = Router(listen("127.0.0.1", 0), Books(stats), Rules(), 100)
    yield report(table.pool, router, stats, Fronts(1), now)
    router.close()


@pytest.fixture
def table() -> Iterator[Table]:
    table = Table()
    yield table
    table.close()


def test_a_worker_and_what_waits_for_it(table: Table) -> None:
    table.submit()
    table.submit(connection=2)
    table.submit(connection=3)
    with reported(table, Stats(), table.now + 2.5) as status:
        (worker,) = status.workers
        assert (worker.state, worker.busy_seconds, worker.age_seconds) == ("busy", 2.5, 2.5)
        assert status.queue.requests == 2
        assert status.queue.bytes > 0
        assert status.connections == 0


def test_an_idle_worker_is_busy_with_nothing(table: Table) -> None:
    with reported(table, Stats(), table.now + 2.5) as status:
        assert [(worker.state, worker.busy_seconds) for worker in status.workers] == [("idle", 0)]
        assert (status.queue.requests, status.queue.bytes) == (0, 0)


def test_counters_are_summed(table: Table) -> None:
    stats = Stats(lambda: 9)
    for method, error in (("a", None), ("a", -32601), ("b", -32601), ("b", -32098)):
        stats.answered(method, error, 0.0, 0.001)
    stats.retries, stats.moved, stats.without_hop = 3, 4, 5
    stats.dropped["gone"] = 6
    stats.refused["access"] = 7
    stats.restarted(8, "died", "why")
    with reported(table, stats, 1.0) as status:
        assert status.requests == 4
        assert status.errors == {"-32601": 2, "-32098": 1}
        assert sorted(status.methods) == ["a", "b"]
        assert (status.retried_requests, status.moved_requests) == (3, 4)
        assert status.answered_without_worker == 5
        assert (status.dropped_replies, status.refused_connections) == ({"gone": 6}, {"access": 7})
        assert (status.restarts.total, status.restarts.by_reason) == (1, {"died": 1})
        assert status.dropped_log_lines == 9
