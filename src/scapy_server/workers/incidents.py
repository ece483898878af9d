"""What happens to workers: read from what they say, and seen when time has passed.

An incident is a value; what follows from it is in `verdicts`, and `pool` does that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scapy_server.process import kernel
from scapy_server.workers.channel import Head, Kind
from scapy_server.workers.staff import Worker
from scapy_server.workers.verdicts import Event, State, ending

START_SECONDS = 20.0  # a forked worker is ready in milliseconds, so this one is stuck
STOPPED_SECONDS = 1.0  # after this long at work a worker is looked at: is it stopped?
IDLE_PROCESSOR_SECONDS = 0.05  # who used less at the deadline was stuck, not busy
OUTGROWN = 0.5  # the part of its memory bound above which a worker is too big to go on
SHORT_WAIT = 20  # times its time of a processor the reserved place may be held, where that is rare


@dataclass(frozen=True)
class Incident:
    """What happened to a worker. If it is replaced for it, `kind` is counted, one of few,
    and `how` is told: it goes on where "the worker" begins."""

    event: Event
    kind: str
    how: str


HUNG_UP = Incident(Event.HUNG_UP, "died", "has hung up")


def ended(status: int | None) -> Incident:
    """A worker has ended, with this status if the zygote has said so."""
    event, how = ending(status)
    return Incident(event, "died", how)


def told(head: Head, worker_memory: int) -> Iterator[Incident]:
    """What a worker's message says of it, which may use so many bytes of memory."""
    if head.kind is Kind.READY:
        yield Incident(Event.READY, "start", "was ready out of turn")
    elif head.kind is Kind.OUT_OF_MEMORY:
        how = f"needed more than {worker_memory} bytes of memory"
        yield Incident(Event.OUT_OF_MEMORY, "memory", how)
    else:
        yield Incident(Event.ANSWERED, "died", "talked out of turn")
        if head.kind is Kind.SPENT:
            yield Incident(Event.SPENT, "spent", "was stopped in the middle of a request")
        elif head.memory > worker_memory * OUTGROWN:
            yield Incident(Event.OUTGROWN, "outgrown", f"grew to {head.memory} bytes")


def noticed(worker: Worker, now: float) -> Incident | None:
    """What time has brought. What processor time a busy worker has used is kept in it.

    One that had no chance yet to show that its request is short is looked at again later.
    """
    if worker.state is State.STARTING and now > worker.born + START_SECONDS:
        return Incident(Event.LATE, "start", "was not ready in time")
    if worker.state is not State.BUSY:
        return None
    if worker.reserved and now >= worker.short_until:
        left = _short_seconds_left(worker)
        if left <= 0 or now >= worker.since + SHORT_WAIT * worker.short_seconds:
            return Incident(Event.OVERRAN, "long", "a request was not short")
        worker.short_until = now + left
    if now <= min(worker.since + STOPPED_SECONDS, worker.deadline):
        return None
    process = kernel.process_state(worker.pid)
    if process is not None and process.stopped:
        return Incident(Event.STOPPED, "stopped", "was stopped from outside")
    used = 0.0 if process is None else process.processor_seconds
    if now > worker.deadline:
        return _overdue(worker, used)
    worker.processor_seen = worker.processor_seen or used
    return None


def _short_seconds_left(worker: Worker) -> float:
    """What is left of the processor time for a short request, 0 if that cannot be told."""
    running = kernel.running_seconds(worker.pid)
    return worker.short_seconds - (running - worker.running_before) if running else 0.0


def _overdue(worker: Worker, used: float) -> Incident:
    allowed = worker.deadline - worker.since
    if worker.processor_seen and used - worker.processor_seen < IDLE_PROCESSOR_SECONDS:
        return Incident(Event.STUCK, "stuck", f"got no processor time in {allowed:g} s")
    return Incident(Event.OVERDUE, "deadline", f"took longer than {allowed:g} seconds")
