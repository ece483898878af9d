from __future__ import annotations

from scapy_server.workers.backoff import Backoff


def test_some_failures_are_free() -> None:
    backoff = Backoff()
    for _ in range(8):
        backoff.failed(100.0)
        assert backoff.may_start(100.0)
    backoff.failed(100.0)
    assert not backoff.may_start(100.0)
    assert backoff.may_start(100.0 + backoff.delay)


def test_each_further_one_doubles_the_wait_up_to_a_bound() -> None:
    backoff = Backoff()
    waits = []
    now = 0.0
    for _ in range(20):
        backoff.failed(now)
        waits.append(backoff.delay)
        now += backoff.delay
    assert waits[7:11] == [0.0, 0.1, 0.2, 0.4]
    assert waits[-1] == 10.0


def test_a_quiet_time_makes_good() -> None:
    backoff = Backoff()
    for _ in range(12):
        backoff.failed(0.0)
    assert backoff.delay > 0
    assert backoff.may_start(100.0)
    assert backoff.delay == 0
