"""A doorway over a real listening socket; test_router has what comes of those who come in."""

from __future__ import annotations

import select
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from scapy_server import limits
from scapy_server.limits import Limit
from scapy_server.transport.access import Rules, parse_networks
from scapy_server.transport.admission import Admission
from scapy_server.transport.anteroom import Waiting
from scapy_server.transport.doorway import Doorway
from scapy_server.transport.listening import listen
from tests.running import PATIENCE


class House:
    """A doorway, what it has told, and for which places it asked for room."""

    def __init__(self, stack: ExitStack, capacity: int = 100, *networks: str) -> None:
        self.told: Counter[str] = Counter()
        self.asked: list[str | None] = []
        self.has_room = False
        self._stack = stack
        self.poll = stack.enter_context(select.epoll())
        self.listener = stack.enter_context(listen("127.0.0.1", 0))
        self.place = self.listener.getsockname()
        self.admission = Admission(capacity)
        rules = Rules(parse_networks(networks))
        self.pushed_out: list[str] = []
        self.door = Doorway(
            self.listener, self, rules, self.admission, self.poll, self.make_room, self.push_out
        )
        stack.callback(self.door.close)

    def refused(self, reason: str, address: str, problem: str) -> None:
        self.told[reason] += 1

    def make_room(self, place: str | None) -> bool:
        self.asked.append(place)
        return self.has_room

    def push_out(self, place: str, reason: str, problem: str) -> bool:
        self.pushed_out.append(place)
        self.admission.left(place)
        return True

    def ring(self, times: int = 1, source: str = "127.0.0.1") -> None:
        for _ in range(times):
            connection = socket.create_connection(self.place, PATIENCE, (source, 0))
            self._stack.enter_context(connection)

    def come(self) -> list[Waiting | None]:
        found = list(self.door.come(0.0))
        for one in found:
            if one is not None:
                self._stack.enter_context(one.socket)
        return found


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_whoever_may_comes_in(stack: ExitStack) -> None:
    house = House(stack)
    assert house.come() == []
    house.ring(2)
    assert [None if one is None else one.place for one in house.come()] == ["127.0.0.1"] * 2
    assert house.admission.count == 2


def test_strangers_are_sent_away(stack: ExitStack) -> None:
    house = House(stack, 100, "192.0.2.0/24")
    house.ring()
    assert house.come() == [None]
    assert house.told == {"address": 1}
    assert house.admission.count == 0


def test_who_comes_too_fast_waits_and_is_called(
    stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "NEW_CONNECTIONS_OF_AN_ADDRESS", Limit(1, "", ""))
    house = House(stack)
    house.ring(3)
    assert not house.door.anyone_waits
    first, *others = house.come()
    assert first is not None
    assert others == [None, None]
    assert house.door.anyone_waits
    assert list(house.door.called(0.0)) == []
    (second,) = house.door.called(1.0)
    assert stack.enter_context(second.socket)
    assert house.admission.count == 3


def test_room_is_asked_for_once_between_two_ticks(stack: ExitStack) -> None:
    house = House(stack, 1)
    house.ring(3)
    assert house.come()[1:] == [None, None]
    assert house.told == {"connections": 2}
    assert house.asked == [None]
    house.door.tick(0.2)
    house.has_room = True
    house.ring()
    assert house.come() != [None]
    assert house.asked == [None, None]


def test_nobody_is_heard_of_once_it_is_closed_though_another_process_listens(
    stack: ExitStack,
) -> None:
    house = House(stack, 4)
    stack.enter_context(house.listener.dup())
    house.door.close()
    house.ring()
    assert house.poll.poll(0) == []
    house.door.close()


def test_the_place_with_most_makes_room_for_who_has_clearly_fewer(stack: ExitStack) -> None:
    house = House(stack, 4)
    house.ring(2)
    house.ring(2, "127.0.0.2")
    assert None not in house.come()
    house.ring(1, "127.0.0.2")
    assert house.come() == [None]
    assert house.told == {"connections": 1}
    house.ring(1, "127.0.0.3")
    assert house.come() != [None]
    assert house.pushed_out == ["127.0.0.1"]
    assert house.admission.count == 4


def test_of_the_place_with_most_those_who_wait_leave_first(
    stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "NEW_CONNECTIONS_OF_AN_ADDRESS", Limit(1, "", ""))
    house = House(stack, 3)
    house.ring(3)
    assert house.come()[1:] == [None, None]
    house.ring(1, "127.0.0.2")
    assert house.come() != [None]
    assert house.told == {"crowd": 1}
    assert house.pushed_out == []
