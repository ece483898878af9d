from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.limits import Limit
from scapy_server.transport.fair_queue import FairQueue
from scapy_server.transport.job import Job
from scapy_server.transport.trust import SHORT_SECONDS, TRIED_SECONDS
from tests.transport.jobs import job

SIZE = len(b"{}")


def drained(queue: FairQueue, cost: float = 1.0) -> list[Job]:
    taken = []
    while (next_job := queue.take(0.0)) is not None:
        queue.charge(next_job, cost)
        taken.append(next_job)
    return taken


def test_connections_take_turns() -> None:
    queue = FairQueue()
    for connection, name in ((1, b"a1"), (1, b"a2"), (1, b"a3"), (2, b"b1"), (3, b"c1")):
        queue.put(job(connection, name), 0.0)
    order = [taken.request.decode() for taken in drained(queue)]
    assert order == ["a1", "b1", "c1", "a2", "a3"]


def test_time_is_shared_not_turns() -> None:
    queue = FairQueue()
    for _ in range(10):
        queue.put(job(1, b"slow"), 0.0)
        queue.put(job(2, b"fast"), 0.0)
    served = []
    for _ in range(11):
        taken = queue.take(0.0)
        assert taken is not None
        queue.charge(taken, 1.0 if taken.request == b"slow" else 0.1)
        served.append(taken.request)
    assert served.count(b"slow") == 1


def test_owners_share_whatever_the_number_of_their_connections() -> None:
    queue = FairQueue()
    for connection in range(100):
        queue.put(job(connection, owner="crowd"), 0.0)
    for _ in range(10):
        queue.put(job(1000, owner="alone"), 0.0)
    first = drained(queue)[:20]
    assert sum(taken.owner == "alone" for taken in first) == 10


def test_who_comes_late_starts_level() -> None:
    queue = FairQueue()
    for _ in range(6):
        queue.put(job(1, owner="early"), 0.0)
    for _ in range(3):
        taken = queue.take(0.0)
        assert taken is not None
        queue.charge(taken, 10.0)
    for _ in range(6):
        queue.put(job(2, owner="late"), 0.0)
    order = [taken.owner for taken in drained(queue, 10.0)]
    assert order[:5].count("early") >= 1, "nobody is ahead for what it did not use"
    assert order[:4].count("late") >= 2


def alternating(queue: FairQueue, now: float) -> list[int]:
    """Whose turn it is for ten seconds, if the first connection asks whenever it is answered."""
    order = []
    for second in range(10):
        if not queue.waits("127.0.0.1", 1):
            queue.put(job(1), now + second)
        taken = queue.take(now + second)
        assert taken is not None
        queue.charge(taken, 1.0)
        order.append(taken.connection)
    return order


def test_who_has_asked_for_long_is_not_behind_who_has_just_come() -> None:
    queue = FairQueue()
    for second in range(100):
        queue.put(job(1), float(second))
        taken = queue.take(float(second))
        assert taken is not None
        queue.charge(taken, 1.0)
    for _ in range(10):
        queue.put(job(2), 100.0)
    order = alternating(queue, 100.0)
    assert order.count(1) == order.count(2) == 5


def test_who_has_sent_all_at_once_is_not_ahead_of_who_waits_for_answers() -> None:
    queue = FairQueue()
    for _ in range(10):
        queue.put(job(2), 0.0)
    order = alternating(queue, 60.0)
    assert order.count(1) >= 4


def test_what_is_put_back_is_next_of_its_connection() -> None:
    queue = FairQueue()
    first, second = job(1), job(1)
    queue.put(first, 0.0)
    queue.put(second, 0.0)
    assert queue.take(0.0) is first
    queue.put_back(first, 0.0)
    assert drained(queue) == [first, second]


@given(st.lists(st.tuples(st.sampled_from([1, 2, 3]), st.binary(max_size=5))))
def test_nothing_is_lost_and_each_connection_keeps_its_order(sent: list[tuple[int, bytes]]) -> None:
    queue = FairQueue()
    for connection, request in sent:
        queue.put(job(connection, request, owner=str(connection % 2)), 0.0)
    assert len(queue) == len(sent)
    assert queue.bytes == sum(len(request) for _, request in sent)
    taken = [(done.connection, done.request) for done in drained(queue)]
    for connection in (1, 2, 3):
        assert [each for each in taken if each[0] == connection] == [
            each for each in sent if each[0] == connection
        ]
    assert (len(queue), queue.bytes, queue.clients) == (0, 0, 0)


# -- the reserved place


def overrun(queue: FairQueue, connection: int, now: float, owner: str = "127.0.0.1") -> None:
    queue.put(job(connection, owner=owner), now)
    taken = queue.take(now, reserved=True)
    assert taken is not None
    queue.overran(taken, now)
    queue.put_back(taken, now)
    assert queue.take(now, reserved=True) is None
    assert queue.take(now) is taken
    queue.charge(taken, 1.0)


def test_who_overran_is_barred_for_longer_each_time() -> None:
    queue = FairQueue()
    now, bars = 0.0, []
    for _ in range(8):
        overrun(queue, 1, now)
        queue.put(job(1), now)
        begin = now
        while (again := queue.take(now, reserved=True)) is None:
            now += 0.5
        bars.append(now - begin)
        assert again is not None
    assert bars == sorted(bars)
    assert bars[0] <= 1.0
    assert bars[-1] == 60.0


def test_a_newcomer_that_overran_costs_newcomers_alone() -> None:
    queue = FairQueue()
    queue.put(job(1), 0.0)
    known = queue.take(0.0, reserved=True)
    assert known is not None
    queue.was_short(known)
    overrun(queue, 2, 0.0)
    queue.put(job(3), 0.0)
    assert queue.take(0.0, reserved=True) is None, "a newcomer of the same owner"
    queue.put(job(1), 0.0)
    trusted = queue.take(0.0, reserved=True)
    assert trusted is not None
    assert trusted.connection == 1
    queue.put(job(9, owner="other"), 0.0)
    assert queue.take(0.0, reserved=True) is not None, "a newcomer of another owner"


def test_newcomers_are_tried_one_after_the_other_once_one_overran() -> None:
    queue = FairQueue()
    for number in range(3):
        queue.put(job(number), 0.0)
    first = queue.take(0.0, reserved=True)
    assert first is not None
    assert queue.short_seconds(first, 0.0) == SHORT_SECONDS
    queue.overran(first, 0.01)
    assert queue.take(0.02, reserved=True) is None
    second = queue.take(0.1, reserved=True)
    assert second is not None
    assert queue.short_seconds(second, 0.1) == TRIED_SECONDS
    queue.was_short(second)
    queue.put(job(second.connection), 0.12)
    again = queue.take(0.12, reserved=True)
    assert again is not None
    assert again.connection == second.connection, "which has shown that it is short"
    assert queue.short_seconds(again, 0.12) == SHORT_SECONDS


def test_who_is_likeliest_to_be_short_has_the_reserved_place() -> None:
    queue = FairQueue()
    overrun(queue, 1, 0.0)
    for connection, request in (
        (1, b"-"),
        (2, b"long, and never tried"),
        (3, b"short"),
        (4, b"x" * 99),
    ):
        queue.put(job(connection, request), 1.0)
    queue.was_short(job(4))
    order = [queue.take(60.0, reserved=True) for _ in range(4)]
    assert [None if each is None else each.connection for each in order] == [4, 3, 2, 1]


# -- bounds


def test_a_connection_is_bounded_and_others_are_not_hurt() -> None:
    queue = FairQueue()
    for _ in range(limits.QUEUED_REQUESTS_OF_A_CLIENT):
        queue.put(job(1), 0.0)
    with pytest.raises(RefusedError, match="busy: 256 requests of this client wait already"):
        queue.put(job(1), 0.0)
    queue.put(job(2), 0.0)


def test_an_owner_is_bounded_and_others_are_not_hurt() -> None:
    queue = FairQueue()
    for number in range(limits.QUEUED_REQUESTS_OF_AN_OWNER):
        queue.put(job(number // 2), 0.0)
    with pytest.raises(RefusedError, match="busy: 1024 requests of this address wait already"):
        queue.put(job(0), 0.0)
    queue.put(job(-1), 0.0)
    queue.put(job(-1, owner="other"), 0.0)


def test_all_together_are_bounded() -> None:
    queue = FairQueue()
    for number in range(limits.QUEUED_REQUESTS):
        queue.put(job(number, owner=str(number % 8)), 0.0)
    with pytest.raises(RefusedError, match="busy: 4096 requests wait, try again later"):
        queue.put(job(-1, owner="0"), 0.0)
    queue.put(job(-1, owner="new"), 0.0)


def test_ever_new_connections_do_not_keep_an_old_one_waiting() -> None:
    queue = FairQueue()
    queue.put(job(0), 0.0)
    for number in range(1, 50):
        queue.put(job(number), 0.001 * number)
        taken = queue.take(0.001 * number)
        assert taken is not None
        queue.charge(taken, 0.001)
        if taken.connection == 0 and number > 1:
            return
        if taken.connection == 0:
            queue.put(job(0), 0.001 * number)
    raise AssertionError("it was never served again")


def test_bytes_are_bounded_but_one_request_always_fits() -> None:
    queue = FairQueue()
    large = bytes(limits.MESSAGE_BYTES)
    for connection in (1, 2, 3, 4):
        queue.put(job(connection, large), 0.0)
        queue.put(job(connection, large), 0.0)
        if connection == 1:
            assert queue.bytes == limits.QUEUED_BYTES_OF_A_CLIENT
            with pytest.raises(RefusedError, match="bytes of requests of this client wait"):
                queue.put(job(1, b"x"), 0.0)
    assert queue.bytes == limits.QUEUED_BYTES
    with pytest.raises(RefusedError, match=r"busy: \d+ bytes of requests wait, try again"):
        queue.put(job(5, bytes(2 * limits.MESSAGE_BYTES)), 0.0)


def test_who_has_nothing_waiting_pushes_out_who_has_most() -> None:
    queue = FairQueue()
    large = [job(connection % 4, bytes(limits.MESSAGE_BYTES)) for connection in range(8)]
    for each in large:
        assert queue.put(each, 0.0) == []
    assert queue.put(job(5, b"polite"), 0.0) == [large[4]]
    queue.put(job(6, bytes(limits.MESSAGE_BYTES - 10)), 0.0)
    with pytest.raises(RefusedError, match="bytes of requests wait"):
        queue.put(job(5, bytes(100)), 0.0)
    assert queue.bytes <= limits.QUEUED_BYTES
    assert len(queue) == 9


def test_who_asks_once_pushes_out_who_asks_most() -> None:
    queue = FairQueue()
    for number in range(limits.QUEUED_REQUESTS):
        queue.put(job(number // 10, owner=str(number // 1000)), 0.0)
    last = job(0, owner="0")
    (pushed_out,) = queue.put(job(-1, owner="0"), 0.0)
    assert len(queue) == limits.QUEUED_REQUESTS
    with pytest.raises(RefusedError, match="4096 requests wait"):
        queue.put(last, 0.0)
    assert pushed_out not in drained(queue)


def test_who_asks_most_is_known_after_much_has_come_and_gone() -> None:
    queue = FairQueue()
    for number in range(2000):
        queue.put(job(number % 40, owner=str(number % 4)), 0.0)
        if number >= 400:
            assert queue.take(0.0) is not None
    for connection in range(40):
        queue.forget(str(connection % 4), connection)
    assert not queue
    most = [job(-1, b"[%d]" % number, "0") for number in range(20)]
    for each in most:
        queue.put(each, 0.0)
    for number in range(limits.QUEUED_REQUESTS - len(most)):
        queue.put(job(number // 10, owner=str(number // 1000)), 0.0)
    pushed_out = [queue.put(job(-number, owner="0"), 0.0) for number in range(2, 7)]
    assert pushed_out == [[each] for each in most[:-6:-1]]


def test_envelopes_count() -> None:
    queue = FairQueue()
    waiting = job(1, b"{}")
    waiting.message = type(waiting.message)((b"x" * 100, b""), (b"{}",))
    queue.put(waiting, 0.0)
    assert queue.bytes == SIZE + 100


def test_only_so_many_owners_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REMEMBERED_OWNERS", Limit(100, "", ""))
    queue, held = FairQueue(), []
    tracemalloc.start()
    try:
        for number in range(3 * limits.REMEMBERED_OWNERS + 1):
            queue.put(job(1, owner=str(number)), 0.0)
            assert queue.take(0.0) is not None
            if number % limits.REMEMBERED_OWNERS == 0:
                held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    _, full, _, later = held
    assert later < 1.5 * full


def test_what_waited_too_long_is_taken_out() -> None:
    queue = FairQueue()
    old, older, new = job(1), job(2), job(1)
    queue.put(older, 1.0)
    queue.put(old, 2.0)
    queue.put(new, 3.0)
    assert list(queue.expired(1.0)) == []
    assert set(queue.expired(2.5)) == {older, old}
    assert drained(queue) == [new]


def test_what_a_client_left_behind_is_taken_out() -> None:
    queue = FairQueue()
    gone, stays = job(1), job(2)
    queue.put(gone, 0.0)
    queue.put(stays, 0.0)
    assert queue.forget("127.0.0.1", 1) == [gone]
    assert queue.forget("127.0.0.1", 1) == []
    assert queue.forget("nobody", 1) == []
    assert list(queue.drain()) == [stays]
    assert queue.bytes == 0
