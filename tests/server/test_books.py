"""What is counted, and what stands in the log because of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from scapy_server.errors import ErrorCode
from scapy_server.rpc import Reply
from scapy_server.server.books import Books
from scapy_server.server.log import logger
from scapy_server.server.stats import NO_METHOD, Stats
from scapy_server.transport.router import Undeliverable
from tests.transport.jobs import job

REPLY = Reply(b"{}", "ping")


@pytest.fixture
def books() -> Books:
    return Books(Stats())


class Kept(logging.Handler):
    """Keeps levels and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.levelname, record.getMessage()))


@pytest.fixture
def kept() -> Iterator[Kept]:
    """What stands in the log."""
    handler, level = Kept(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler
    logger.setLevel(level)
    logger.removeHandler(handler)


def test_replies_are_counted_by_method_and_error(books: Books) -> None:
    books.answered(job(), REPLY, 0.001, None, False)
    books.answered(job(), REPLY, 0.001, None, True)
    failed = replace(REPLY, error=ErrorCode.SERVER_ERROR)
    books.answered(job(), failed, 0.001, None, False)
    books.answered(job(), Reply(b"{}", None), 0.001, None, False)
    assert dict(books.stats.replies) == {("ping", 0): 2, ("ping", -32098): 1, (NO_METHOD, 0): 1}
    assert books.stats.without_hop == 1


def test_a_reply_that_nobody_takes_is_counted_by_why(books: Books) -> None:
    books.answered(job(), REPLY, 0.001, Undeliverable("gone", "the client is gone"), False)
    assert dict(books.stats.dropped) == {"gone": 1}
    assert books.stats.replies["ping", 0] == 1


def test_a_bug_stands_in_the_log_in_full(books: Books, kept: Kept) -> None:
    books.answered(job(), replace(REPLY, bug="Traceback\n  here"), 0.001, None, False)
    assert kept.lines[-1] == ("ERROR", "ping failed\nTraceback\n  here")


def test_a_flood_of_refusals_is_few_lines(books: Books, kept: Kept) -> None:
    for _ in range(100):
        books.refused("access", "192.0.2.1", "not allowed")
    books.refused("handshake", "", "no ZeroMQ")
    assert dict(books.stats.refused) == {"access": 100, "handshake": 1}
    told = "refused a connection from 192.0.2.1: access: not allowed"
    assert kept.lines == [
        *(("WARNING", f"{told} ({number} so far)") for number in (1, 2, 4, 8, 16, 32, 64)),
        ("INFO", "refused a connection: handshake: no ZeroMQ (1 so far)"),
    ]


def test_workers_are_counted(books: Books) -> None:
    books.restarted(7, "died", "it was killed")
    books.retried()
    books.moved()
    books.moved()
    stats = books.stats
    assert (dict(stats.restarts), stats.retries, stats.moved) == ({"died": 1}, 1, 2)
    assert [(each.pid, each.reason) for each in stats.last_restarts] == [(7, "it was killed")]
