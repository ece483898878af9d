"""What happens to workers, before anything follows from it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from scapy_server.process import kernel
from scapy_server.process.kernel import ProcessState
from scapy_server.workers import incidents
from scapy_server.workers.channel import Channel, Head, Kind
from scapy_server.workers.staff import Worker
from scapy_server.workers.verdicts import Event, State

MEMORY = 1000


@pytest.fixture
def worker() -> Iterator[Worker]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Worker(1, Channel(ours), born=0.0, pid=7, state=State.BUSY, deadline=10.0)


def used(monkeypatch: pytest.MonkeyPatch, seconds: float, stopped: bool = False) -> None:
    state = ProcessState(stopped, seconds)
    monkeypatch.setattr(kernel, "process_state", lambda pid: state)


@pytest.mark.parametrize(
    ("head", "events"),
    [
        (Head(Kind.READY), [Event.READY]),
        (Head(Kind.OUT_OF_MEMORY), [Event.OUT_OF_MEMORY]),
        (Head(Kind.ANSWER, memory=500), [Event.ANSWERED]),
        (Head(Kind.ANSWER, memory=501), [Event.ANSWERED, Event.OUTGROWN]),
        (Head(Kind.SPENT, memory=900), [Event.ANSWERED, Event.SPENT]),
    ],
)
def test_what_a_worker_says(head: Head, events: list[Event]) -> None:
    assert [incident.event for incident in incidents.told(head, MEMORY)] == events


def test_how_it_ended() -> None:
    assert incidents.ended(-11).event is Event.CRASHED
    assert incidents.ended(-9).event is Event.KILLED
    assert incidents.ended(None).kind == "died"


def test_time_passes_over_who_is_free(worker: Worker) -> None:
    worker.state = State.IDLE
    assert incidents.noticed(worker, 1e9) is None


def test_a_start_that_takes_too_long(worker: Worker) -> None:
    worker.state = State.STARTING
    assert incidents.noticed(worker, incidents.START_SECONDS) is None
    late = incidents.noticed(worker, incidents.START_SECONDS + 0.1)
    assert late is not None
    assert late.event is Event.LATE


def test_a_request_that_is_not_short(worker: Worker) -> None:
    worker.reserved, worker.short_seconds = True, 0.01
    long = incidents.noticed(worker, 0.01)
    assert long is not None
    assert long.event is Event.OVERRAN


@pytest.mark.parametrize(
    ("before", "after", "event"),
    [
        (2.0, 2.01, Event.STUCK),
        (2.0, 9.0, Event.OVERDUE),
        (0.0, 0.0, Event.OVERDUE),
    ],
)
def test_a_deadline(
    before: float, after: float, event: Event, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    used(monkeypatch, before)
    assert incidents.noticed(worker, 5.0) is None
    used(monkeypatch, after)
    over = incidents.noticed(worker, 10.1)
    assert over is not None
    assert over.event is event


def test_who_was_stopped_from_outside(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    used(monkeypatch, 0.0, stopped=True)
    assert incidents.noticed(worker, incidents.STOPPED_SECONDS) is None
    stopped = incidents.noticed(worker, incidents.STOPPED_SECONDS + 0.1)
    assert stopped is not None
    assert stopped.event is Event.STOPPED
