"""Verdicts of the pool, with workers that the test itself plays and a clock of its own."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import cast

import pytest

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.process import kernel
from scapy_server.transport import trust
from scapy_server.transport.backend import Answered
from scapy_server.transport.job import Job
from scapy_server.workers.channel import (
    Answer,
    Head,
    Kind,
    MethodFacts,
    Report,
    WireError,
    read_request,
    write_answer,
)
from scapy_server.workers.pool import Pool, Rules
from scapy_server.workers.zygote_handle import ZygoteHandle
from tests.transport.jobs import job as job_of

RULES = Rules(workers=1, request_timeout=10.0, worker_memory=2**30)


class PlayedZygote:
    """Its workers are sockets that the test holds; all have the number of this process."""

    def __init__(self) -> None:
        facts = (MethodFacts("build_pkt"), MethodFacts("start", repeatable=False))
        self.methods = {method.name: method for method in facts}
        self.pid = os.getpid()
        self.loaded = True
        self.failure = None
        self.started = 0.0
        self.workers: list[socket.socket] = []
        self.killed: list[int] = []
        self.said: list[Report] = [Report(methods=list(facts), pid=self.pid)]
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

    def fileno(self) -> int:
        return -1

    def close(self) -> None:
        for worker in self.workers:
            worker.close()


class Table:
    """The pool, what is played around it, and what came of the requests."""

    def __init__(self, workers: int = 1) -> None:
        self.now = 0.0
        self.nursery = PlayedZygote()
        self.retries = 0
        self.moves = 0
        self.replaced: list[str] = []
        rules = replace(RULES, workers=workers)
        self.pool = Pool(rules, lambda fresh: cast(ZygoteHandle, self.nursery), self)
        self.results: list[tuple[Job, object]] = []
        self.settle()

    def restarted(self, pid: int, kind: str, reason: str) -> None:
        self.replaced.append(kind)

    def retried(self) -> None:
        self.retries += 1

    def moved(self) -> None:
        self.moves += 1

    def close(self) -> None:
        self.pool.close()

    def settle(self) -> None:
        """Let the pool see everything that has happened."""
        for _ in range(3):
            self.pool.ready(self.nursery.fileno(), select.POLLIN, self.now)
            for descriptor in self.pool.workers.descriptors():
                self.pool.ready(descriptor, select.POLLIN, self.now)
            self.pool.tick(self.now)
        for outcome in self.pool.outcomes():
            if isinstance(outcome, Answered):
                self.results.append((outcome.job, outcome.reply.data))
            else:
                self.results.append((outcome.job, outcome.error.message))

    def submit(self, params: str = "[]", method: str = "build_pkt", connection: int = 1) -> Job:
        text = f'{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}'
        job = job_of(connection, text.encode(), now=self.now)
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
        "Scapy Server: the request has lost 2 worker processes: the last was killed by SIGSEGV"
    )
    assert table.retries == 1


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
    assert table.retries == 0


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
    next(iter(table.pool.workers)).processor_seen = None  # as for one that was never slow before
    table.settle()
    message = "Scapy Server: build_pkt took longer than 10 seconds and was stopped"
    assert table.results == [(job, message)]


def test_waiting_has_an_end_and_it_is_longer_than_working(table: Table) -> None:
    table.submit('["works"]')
    waiting = table.submit('["waits"]')
    next(iter(table.pool.workers)).deadline = 1000.0
    table.now = 29.9
    table.settle()
    assert table.results == []
    table.now = 30.1
    table.settle()
    assert table.results == [
        (waiting, "Scapy Server: the server is busy: no worker was free for it in 30 seconds")
    ]


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
    old, table.nursery = table.nursery, PlayedZygote()
    old.gone = True
    table.settle()
    table.say(Answer(Head(Kind.ANSWER), b"reply"))
    assert table.results == [(job, b"reply")]
    assert job.deaths == 0


def test_what_is_loaded_anew_is_another_generation(table: Table) -> None:
    table.submit()
    table.say(Answer(Head(Kind.ANSWER), b"reply"))
    before = table.pool.generation
    table.submit()
    assert read_request(table.nursery.workers[-1]) is not None
    write_answer(table.nursery.workers[-1], Answer(Head(Kind.ANSWER), b"reply", b"note"))
    for descriptor in table.pool.workers.descriptors():
        table.pool.ready(descriptor, select.POLLIN, table.now)
    old, table.nursery = table.nursery, PlayedZygote()
    old.gone = True
    table.pool.ready(old.fileno(), select.POLLIN, table.now)
    (answered,) = table.pool.outcomes()
    assert isinstance(answered, Answered)
    assert answered.generation == before
    assert table.pool.generation == before + 1


def test_what_is_unfinished_can_be_abandoned(table: Table) -> None:
    jobs = [table.submit(f"[{number}]") for number in range(3)]
    table.pool.abandon(RefusedError("the end"))
    table.settle()
    assert table.results == [(job, "Scapy Server: the end") for job in jobs]
    assert table.pool.unfinished == 0


# -- blame


def test_who_was_killed_from_outside_is_not_blamed(table: Table) -> None:
    table.submit('["innocent"]')
    for _ in range(limits.DEATHS):
        table.die(-9)
    ((_, message),) = table.results
    assert message == (
        "Scapy Server: the request has lost 2 worker processes: the last was killed by SIGKILL"
    )
    job = table.submit('["innocent"]')
    table.say(Answer(Head(Kind.ANSWER), b"reply"))
    assert table.results[-1] == (job, b"reply")


def test_what_must_not_run_twice_is_not_replayed(table: Table) -> None:
    job = table.submit(method="start")
    table.die(-9)
    assert table.results == [
        (
            job,
            "Scapy Server: the worker was killed by SIGKILL, and this is not run a second time",
        )
    ]
    assert table.retries == 0


def test_what_must_not_run_twice_is_not_replayed_by_another_zygote(table: Table) -> None:
    job = table.submit(method="start")
    old, table.nursery = table.nursery, PlayedZygote()
    old.gone = True
    table.settle()
    assert table.results == [
        (job, "Scapy Server: the zygote has ended, and this is not run a second time")
    ]


def test_what_waited_of_a_client_that_is_gone_is_dropped(table: Table) -> None:
    table.submit(connection=1)
    left = table.submit(connection=2)
    table.pool.forget(left.owner, 2)
    table.settle()
    assert table.results == [(left, "Scapy Server: the client is gone")]
    assert table.pool.unfinished == 1


def test_who_is_pushed_out_is_told_that_the_server_is_busy(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "QUEUED_BYTES", limits.Limit(900, "", ""))
    table.submit(connection=1)
    greedy = table.submit(f'["{"x" * 800}"]', connection=2)
    polite = table.submit('["polite, and not that short, but short enough"]', connection=3)
    table.settle()
    busy = "the server is busy: more wait than it has room for, try again later"
    assert table.results == [(greedy, f"Scapy Server: {busy}")]
    assert polite in table.pool.queue.drain()


# -- the reserved place


@pytest.fixture
def ran() -> dict[str, float]:
    """How long each worker has run on a processor; 0 is what cannot be told."""
    return {"seconds": 0.0}


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch, ran: dict[str, float]) -> Iterator[Table]:
    monkeypatch.setattr(kernel, "running_seconds", lambda pid: ran["seconds"])
    with closing(Table(workers=2)) as table:
        yield table


def test_who_waits_for_a_processor_is_not_taken_for_long(
    pair: Table, ran: dict[str, float]
) -> None:
    ran["seconds"] = 7.0
    pair.submit(connection=1)
    pair.submit(connection=2)
    ran["seconds"], pair.now = 7.01, 0.06
    pair.settle()
    assert pair.moves == 0
    assert pair.pool.next_deadline() == pytest.approx(0.1)
    ran["seconds"], pair.now = 7.06, 0.11
    pair.settle()
    assert pair.moves == 1


def test_nobody_waits_for_ever_for_who_gets_no_processor(
    pair: Table, ran: dict[str, float]
) -> None:
    ran["seconds"] = 7.0
    pair.submit(connection=1)
    pair.submit(connection=2)
    pair.now = 1.0
    pair.settle()
    assert pair.moves == 1


def test_a_request_that_is_not_short_leaves_the_last_free_worker(
    pair: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust, "FIRST_BAR", 1.0)
    pair.submit(connection=1)
    heavy = pair.submit(connection=2)
    assert pair.pool.next_deadline() == pytest.approx(0.05)
    pair.now = 0.06
    pair.settle()
    assert pair.moves == 1
    assert pair.replaced == []
    light = pair.submit(connection=3)
    assert len(pair.pool.workers.idle) == 1, "a newcomer of the same address is not trusted now"
    pair.now = 5.0
    pair.settle()
    assert [worker.job for worker in pair.pool.workers].count(light) == 1
    assert len(pair.pool.queue) == 1
    assert heavy.deaths == 0


def test_what_must_not_run_twice_may_stay(pair: Table) -> None:
    pair.submit(connection=1)
    pair.submit(method="start", connection=2)
    pair.now = 5.0
    pair.settle()
    assert pair.moves == 0


def test_a_stopped_zygote_is_noticed_at_once(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "process_state", lambda pid: kernel.ProcessState(True, 0.0))
    old = table.nursery
    ours, theirs = socket.socketpair()
    monkeypatch.setattr(old, "fork", lambda serial: ours)
    table.nursery = PlayedZygote()
    old.workers[-1].close()
    old.said.append(Report(ended=os.getpid(), status=-9))
    table.pool.ready(-1, select.POLLIN, table.now)
    table.settle()
    assert table.replaced[-1] == "zygote"
    assert len(table.nursery.workers) == 1
    theirs.close()
