from __future__ import annotations

from scapy_server.errors import RefusedError
from scapy_server.rpc import Dispatcher, Method
from scapy_server.transport.backend import Answered, Backend
from scapy_server.transport.in_process import InProcess
from tests.transport.jobs import job

NEXT = b'{"jsonrpc":"2.0","id":1,"method":"next"}'


def test_jobs_are_run_at_once_and_in_order() -> None:
    state: list[int] = []

    def count(context: list[int]) -> int:
        context.append(len(context))
        return context[-1]

    backend: Backend = InProcess(
        Dispatcher((Method("next", count, "", "", repeatable=False),), state)
    )
    jobs = [job(number, NEXT) for number in range(3)]
    for each in jobs:
        backend.submit(each, 0.0)
    assert state == [0, 1, 2]
    outcomes = list(backend.outcomes())
    assert [outcome.job for outcome in outcomes] == jobs
    assert all(isinstance(outcome, Answered) for outcome in outcomes)
    assert list(backend.outcomes()) == []
    assert backend.knows("next")
    assert not backend.knows("last")


def test_there_is_nothing_to_wait_for() -> None:
    backend: Backend = InProcess(Dispatcher((), None))
    assert backend.unfinished == 0
    assert backend.descriptors() == {}
    assert backend.next_deadline() == float("inf")
    backend.tick(1.0)
    backend.forget("owner", 1)
    backend.abandon(RefusedError("the end"))
    assert list(backend.outcomes()) == []
    backend.close()
