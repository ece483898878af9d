from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.rpc.peek import peek
from scapy_server.transport.fair_queue import FairQueue
from scapy_server.transport.framing import split
from scapy_server.transport.job import Job


def job(client: bytes, request: bytes = b"{}") -> Job:
    return Job(split([client, b"", request]), request, peek(request), "127.0.0.1", 0.0)


def drained(queue: FairQueue) -> list[Job]:
    taken = []
    while (next_job := queue.take()) is not None:
        taken.append(next_job)
    return taken


def test_clients_take_turns() -> None:
    queue = FairQueue()
    jobs = {name: job(name[:1].encode(), name.encode()) for name in ("a1", "a2", "a3", "b1", "c1")}
    for waiting in jobs.values():
        queue.put(waiting, 0.0)
    assert [taken.request.decode() for taken in drained(queue)] == ["a1", "b1", "c1", "a2", "a3"]


def test_what_is_put_back_is_next() -> None:
    queue = FairQueue()
    first, second, other = job(b"a"), job(b"a"), job(b"b")
    for waiting in (other, first, second):
        queue.put(waiting, 0.0)
    assert queue.take() is other
    assert queue.take() is first
    queue.put_back(first, 0.0)
    assert drained(queue) == [first, second]


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.binary(max_size=5))))
def test_nothing_is_lost_and_each_client_keeps_its_order(sent: list[tuple[bytes, bytes]]) -> None:
    queue = FairQueue()
    for client, request in sent:
        queue.put(job(client, request), 0.0)
    assert len(queue) == len(sent)
    assert queue.bytes == sum(len(request) for _, request in sent)
    taken = [(done.client, done.request) for done in drained(queue)]
    for name in (b"a", b"b", b"c"):
        assert [each for each in taken if each[0] == name] == [
            each for each in sent if each[0] == name
        ]
    assert (len(queue), queue.bytes, queue.clients) == (0, 0, 0)


def test_a_client_is_bounded_and_others_are_not_hurt() -> None:
    queue = FairQueue()
    for _ in range(limits.QUEUED_REQUESTS_OF_A_CLIENT):
        queue.put(job(b"a"), 0.0)
    with pytest.raises(RefusedError, match="busy: 256 requests of this client wait already"):
        queue.put(job(b"a"), 0.0)
    queue.put(job(b"b"), 0.0)


def test_all_clients_together_are_bounded() -> None:
    queue = FairQueue()
    for number in range(limits.QUEUED_REQUESTS):
        queue.put(job(number.to_bytes(4, "big")), 0.0)
    with pytest.raises(RefusedError, match="busy: 4096 requests wait, try again later"):
        queue.put(job(b"new"), 0.0)


def test_bytes_are_bounded_but_one_request_always_fits() -> None:
    queue = FairQueue()
    large = bytes(limits.MESSAGE_BYTES)
    queue.put(job(b"a", large), 0.0)
    queue.put(job(b"a", large), 0.0)
    assert queue.bytes == limits.QUEUED_BYTES_OF_A_CLIENT
    with pytest.raises(RefusedError, match="bytes of requests of this client wait already"):
        queue.put(job(b"a", b"x"), 0.0)
    for client in (b"b", b"c", b"d"):
        queue.put(job(client, large), 0.0)
        queue.put(job(client, large), 0.0)
    assert queue.bytes == limits.QUEUED_BYTES
    with pytest.raises(RefusedError, match=r"busy: \d+ bytes of requests wait, try again"):
        queue.put(job(b"e", b"x"), 0.0)


def test_what_waited_too_long_is_taken_out() -> None:
    queue = FairQueue()
    old, older, new = job(b"a"), job(b"b"), job(b"a")
    queue.put(older, 1.0)
    queue.put(old, 2.0)
    queue.put(new, 3.0)
    assert list(queue.expired(1.0)) == []
    assert list(queue.expired(2.5)) == [older, old]
    assert drained(queue) == [new]
