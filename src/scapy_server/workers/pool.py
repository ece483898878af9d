"""The workers and their supervision: who works on what, until when, and what if not.

What happens to a worker is found out in `incidents`, and what follows from it is in `verdicts`;
this does what follows. The pool owns no socket of a client's: it is told of time and of readiness,
and asked what came of each request, which it tells exactly once.

With two workers or more one place is kept for short requests, so that no client holds the
last free worker: see `fair_queue`.
"""

from __future__ import annotations

import logging
import select
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from scapy_server import limits
from scapy_server.errors import ErrorCode, RefusedError, ScapyServerError
from scapy_server.process import kernel
from scapy_server.rpc import Reply
from scapy_server.transport.backend import Answered, Failed, Outcome
from scapy_server.transport.fair_queue import PUSHED_OUT, FairQueue, busy
from scapy_server.transport.job import Job
from scapy_server.transport.trust import SHORT_SECONDS
from scapy_server.workers import incidents
from scapy_server.workers.backoff import Backoff
from scapy_server.workers.channel import Answer, Report, WireError
from scapy_server.workers.incidents import Incident
from scapy_server.workers.nursery import Connect, Nursery
from scapy_server.workers.offenders import Offenders
from scapy_server.workers.staff import Staff, Worker
from scapy_server.workers.verdicts import Fate, State, verdict

logger = logging.getLogger(__name__)

VERDICT_SECONDS = 1.0  # how long to wait for the zygote to say how a worker ended
QUICK_SECONDS = 3.0  # the deadline of methods that are answered in no time
WAITS = 3  # how many deadlines a request waits for a worker

_HUNG_UP = (State.LOST, State.GONE)


class Books(Protocol):
    """Is told of what happens to workers."""

    def restarted(self, pid: int, kind: str, reason: str) -> None:
        """A worker is replaced; `kind` is one of few, `reason` says more."""

    def retried(self) -> None:
        """A request is given to a second worker."""

    def moved(self) -> None:
        """A request was not short, and has to leave the reserved place."""


@dataclass(frozen=True)
class Rules:
    """How many workers there are, and the seconds and bytes that each may use."""

    workers: int
    request_timeout: float
    worker_memory: int


class Pool:
    """Keeps the wished number of workers alive and the queue moving."""

    def __init__(self, rules: Rules, connect: Connect, books: Books) -> None:
        self.queue = FairQueue()
        self.workers = Staff()
        self.patience = rules.request_timeout
        self._rules = rules
        self._books = books
        self._backoff = Backoff()
        self._nursery = Nursery(connect, self._backoff)
        self._offenders = Offenders()
        self._outcomes: list[Outcome] = []

    # -- what is asked

    @property
    def warm(self) -> bool:
        """Whether all workers have been forked and are ready."""
        warm = all(worker.state is not State.STARTING for worker in self.workers)
        return warm and len(self.workers) == self._rules.workers

    @property
    def failure(self) -> str | None:
        """Why the service cannot be loaded, None as far as is known."""
        if self._nursery.zygote is None and not self.workers.ever:
            return "the process that loads them has ended"
        return self._nursery.failure

    @property
    def unfinished(self) -> int:
        return len(self.queue) + sum(worker.job is not None for worker in self.workers)

    @property
    def held_bytes(self) -> int:
        return self.queue.bytes + sum(each.job.size for each in self.workers if each.job)

    def give_way(self, excess: int) -> int:
        """As `Backend.give_way`."""
        pushed_out = self.queue.give_way(excess)
        for job in pushed_out:
            self._fail(job, busy(PUSHED_OUT))
        return sum(job.size for job in pushed_out)

    @property
    def backing_off(self) -> float:
        """For how many seconds nothing is started again, 0 when all is well."""
        return self._backoff.delay

    @property
    def generation(self) -> int:
        """As `Backend.generation`: workers of one zygote have all loaded the same."""
        return self._nursery.generation

    def knows(self, method: str) -> bool:
        return self._nursery.knows(method)

    def outcomes(self) -> list[Outcome]:
        outcomes, self._outcomes = self._outcomes, []
        return outcomes

    # -- requests

    def submit(self, job: Job, now: float) -> None:
        """As `Backend.submit`: queue it, and give it to a worker if one is free."""
        if self._offenders.refuses(job, now):
            raise RefusedError(
                f"this request has ended {limits.DEATHS} worker processes and is refused for now"
            )
        for pushed_out in self.queue.put(job, now):
            self._fail(pushed_out, busy(PUSHED_OUT))
        self._assign(now)

    def forget(self, owner: str, connection: int) -> None:
        """As `Backend.forget`."""
        gone = RefusedError("the client is gone")
        self._outcomes += [Failed(job, gone) for job in self.queue.forget(owner, connection)]

    def abandon(self, error: ScapyServerError) -> None:
        for worker in self.workers:
            job, worker.job = worker.job, None
            self._fail(job, error)
        for job in self.queue.drain():
            self._fail(job, error)

    def _assign(self, now: float) -> None:
        """Give requests to workers that are free, the last of them to short ones."""
        idle = self.workers.idle
        while idle and self.queue:
            reserved = len(idle) == 1 and self._rules.workers > 1 and not self._reserved_is_held()
            job = self.queue.take(now, reserved)
            if job is None:
                return
            self._give(idle.pop(), job, reserved, now)

    def _reserved_is_held(self) -> bool:
        return any(worker.reserved for worker in self.workers)

    def _give(self, worker: Worker, job: Job, reserved: bool, now: float) -> None:
        method = self._nursery.method(job.glance.method)
        quick = min(QUICK_SECONDS, self._rules.request_timeout)
        worker.job, worker.state, worker.since = job, State.BUSY, now
        worker.deadline = now + (quick if method.quick else self._rules.request_timeout)
        # What must not run twice cannot be moved either, so nobody waits for it to be short.
        worker.reserved = reserved and method.repeatable
        if worker.reserved:
            worker.short_seconds = self.queue.short_seconds(job, now)
            worker.short_until = now + worker.short_seconds
            worker.running_before = kernel.running_seconds(worker.pid)
        worker.processor_seen = None
        worker.requests += 1
        try:
            worker.channel.send(job.request)
        except WireError:
            self._judge(worker, incidents.HUNG_UP, now)

    # -- what the processes bring

    def descriptors(self) -> Mapping[int, int]:
        wanted = self.workers.descriptors()
        if self._nursery.zygote is not None:
            wanted[self._nursery.zygote.fileno()] = select.POLLIN
        return wanted

    def ready(self, descriptor: int, events: int, now: float) -> None:
        """As `Backend.ready`."""
        if self._nursery.zygote is not None and descriptor == self._nursery.zygote.fileno():
            self._hear_zygote(now)
        elif (worker := self.workers.of_descriptor(descriptor)) is not None:
            if events & select.POLLOUT:
                self._write(worker, now)
            if events & ~select.POLLOUT:
                self._read(worker, now)
        self._assign(now)

    def _write(self, worker: Worker, now: float) -> None:
        try:
            worker.channel.flush()
        except WireError:
            self._judge(worker, incidents.HUNG_UP, now)

    def _read(self, worker: Worker, now: float) -> None:
        if worker not in self.workers or worker.state in _HUNG_UP:
            return
        try:
            for answer in worker.channel.receive():
                self._hear(worker, answer, now)
        except WireError:
            if worker in self.workers:
                self._judge(worker, incidents.HUNG_UP, now)

    def _hear(self, worker: Worker, answer: Answer, now: float) -> None:
        worker.memory = answer.head.memory
        for incident in incidents.told(answer.head, self._rules.worker_memory):
            self._judge(worker, incident, now, answer)

    def _hear_zygote(self, now: float) -> None:
        try:
            for report in self._nursery.reports():
                self._heed(report, now)
        except WireError:
            self._lose_zygote("the zygote has ended", now)

    def _heed(self, report: Report, now: float) -> None:
        if report.forked is not None:
            worker = self.workers.of_serial(report.forked)
            if worker is None:
                return
            if report.failed is not None:
                logger.error("no worker could be forked: %s", report.failed)
                self.workers.remove(worker)
                self._backoff.failed(now)
            worker.pid = report.pid
        elif report.ended is not None:
            for worker in self.workers:
                if worker.pid == report.ended:
                    self._ended(worker, report.status, now)
        elif report.failed is not None and self.workers.ever:  # at the start it is told there
            logger.error("cannot load the service: %s", report.failed)

    def _ended(self, worker: Worker, status: int | None, now: float) -> None:
        if worker.state not in _HUNG_UP:
            self._read(worker, now)  # its last words, if there are any
        if worker in self.workers:
            self._judge(worker, incidents.ended(status), now)

    # -- what time brings

    def tick(self, now: float) -> None:
        """As `Backend.tick`."""
        for worker in self.workers:
            self._inspect(worker, now)
        patience = WAITS * self._rules.request_timeout
        for job in self.queue.expired(now - patience):
            waited = f"no worker was free for it in {patience:g} seconds"
            self._fail(job, RefusedError(f"the server is busy: {waited}"))
        problem = self._nursery.problem(self.workers.oldest_order, now)
        if problem is not None:
            self._lose_zygote(problem, now)
        self._nursery.seek(now)
        self.fill(now)
        self._assign(now)

    def next_deadline(self) -> float:
        """As `Backend.next_deadline`: when a short request is not short any more."""
        held = (worker.short_until for worker in self.workers if worker.reserved)
        return min(held, default=float("inf"))

    def _inspect(self, worker: Worker, now: float) -> None:
        incident = incidents.noticed(worker, now)
        if incident is not None:
            self._judge(worker, incident, now)
        elif worker.state in _HUNG_UP and now > worker.lost + VERDICT_SECONDS:
            self._ended(worker, None, now)

    # -- what follows

    def _judge(
        self, worker: Worker, incident: Incident, now: float, answer: Answer | None = None
    ) -> None:
        """Do what the table says."""
        state, fate, backoff = verdict(worker.state, incident.event)
        job = worker.job
        if state is State.REPLACED and fate is not Fate.MOVE:
            logger.warning("worker %d is replaced: %s", worker.pid, incident.how)
            self._books.restarted(worker.pid, incident.kind, incident.how)
        if state is not worker.state:
            self._move(worker, state, now)
        if backoff:
            self._backoff.failed(now)
        if job is None or fate is Fate.NONE:
            return
        took = now - worker.since
        if fate is Fate.MOVE:
            self.queue.overran(job, now)
        elif fate is Fate.ANSWER and (worker.reserved or took <= SHORT_SECONDS):
            self.queue.was_short(job)
        worker.job, worker.reserved = None, False
        self.queue.charge(job, took)
        if fate is Fate.ANSWER and answer is not None:
            self._outcomes.append(Answered(job, _reply(answer), self.generation))
        elif fate is Fate.CONVICT:
            self._convict(job, incident.how, now)
        elif fate is Fate.MOVE:
            self._books.moved()
            self.queue.put_back(job, now)
        else:
            self._acquit(job, incident.how, now, suspect=fate is Fate.SUSPECT)

    def _move(self, worker: Worker, state: State, now: float) -> None:
        worker.state = state
        if state in _HUNG_UP:
            worker.reserved, worker.lost = False, now
            self.workers.hang_up(worker)
        elif state is State.REPLACED:
            self.workers.remove(worker)
            if worker.pid:
                with suppress(WireError):  # else the zygote is replaced soon, and all workers
                    self._nursery.kill(worker.pid)

    def _acquit(self, job: Job, how: str, now: float, suspect: bool) -> None:
        """A worker is lost, and its request is not known to be the reason."""
        job.deaths += 1
        if not self._nursery.method(job.glance.method).repeatable:
            self._fail(job, RefusedError(f"the worker {how}, and this is not run a second time"))
        elif job.deaths < limits.DEATHS:
            self._books.retried()
            self.queue.put_back(job, now)
        else:
            if suspect:
                self._offenders.at_once(job, now)
            problem = f"the request has lost {job.deaths} worker processes: the last {how}"
            self._fail(job, RefusedError(problem))

    def _convict(self, job: Job, how: str, now: float) -> None:
        """A worker is lost, and it is the fault of its request."""
        self._offenders.again(job, now)
        method = job.glance.method if self.knows(job.glance.method) else "the request"
        self._fail(job, RefusedError(f"{method} {how} and was stopped"))

    def _fail(self, job: Job | None, error: ScapyServerError) -> None:
        if job is not None:
            self._outcomes.append(Failed(job, error))

    # -- births

    def fill(self, now: float) -> None:
        """Order the workers that are missing, unless too many were lost just before."""
        if not self._nursery.loaded:
            return
        while len(self.workers) < self._rules.workers and self._backoff.may_start(now):
            try:
                self.workers.order(self._nursery, now)
            except WireError as error:
                self._lose_zygote(str(error), now)
                return
            except OSError as error:  # no descriptors, for now
                logger.error("no worker could be started: %s", error.strerror)
                self._backoff.failed(now)
                return

    def _lose_zygote(self, reason: str, now: float) -> None:
        """Without the zygote there are no workers either: begin again."""
        if self.workers.ever or self._nursery.failure is None:
            logger.error("all workers are replaced: %s", reason)  # else the start says why
        self._nursery.lose(now)
        for worker in self.workers:
            job, worker.job = worker.job, None
            self._books.restarted(worker.pid, "zygote", reason)
            self.workers.remove(worker)
            if job is not None:
                self._acquit_of_zygote(job, reason, now)

    def _acquit_of_zygote(self, job: Job, reason: str, now: float) -> None:
        if self._nursery.method(job.glance.method).repeatable:
            self._books.retried()
            self.queue.put_back(job, now)
        else:
            self._fail(job, RefusedError(f"{reason}, and this is not run a second time"))

    def close(self) -> None:
        """End all processes."""
        self._nursery.close()
        for worker in self.workers:
            self.workers.remove(worker)


def _reply(answer: Answer) -> Reply:
    head = answer.head
    error = None if head.error is None else ErrorCode(head.error)
    return Reply(answer.reply, head.method, error, head.shut_down, head.bug, answer.note)
