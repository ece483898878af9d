from __future__ import annotations

import select
from collections.abc import Iterator
from typing import cast

import pytest

from scapy_server.workers.backoff import Backoff
from scapy_server.workers.channel import WireError
from scapy_server.workers.nursery import Nursery
from scapy_server.workers.staff import Staff
from scapy_server.workers.verdicts import State
from scapy_server.workers.zygote_handle import ZygoteHandle
from tests.workers.test_pool import PlayedZygote


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    zygote = PlayedZygote()
    yield Nursery(lambda fresh: cast(ZygoteHandle, zygote), Backoff())
    zygote.close()


def test_workers_are_found_by_number_and_by_descriptor(nursery: Nursery) -> None:
    staff = Staff()
    for now in (1.0, 2.0):
        staff.order(nursery, now)
    first, second = staff
    assert (first.serial, second.serial, staff.ever, len(staff)) == (1, 2, 2, 2)
    assert staff.of_serial(2) is second
    assert staff.of_descriptor(first.channel.fileno()) is first
    assert (staff.of_serial(3), staff.of_descriptor(-1)) == (None, None)
    assert set(staff.descriptors().values()) == {select.POLLIN}
    for worker in staff:
        staff.remove(worker)


def test_a_number_is_never_given_twice(nursery: Nursery) -> None:
    staff = Staff()
    staff.order(nursery, 0.0)
    (worker,) = staff
    staff.remove(worker)
    assert worker not in staff
    staff.order(nursery, 0.0)
    (other,) = staff
    assert (other.serial, staff.ever, len(staff)) == (2, 2, 1)
    staff.remove(other)


def test_who_is_free_and_who_is_waited_for(nursery: Nursery) -> None:
    staff = Staff()
    assert staff.oldest_order is None
    for now in (1.0, 2.0, 3.0):
        staff.order(nursery, now)
    first, second, third = staff
    assert not staff.idle
    assert staff.oldest_order == 1.0
    first.pid, first.state = 7, State.IDLE
    assert staff.idle == [first]
    assert staff.oldest_order == 2.0
    second.pid = third.pid = 8
    assert staff.oldest_order is None
    for worker in staff:
        staff.remove(worker)


def test_one_that_was_hung_up_on_is_not_polled_and_stays(nursery: Nursery) -> None:
    staff = Staff()
    staff.order(nursery, 0.0)
    (worker,) = staff
    staff.hang_up(worker)
    assert staff.descriptors() == {}
    assert worker in staff
    staff.remove(worker)
    assert len(staff) == 0


def test_an_order_that_fails_leaves_nobody(nursery: Nursery) -> None:
    staff = Staff()
    nursery.close()
    with pytest.raises(WireError):
        staff.order(nursery, 0.0)
    assert list(staff) == []
