"""Whose requests a ports server answers first, and how much it keeps of those of others."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.server.ports.backend import ControlBackend
from scapy_server.transport.backend import Answered
from scapy_server.transport.job import Job
from tests.services.ports.rig import Rig
from tests.transport.jobs import job

PING = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
BATCH = b"[" + b",".join([PING] * 20_000) + b"]"


@pytest.fixture
def backend() -> Iterator[ControlBackend]:
    backend = ControlBackend(Rig().control, [], remote_shutdown=False)
    yield backend
    backend.close()


def done(backend: ControlBackend) -> list[Job]:
    return [outcome.job for outcome in backend.outcomes()]


def run(backend: ControlBackend) -> None:
    (more, *_) = backend.descriptors()
    backend.ready(more, 0, time.monotonic())


def test_a_request_alone_is_answered_at_once(backend: ControlBackend) -> None:
    ping = job(request=PING)
    backend.submit(ping, 0.0)
    (outcome,) = backend.outcomes()
    assert isinstance(outcome, Answered)
    assert json.loads(outcome.reply.data)["id"] == 1
    assert backend.unfinished == 0


def test_requests_do_not_wait_for_the_batches_of_others(backend: ControlBackend) -> None:
    batches = [job(number, BATCH) for number in range(limits.PORTS_BATCHES + 20)]
    for each in batches:
        backend.submit(each, 0.0)
    assert not done(backend)
    for _ in range(20):  # so that as many are begun as may be
        run(backend)
    ping = job(1000, PING)
    backend.submit(ping, 0.0)
    for _ in range(3):
        run(backend)
    answered = done(backend)
    assert ping in answered
    assert not set(answered) & set(batches)
    while backend.unfinished:
        run(backend)
    assert set(done(backend)) == set(batches)


def test_what_waits_is_bounded(backend: ControlBackend) -> None:
    backend.submit(job(1, BATCH), 0.0)
    for _ in range(limits.QUEUED_REQUESTS_OF_A_CLIENT - 1):
        backend.submit(job(1, PING), 0.0)
    with pytest.raises(RefusedError, match="busy"):
        backend.submit(job(1, PING), 0.0)


def test_what_a_client_asked_before_it_left_is_carried_out(backend: ControlBackend) -> None:
    batch, other = job(1, BATCH), job(2, BATCH)
    backend.submit(batch, 0.0)
    backend.submit(other, 0.0)
    backend.forget(other.owner, other.connection)
    while backend.unfinished:
        run(backend)
    assert set(done(backend)) == {batch, other}


def test_all_is_carried_out_in_the_end(backend: ControlBackend) -> None:
    backend.submit(job(1, BATCH), 0.0)
    backend.submit(job(2, PING), 0.0)
    backend.abandon(RefusedError("the end"))
    assert len(done(backend)) == 2
    assert backend.unfinished == 0
