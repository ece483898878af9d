from __future__ import annotations

from scapy_server.rpc.peek import fingerprint, peek
from scapy_server.transport.framing import Message
from scapy_server.transport.job import Job


def job(request: bytes, envelope: list[bytes]) -> Job:
    return Job(
        Message(tuple(envelope), (request,)), request, peek(request), 1, "192.0.2.1", "me", 0.0
    )


def test_it_is_as_large_as_all_that_it_holds() -> None:
    assert job(b"12345", [b"abc", b""]).size == 8


def test_equal_requests_have_equal_fingerprints() -> None:
    first, second = job(b'{"method":"ping"}', [b"a"]), job(b'{"method":"ping"}', [b"b"])
    assert first.fingerprint == second.fingerprint == fingerprint(b'{"method":"ping"}')
    assert job(b'{"method":"pong"}', [b"a"]).fingerprint != first.fingerprint


def test_two_jobs_are_never_the_same() -> None:
    assert job(b"x", []) != job(b"x", [])
