"""Whose turn it is to be heard."""

from __future__ import annotations

from scapy_server.transport.turns import Turns


def order(turns: Turns) -> list[int]:
    found = []
    while (number := turns.next()) is not None:
        found.append(number)
    return found


def test_nobody_waits() -> None:
    turns = Turns()
    assert turns.next() is None
    assert not turns


def test_places_take_turns_however_many_connections_they_have() -> None:
    turns = Turns()
    for number in range(4):
        turns.add(number, "crowd")
    turns.add(10, "one")
    turns.add(11, "other")
    assert len(turns) == 6
    assert order(turns) == [0, 10, 11, 1, 2, 3]
    assert not turns


def test_who_comes_anew_is_heard_before_those_with_more() -> None:
    turns = Turns()
    for number in range(4):
        turns.add(number, "here", more=True)
    turns.add(10, "here")
    assert turns.next() == 10


def test_those_with_more_have_every_other_turn() -> None:
    turns = Turns()
    for number in range(3):
        turns.add(number, "here", more=True)
        turns.add(10 + number, "here")
    assert order(turns) == [10, 0, 11, 1, 12, 2]


def test_who_waits_already_stays_where_it_is() -> None:
    turns = Turns()
    turns.add(1, "here", more=True)
    turns.add(2, "here", more=True)
    turns.add(1, "here")
    assert order(turns) == [1, 2]


def test_who_leaves_is_passed_over() -> None:
    turns = Turns()
    for number in range(3):
        turns.add(number, "here", more=number == 1)
    turns.remove(0)
    turns.remove(1)
    turns.remove(7)
    assert order(turns) == [2]
    turns.add(3, "here")
    turns.remove(3)
    assert order(turns) == []
    assert not turns
