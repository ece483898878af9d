"""The workers and their supervision: who works on what, until when, and what if not.

A worker is replaced when it dies, exceeds its deadline, is found stopped, runs out of
memory or has grown too much. What becomes of its request depends on whose fault it was:

- none of the request's (it was stopped, killed, or the zygote was lost): it goes to
  another worker, once; lost twice, it is answered with an error and refused from then on;
- the request's (deadline, memory): it is answered with an error at once; if that happens
  twice with the same request, it is refused from then on.

"From then on" is `limits.REFUSED_SECONDS` long. The pool owns no ZeroMQ socket. It is told
of time and of readiness, and tells its `Listener` what came of each request, exactly once.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from scapy_server import limits
from scapy_server.errors import RefusedError, ScapyServerError
from scapy_server.process import kernel
from scapy_server.server.log import logger
from scapy_server.server.settings import Settings
from scapy_server.server.stats import Stats
from scapy_server.transport.fair_queue import FairQueue
from scapy_server.transport.job import Job
from scapy_server.workers.backoff import Backoff
from scapy_server.workers.channel import Answer, Channel, Kind, Report, WireError
from scapy_server.workers.offenders import Offenders
from scapy_server.workers.zygote_handle import Nursery

START_SECONDS = 20.0  # a forked worker is ready in milliseconds, so this one is stuck
LOAD_SECONDS = 120.0
STOPPED_SECONDS = 1.0  # after this long at work a worker is looked at: is it stopped?
IDLE_PROCESSOR_SECONDS = 0.05  # who used less at the deadline was stuck, not busy
VERDICT_SECONDS = 1.0  # how long to wait for the zygote to say how a worker ended
OUTGROWN = 0.5  # the part of its memory bound above which a worker is too big to go on


class Listener(Protocol):
    """Gets what comes of requests."""

    def answered(self, job: Job, answer: Answer) -> None:
        """A worker has answered."""

    def failed(self, job: Job, error: ScapyServerError) -> None:
        """No worker will."""


class _Nobody:
    """Before there is a front, there are no requests either."""

    def answered(self, job: Job, answer: Answer) -> None:
        pass

    def failed(self, job: Job, error: ScapyServerError) -> None:
        pass


class State(Enum):
    """What a worker is doing; `LOST` ones have left a request whose fate is not decided."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    LOST = "lost"


@dataclass(eq=False)
class Worker:
    """A worker as the front sees it. Times are monotonic; `pid` is 0 until it is forked."""

    serial: int
    channel: Channel
    born: float
    pid: int = 0
    state: State = State.STARTING
    requests: int = 0
    memory: int = 0
    job: Job | None = None
    since: float = 0.0
    deadline: float = 0.0
    processor_seen: float | None = None


class Pool:
    """Keeps the wished number of workers alive and the queue moving."""

    def __init__(
        self,
        settings: Settings,
        start_nursery: Callable[[], Nursery],
        stats: Stats,
    ) -> None:
        self.listener: Listener = _Nobody()
        self.queue = FairQueue()
        self._settings = settings
        self._start_nursery = start_nursery
        self._stats = stats
        self._nursery: Nursery | None = start_nursery()
        self._workers: dict[int, Worker] = {}
        self._serial = 0
        self._backoff = Backoff()
        self._offenders = Offenders()

    # -- what the front asks

    @property
    def nursery(self) -> Nursery | None:
        return self._nursery

    @property
    def workers(self) -> list[Worker]:
        """All workers, the oldest first."""
        return list(self._workers.values())

    @property
    def ready(self) -> bool:
        """Whether all workers have been forked and are warm."""
        states = [worker.state for worker in self._workers.values()]
        return len(states) == self._settings.worker_count and State.STARTING not in states

    @property
    def unfinished(self) -> int:
        """How many requests have no reply yet."""
        return len(self.queue) + sum(worker.job is not None for worker in self._workers.values())

    @property
    def backing_off(self) -> float:
        """For how many seconds nothing is started again, 0 when all is well."""
        return self._backoff.delay

    def knows(self, method: str) -> bool:
        """Whether there is a method of this name."""
        return self._nursery is not None and method in self._nursery.methods

    def submit(self, job: Job, now: float) -> None:
        """Queue a request, and give it to a worker if one is free.

        Raises RefusedError when the server is busy or the request is refused for what it
        did before.
        """
        if self._offenders.refuses(job, now):
            raise RefusedError(
                f"this request has ended {limits.DEATHS} worker processes and is refused for now"
            )
        self.queue.put(job, now)
        self.assign(now)

    # -- what time and the processes bring

    def assign(self, now: float) -> None:
        """Give requests to workers that are free."""
        for worker in list(self._workers.values()):
            if not self.queue:
                return
            if worker.state is State.IDLE:
                self._give(worker, now)

    def _give(self, worker: Worker, now: float) -> None:
        job = self.queue.take()
        if job is None:
            return
        worker.job, worker.state, worker.since = job, State.BUSY, now
        worker.deadline = now + self._settings.deadline(job.glance.method)
        worker.processor_seen = None
        worker.requests += 1
        try:
            worker.channel.send(job.request)
        except WireError:
            self._lose(worker, now)

    def written(self, worker: Worker, now: float) -> None:
        """The worker's socket takes more."""
        try:
            worker.channel.flush()
        except WireError:
            self._lose(worker, now)

    def readable(self, worker: Worker, now: float) -> None:
        """The worker's socket has something, or has ended."""
        try:
            for answer in worker.channel.receive():
                self._heard(worker, answer, now)
        except WireError:
            if worker.serial in self._workers and worker.state is not State.LOST:
                self._lose(worker, now)

    def _heard(self, worker: Worker, answer: Answer, now: float) -> None:
        kind = answer.head.kind
        worker.memory = answer.head.memory
        if kind is Kind.READY and worker.state is State.STARTING:
            worker.state = State.IDLE
        elif kind is Kind.ANSWER and worker.job is not None:
            job, worker.job, worker.state = worker.job, None, State.IDLE
            if worker.memory > self._settings.worker_memory * OUTGROWN:
                self._replace(worker, "outgrown", f"grew to {worker.memory} bytes")
            self.listener.answered(job, answer)
        elif kind is Kind.OUT_OF_MEMORY and worker.job is not None:
            bound = self._settings.worker_memory
            problem = f"needed more than {bound} bytes of memory"
            self._convict(worker, "memory", problem, now)
        else:
            raise WireError("the worker talks out of turn")
        self.assign(now)

    def reported(self, now: float) -> None:
        """The zygote has something to say, or has ended."""
        if self._nursery is None:
            return
        try:
            for report in self._nursery.reports():
                self._hear_zygote(report, now)
        except WireError:
            self._lose_nursery("the zygote has ended", now)

    def _hear_zygote(self, report: Report, now: float) -> None:
        if report.forked is not None:
            worker = self._workers.get(report.forked)
            if worker is None:
                return
            if report.failed is not None:
                logger.error("no worker could be forked: %s", report.failed)
                self._remove(worker)
                self._backoff.failed(now)
            worker.pid = report.pid
        elif report.ended is not None:
            for worker in list(self._workers.values()):
                if worker.pid == report.ended:
                    self._ended(worker, report.status, now)
        elif report.failed is not None and self._serial:  # at the start there is StartError
            logger.error("cannot load the protocols: %s", report.failed)

    def tick(self, now: float) -> None:
        """Look after deadlines and vacancies; to be called several times a second."""
        for worker in list(self._workers.values()):
            self._inspect(worker, now)
        self._expire(now)
        self._inspect_nursery(now)
        self.fill(now)
        self.assign(now)

    def _inspect(self, worker: Worker, now: float) -> None:
        if worker.state is State.STARTING and now > worker.born + START_SECONDS:
            self._replace(worker, "start", "was not ready in time")
            self._backoff.failed(now)
        elif worker.state is State.LOST and now > worker.since + VERDICT_SECONDS:
            self._ended(worker, None, now)
        elif worker.state is State.BUSY and now > min(
            worker.since + STOPPED_SECONDS, worker.deadline
        ):
            self._inspect_busy(worker, now)

    def _inspect_busy(self, worker: Worker, now: float) -> None:
        process = kernel.process_state(worker.pid)
        if process is not None and process.stopped:
            self._acquit(worker, "stopped", "was stopped from outside", now)
            return
        used = 0.0 if process is None else process.processor_seconds
        if now <= worker.deadline:
            worker.processor_seen = worker.processor_seen or used
            return
        allowed = worker.deadline - worker.since
        if worker.processor_seen and used - worker.processor_seen < IDLE_PROCESSOR_SECONDS:
            self._acquit(worker, "stuck", f"got no processor time in {allowed:g} s", now)
        else:
            self._convict(worker, "deadline", f"took longer than {allowed:g} seconds", now)

    def _expire(self, now: float) -> None:
        patience = self._settings.request_timeout
        for job in self.queue.expired(now - patience):
            waited = f"no worker was free for it in {patience:g} seconds"
            self.listener.failed(job, RefusedError(f"the server is busy: {waited}"))

    # -- verdicts

    def _ended(self, worker: Worker, status: int | None, now: float) -> None:
        """A worker has ended on its own, or by the hand of somebody else."""
        how = _how_it_ended(status)
        if worker.state is not State.LOST:
            self.readable(worker, now)  # its last words, if there are any
            if worker.serial not in self._workers:
                return
        if worker.job is None:  # else it need not be the worker that is at fault
            self._backoff.failed(now)
        self._acquit(worker, "died", how, now)

    def _acquit(self, worker: Worker, kind: str, how: str, now: float) -> None:
        """A worker is lost, and its request is not known to be the reason."""
        job, worker.job = worker.job, None
        self._replace(worker, kind, how)
        if job is None:
            return
        job.deaths += 1
        if job.deaths < limits.DEATHS:
            self._stats.retries += 1
            self.queue.put_back(job, now)
            return
        self._offenders.at_once(job, now)
        self.listener.failed(
            job,
            RefusedError(f"the request has ended {job.deaths} worker processes: the last {how}"),
        )

    def _convict(self, worker: Worker, kind: str, problem: str, now: float) -> None:
        """A worker is lost, and it is the fault of its request."""
        job, worker.job = worker.job, None
        self._replace(worker, kind, problem)
        if job is None:
            return
        self._offenders.again(job, now)
        method = job.glance.method if self.knows(job.glance.method) else "the request"
        self.listener.failed(job, RefusedError(f"{method} {problem} and was stopped"))

    # -- births and deaths

    def _lose(self, worker: Worker, now: float) -> None:
        """Its socket has ended; the zygote will say why."""
        worker.channel.close()
        worker.state, worker.since = State.LOST, now

    def _replace(self, worker: Worker, kind: str, reason: str) -> None:
        logger.warning("worker %d is replaced: %s", worker.pid, reason)
        self._stats.restarted(worker.pid, kind, reason)
        self._remove(worker)
        if self._nursery is not None and worker.pid:
            with suppress(WireError):  # else the nursery is replaced soon, and all workers
                self._nursery.kill(worker.pid)

    def _remove(self, worker: Worker) -> None:
        self._workers.pop(worker.serial, None)
        worker.channel.close()

    def fill(self, now: float) -> None:
        """Order the workers that are missing, unless too many were lost just before."""
        if self._nursery is None or not self._nursery.loaded:
            return
        while len(self._workers) < self._settings.worker_count and self._backoff.may_start(now):
            self._serial += 1
            try:
                peer = self._nursery.fork(self._serial)
            except WireError as error:
                self._lose_nursery(str(error), now)
                return
            except OSError as error:  # no descriptors, for now
                logger.error("no worker could be started: %s", error.strerror)
                self._backoff.failed(now)
                return
            self._workers[self._serial] = Worker(self._serial, Channel(peer), now)

    def _inspect_nursery(self, now: float) -> None:
        if self._nursery is None:
            if self._backoff.may_start(now):
                self._nursery = self._start_nursery()
        elif not self._nursery.loaded and now > self._nursery.started + LOAD_SECONDS:
            self._lose_nursery("the zygote was not ready in time", now)
        elif any(
            not worker.pid and now > worker.born + START_SECONDS / 2
            for worker in self._workers.values()
        ):
            self._lose_nursery("the zygote does not fork", now)

    def _lose_nursery(self, reason: str, now: float) -> None:
        """Without the zygote there are no workers either: begin again."""
        nursery, self._nursery = self._nursery, None
        if self._serial or nursery is None or nursery.failure is None:
            logger.error("all workers are replaced: %s", reason)  # at the start StartError says why
        if nursery is not None:
            nursery.close(patience=0)  # clients wait, and it may be stuck
        for worker in list(self._workers.values()):
            job, worker.job = worker.job, None
            self._stats.restarted(worker.pid, "zygote", reason)
            self._remove(worker)
            if job is not None:
                self._stats.retries += 1
                self.queue.put_back(job, now)
        self._backoff.failed(now)

    def abandon(self, error: ScapyServerError) -> None:
        """Answer all that is unfinished with this error."""
        left = [worker.job for worker in self._workers.values() if worker.job is not None]
        while (job := self.queue.take()) is not None:
            left.append(job)
        for worker in self._workers.values():
            worker.job = None
        for job in left:
            self.listener.failed(job, error)

    def close(self) -> None:
        """End all processes."""
        if self._nursery is not None:
            self._nursery.close()
        for worker in self._workers.values():
            worker.channel.close()
        self._workers.clear()


def _how_it_ended(status: int | None) -> str:
    if status is None:
        return "has gone without a word"
    if status < 0:
        try:
            return f"was killed by {signal.Signals(-status).name}"
        except ValueError:
            return f"was killed by signal {-status}"
    return f"ended with status {status}"
