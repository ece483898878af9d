"""The control plane behind a front: whose requests come first, and what data planes tell."""

from __future__ import annotations

import json
import select
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest

from scapy_server import limits
from scapy_server.errors import ErrorCode, RefusedError
from scapy_server.rpc import Reply
from scapy_server.server.ports.backend import ControlBackend, RequestTooLarge, ZippedCodec
from scapy_server.services.ports.plane.commands import Arrived, Event, Finished
from scapy_server.services.ports.process.link import ProcessLink
from scapy_server.services.ports.requests import zipped
from scapy_server.services.ports.state.events import Kind
from scapy_server.transport.backend import Answered
from scapy_server.transport.job import Job
from tests.services.ports.rig import NoBridges, Rig, burst, stream
from tests.transport.jobs import job

PING = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
BATCH = b"[" + b",".join([PING] * 20_000) + b"]"


@pytest.fixture
def backend() -> Iterator[ControlBackend]:
    backend = ControlBackend(Rig().control, [])
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


@pytest.mark.attack
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


REQUEST = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


class PlayedLink:
    """A data plane of which the test says what it tells, and that it has died."""

    def __init__(self, rig: Rig) -> None:
        self.numbers, self.counters = [0, 1], rig.link.counters
        self.ask = rig.link.ask
        self.is_dead = self.lost = False
        self.told: list[Event] = []
        self.revived = 0

    def fileno(self) -> int:
        return 10_000

    @property
    def has_news(self) -> bool:
        return bool(self.told)

    def news(self) -> list[Event]:
        told, self.told = self.told, []
        return told

    def revive(self) -> None:
        self.revived += 1
        self.is_dead = False


class Bench:
    """A rig whose control plane answers jobs."""

    def __init__(self, remote_shutdown: bool = True) -> None:
        self.rig = Rig(remote_shutdown=remote_shutdown)
        self.link = PlayedLink(self.rig)
        self.rig.control.links = {0: self.link, 1: self.link}
        links = [cast(ProcessLink, self.link)]
        self.backend = ControlBackend(self.rig.control, links)

    def answered(self, message: object) -> tuple[Reply, Any]:
        self.backend.submit(job(1, json.dumps(message).encode()), 0.0)
        while self.backend.unfinished:
            for descriptor in self.backend.descriptors():
                self.backend.ready(descriptor, select.POLLIN, 0.0)
        (outcome,) = self.backend.outcomes()
        assert isinstance(outcome, Answered)
        return outcome.reply, json.loads(outcome.reply.data)

    def call(self, method: str, **params: Any) -> Any:
        params["api_h"] = self.rig.control.api_handler
        return self.answered({**REQUEST, "method": method, "params": params})[1]["result"]


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.backend.close()


def test_a_request_has_one_outcome(bench: Bench) -> None:
    reply, answer = bench.answered(REQUEST)
    assert (reply.method, reply.error, reply.bug) == ("ping", None, None)
    assert "ts" in answer["result"]
    assert bench.backend.outcomes() == []
    assert bench.backend.knows("ping")
    assert not bench.backend.knows("build_pkt")


def test_a_batch_is_one_message_of_one_method_or_of_several(bench: Bench) -> None:
    reply, answers = bench.answered([REQUEST, {**REQUEST, "id": 2}])
    assert (reply.method, [each["id"] for each in answers]) == ("ping", [1, 2])
    reply, _ = bench.answered([REQUEST, {**REQUEST, "method": "get_version"}])
    assert reply.method == "(batch)"
    reply, _ = bench.answered(7)
    assert (reply.method, reply.error) == (None, ErrorCode.SERVER_ERROR)


def test_what_is_unfinished_is_finished_before_the_end(bench: Bench) -> None:
    batch = [{**REQUEST, "id": number} for number in range(5_000)]
    bench.backend.submit(job(1, json.dumps(batch).encode()), 0.0)
    bench.backend.abandon(RefusedError("the server is stopping"))
    assert bench.backend.unfinished == 0
    (outcome,) = bench.backend.outcomes()
    assert isinstance(outcome, Answered)
    assert len(json.loads(outcome.reply.data)) == 5_000


@pytest.mark.parametrize("allowed", [True, False])
def test_a_client_ends_the_server_where_it_may(allowed: bool) -> None:
    bench = Bench(allowed)
    params = {"api_h": bench.rig.control.api_handler, "user": "me", "force": True}
    reply, _ = bench.answered({**REQUEST, "method": "shutdown", "params": params})
    assert reply.shut_down is allowed
    bench.backend.close()


def test_news_of_a_data_plane_reach_sessions(bench: Bench) -> None:
    rig = bench.rig
    rig.acquire()
    rig.add(1, stream(burst(1)))
    rig.start()
    rig.kinds()
    run = rig.control.ports[0].profiles["_"].run
    bench.link.told = [Finished(0, "_", run, 1.0)]
    bench.backend.ready(bench.link.fileno(), select.POLLIN, 0.0)
    assert rig.kinds() == [Kind.PROFILE_FINISHED, Kind.PORT_FINISHED]


def test_frames_that_arrive_are_handed_to_bridges(bench: Bench) -> None:
    handed = []

    class Listening(NoBridges):
        def hand(self, port: int, frame: bytes) -> None:
            handed.append((port, frame))

    bench.rig.control.bridges = Listening()
    bench.link.told = [Arrived(1, b"frame")]
    bench.backend.ready(bench.link.fileno(), select.POLLIN, 0.0)
    assert handed == [(1, b"frame")]


def test_a_data_plane_that_dies_is_told_once_and_started_again(bench: Bench) -> None:
    rig, link = bench.rig, bench.link
    assert rig.kinds() == []
    link.is_dead = True
    assert link.fileno() not in bench.backend.descriptors()
    bench.backend.tick(1.0)
    assert link.revived == 1
    assert rig.kinds() == [Kind.PORT_ERROR, Kind.PORT_ERROR]
    bench.backend.tick(2.0)
    assert link.revived == 1
    assert link.fileno() in bench.backend.descriptors()


class TestMessages:
    def test_each_client_is_answered_as_it_asks(self) -> None:
        codec, request = ZippedCodec(1000), b'{"a": 1}'
        assert codec.decode(request) == request
        assert codec.encode((b"re", b"ply"), request) == (b"re", b"ply")
        compressed = zipped.zipped(request)
        assert codec.decode(compressed) == request
        (reply,) = codec.encode((b"re", b"ply"), compressed)
        assert zipped.unzipped(reply, 1000) == b"reply"

    @pytest.mark.parametrize("size", [1000, 1001])
    def test_a_request_has_so_many_bytes(self, size: int) -> None:
        for frame in (bytes(size), zipped.zipped(bytes(size))):
            if size <= 1000:
                assert ZippedCodec(1000).decode(frame) == bytes(size)
            else:
                with pytest.raises(RequestTooLarge, match=r"too large \(1001 bytes\)"):
                    ZippedCodec(1000).decode(frame)
