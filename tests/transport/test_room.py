"""One bound for all that a front holds: who gives way when it is reached."""

from __future__ import annotations

import pytest

from scapy_server import limits
from scapy_server.limits import Limit
from scapy_server.transport.fair_queue import FairQueue
from scapy_server.transport.room import Room
from tests.transport.jobs import job

MIB = 1024 * 1024


class Part:
    """A router or a backend that holds so much, and lets go of as much as it is asked."""

    def __init__(self, held: int = 0, most: int | None = None) -> None:
        self.held_bytes = held
        self.taken_bytes = 0
        self.asked: list[int] = []
        self._most = most

    def give_way(self, excess: int) -> int:
        self.asked.append(excess)
        freed = excess if self._most is None else min(excess, self._most)
        self.held_bytes -= freed
        return freed


def room(router: Part, backend: Part) -> Room:
    return Room(router, backend)  # type: ignore[arg-type]


@pytest.mark.parametrize(("more", "asked"), [(0, []), (1, [1])])
def test_all_of_it_counts_together(more: int, asked: list[int]) -> None:
    half = limits.FRONT_BYTES // 2
    router, backend = Part(half), Part(half + more)
    room(router, backend).look()
    assert (router.asked, backend.asked) == ([], asked)


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FRONT_BYTES", Limit(100, "", ""))


@pytest.mark.usefixtures("little")
def test_the_larger_part_gives_way() -> None:
    router, backend = Part(90), Part(30)
    room(router, backend).look()
    assert (router.asked, backend.asked) == ([20], [])


@pytest.mark.usefixtures("little")
def test_what_workers_are_at_cannot_give_way() -> None:
    router, backend = Part(40), Part(80, most=5)
    room(router, backend).look()
    assert (router.asked, backend.asked) == ([15], [20])


@pytest.mark.usefixtures("little")
def test_it_is_counted_again_once_much_has_come() -> None:
    router, backend = Part(), Part()
    looking = room(router, backend)
    looking.look_once_filled()
    router.held_bytes, router.taken_bytes = 1000, 16 * MIB
    looking.look_once_filled()
    assert router.asked == []
    router.taken_bytes += 1
    looking.look_once_filled()
    assert router.asked == [900]


def test_a_queue_gives_way_by_what_came_last_of_who_has_most() -> None:
    queue = FairQueue()
    jobs = [
        job(connection, bytes(size)) for connection, size in ((1, 10), (2, 30), (2, 40), (3, 9))
    ]
    for each in jobs:
        queue.put(each, 0.0)
    assert queue.give_way(0) == []
    assert queue.give_way(41) == [jobs[2], jobs[1]]
    assert queue.give_way(1000) == [jobs[0], jobs[3]]
    assert (len(queue), queue.bytes) == (0, 0)
