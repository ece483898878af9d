"""Verdicts of the pool, with workers that the test itself plays and a clock of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import cast

import pytest

from scapy_server import limits
from scapy_server.errors import RefusedError, ScapyServerError
from scapy_server.rpc.peek import peek
from scapy_server.server.settings import Settings
from scapy_server.server.stats import Stats
from scapy_server.transport.framing import split
from scapy_server.transport.job import Job
from scapy_server.workers.channel import (
    Answer,
    Head,
    Kind,
    Report,
    WireError,
    read_request,
    write_answer,
)
from scapy_server.workers.pool import Pool, State
from scapy_server.workers.zygote_handle import Nursery

SETTINGS = Settings(workers=1, request_timeout=10.0)


class PlayedNursery:
    """Its workers are sockets that the test holds; all have the number of this process."""

    def __init__(self) -> None:
        self.methods = frozenset({"build_pkt"})
        self.loaded = True
        self.failure = None
        self.started = 0.0
        self.workers: list[socket.socket] = []
        self.killed: list[int] = []
        self.said: list[Report] = []
        self.gone = False

    def fork(self, serial: int) -> socket.socket:
        ours, theirs = socket.socketpair()
        self.workers.append(theirs)
        self.said.append(Report(forked=serial, pid=os.getpid()))
        write_answer(theirs, Answer(Head(Kind.READY)))
        return ours

    def kill(self, pid: int) -> None:
        self.killed.append(pid)

    def reports(self) -> Iterator[Report]:
        while self.said:
            yield self.said.pop(0)
        if self.gone:
            raise WireError("the zygote is gone")

    def close(self, patience: float = 0) -> None:
        for worker in self.workers:
            worker.close()


class Table:
    """The pool, what is played around it, and what came of the requests."""

    def __init__(self) -> None:
        self.now = 0.0
        self.nursery = PlayedNursery()
        self.stats = Stats()
        self.pool = Pool(SETTINGS, lambda: cast(Nursery, self.nursery), self.stats)
        self.pool.listener = self
        self.results: list[tuple[Job, object]] = []
        self.settle()

    def answered(self, job: Job, answer: Answer) -> None:
        self.results.append((job, answer.reply))

    def failed(self, job: Job, error: ScapyServerError) -> None:
        self.results.append((job, error.message))

    def close(self) -> None:
        self.pool.close()

    def settle(self) -> None:
        """Let the pool see everything that has happened."""
        for _ in range(3):
            self.pool.reported(self.now)
            for worker in self.pool.workers:
                if worker.state is not State.LOST:
                    self.pool.readable(worker, self.now)
            self.pool.tick(self.now)

    def submit(self, params: str = "[]") -> Job:
        request = b'{"jsonrpc":"2.0","id":1,"method":"build_pkt","params":%s}' % params.encode()
        job = Job(split([b"client", b"", request]), request, peek(request), "", self.now)
        self.pool.submit(job, self.now)
        return job

    def say(self, answer: Answer) -> None:
        """The newest worker reads its request and says this."""
        assert read_request(self.nursery.workers[-1]) is not None
        write_answer(self.nursery.workers[-1], answer)
        self.settle()

    def die(self, status: int) -> None:
        """The newest worker ends."""
        self.nursery.workers[-1].close()
        self.settle()
        self.nursery.said.append(Report(ended=os.getpid(), status=status))
        self.settle()


@pytest.fixture
def table() -> Iterator[Table]:
    with closing(Table()) as table:
        yield table


def test_an_answer(table: Table) -> None:
    job = table.submit()
    table.say(Answer(Head(Kind.ANSWER), b"reply"))
    assert table.results == [(job, b"reply")]
    assert table.pool.unfinished == 0


def test_a_lost_worker_costs_a_retry_and_then_an_error(table: Table) -> None:
    job = table.submit()
    for death in range(1, limits.DEATHS + 1):
        assert table.results == []
        table.die(-11)
        assert len(table.nursery.workers) == 1 + death
    ((failed, message),) = table.results
    assert failed is job
    assert message == (
        "Scapy Server: the request has ended 2 worker processes: the last was killed by SIGSEGV"
    )
    assert table.stats.retries == 1


def test_the_retry_is_answered(table: Table) -> None:
    job = table.submit()
    table.die(-9)
    table.say(Answer(Head(Kind.ANSWER), b"reply"))
    assert table.results == [(job, b"reply")]


def test_last_words_count(table: Table) -> None:
    job = table.submit()
    assert read_request(table.nursery.workers[-1]) is not None
    write_answer(table.nursery.workers[-1], Answer(Head(Kind.ANSWER), b"reply"))
    table.die(-9)
    assert table.results == [(job, b"reply")]
    assert table.stats.retries == 0


def test_a_request_that_killed_is_refused_for_a_while_whatever_its_id(table: Table) -> None:
    table.submit('["bad"]')
    for _ in range(limits.DEATHS):
        table.die(-11)
    table.now += limits.REFUSED_SECONDS
    with pytest.raises(RefusedError, match="has ended 2 worker processes and is refused for now"):
        table.submit('["bad"]')
    table.submit('["good"]')
    table.now += 1
    table.submit('["bad"]')


def test_only_so_many_are_remembered(table: Table) -> None:
    table.submit('["first"]')
    table.die(-11)
    table.die(-11)
    for number in range(limits.REMEMBERED_OFFENDERS):
        table.submit(f"[{number}]")
        table.say(Answer(Head(Kind.OUT_OF_MEMORY)))
    forgotten = table.submit('["first"]')
    table.say(Answer(Head(Kind.ANSWER), b"built"))
    assert table.results[-1] == (forgotten, b"built")


def test_memory_is_the_fault_of_the_request(table: Table) -> None:
    job = table.submit()
    table.say(Answer(Head(Kind.OUT_OF_MEMORY)))
    message = f"Scapy Server: build_pkt needed more than {2**30} bytes of memory and was stopped"
    assert table.results == [(job, message)]
    assert table.nursery.killed == [os.getpid()]
    assert len(table.nursery.workers) == 2


def test_the_deadline(table: Table) -> None:
    job = table.submit()
    table.now = 9.9
    table.settle()
    assert table.results == []
    table.now = 10.1
    table.pool.workers[0].processor_seen = None  # as for one that was never slow before
    table.settle()
    message = "Scapy Server: build_pkt took longer than 10 seconds and was stopped"
    assert table.results == [(job, message)]


def test_waiting_has_an_end(table: Table) -> None:
    table.submit('["works"]')
    table.now = 5.0
    waiting = table.submit('["waits"]')
    table.now = 9.0
    table.say(Answer(Head(Kind.ANSWER), b"1"))
    table.say(Answer(Head(Kind.ANSWER), b"2"))
    assert table.results[1] == (waiting, b"2")
    table.submit('["works"]')
    table.now = 11.0
    waiting = table.submit('["waits"]')
    table.now = 18.9
    table.settle()
    assert len(table.results) == 2
    worker = table.pool.workers[0]
    worker.deadline = 1000.0
    table.now = 21.1
    table.settle()
    assert table.results[2] == (
        waiting,
        "Scapy Server: the server is busy: no worker was free for it in 10 seconds",
    )


def test_a_worker_that_has_grown_is_replaced_after_its_answer(table: Table) -> None:
    job = table.submit()
    table.say(Answer(Head(Kind.ANSWER, memory=2**29 + 1), b"reply"))
    assert table.results == [(job, b"reply")]
    assert len(table.nursery.workers) == 2


def test_a_worker_that_talks_nonsense_is_taken_for_lost(table: Table) -> None:
    job = table.submit()
    table.nursery.workers[-1].sendall(b"\xff" * 100)
    table.settle()
    table.now += 2.0  # nobody says how it ended, as it has not
    table.settle()
    table.say(Answer(Head(Kind.ANSWER), b"reply"))
    assert table.results == [(job, b"reply")]


def test_without_the_zygote_everything_begins_again(table: Table) -> None:
    job = table.submit()
    old, table.nursery = table.nursery, PlayedNursery()
    old.gone = True
    table.settle()
    table.say(Answer(Head(Kind.ANSWER), b"reply"))
    assert table.results == [(job, b"reply")]
    assert job.deaths == 0


def test_what_is_unfinished_can_be_abandoned(table: Table) -> None:
    jobs = [table.submit(f"[{number}]") for number in range(3)]
    table.pool.abandon(RefusedError("the end"))
    assert table.results == [(job, "Scapy Server: the end") for job in jobs]
    assert table.pool.unfinished == 0
