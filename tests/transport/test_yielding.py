"""Who gives way, among connections over pairs of sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server import limits
from scapy_server.transport import yielding
from scapy_server.transport.connection import Connection
from scapy_server.transport.zmtp.peer import Bounds, Peer

BOUNDS = Bounds(1000, limits.MESSAGE_FRAMES, limits.ENVELOPE_BYTES)
HERE, THERE = "192.0.2.7", "192.0.2.8"


@pytest.fixture
def three() -> Iterator[list[Connection]]:
    """Two of one place and one of another; each was last active when its number says."""
    with ExitStack() as stack:
        made = []
        for number, address in enumerate((HERE, HERE, THERE), 1):
            ours, _ = map(stack.enter_context, socket.socketpair())
            made.append(Connection(number, ours, address, Peer(b"ROUTER", BOUNDS), float(number)))
        yield made


def test_those_that_hold_anything_come_in_the_order_of_how_much(three: list[Connection]) -> None:
    first, second, third = three
    second.peer.feed(b"\xff" + bytes(4))
    third.unread_bytes = 7
    assert [yielding.held(each) for each in three] == [0, 5, 7]
    assert yielding.by_size(three, yielding.held) == [third, second]
    assert yielding.by_size(three, lambda each: each.waiting) == [second]
    assert first not in yielding.by_size(three, yielding.held)


def test_who_is_silent_is_so_since_a_time(three: list[Connection]) -> None:
    first, second, third = three
    assert yielding.silent(three, 3.0) == [first, second]
    assert yielding.silent(three, 9.0, THERE) == [third]
    assert yielding.silent(three, 1.0) == []


def test_the_quietest_of_a_place_was_active_first(three: list[Connection]) -> None:
    assert yielding.quietest(reversed(three), HERE) is three[0]
    assert yielding.quietest(three, "192.0.2.9") is None


def test_who_has_most_to_read_is_never_who_is_served(three: list[Connection]) -> None:
    first, second, _ = three
    assert yielding.most_unread(three, first) is None
    first.unread_bytes, second.unread_bytes = 9, 5
    assert yielding.most_unread(three, first) is second
    assert yielding.most_unread(three, second) is first


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), max_size=300))
def test_who_has_most_is_known_however_it_changes(told: list[tuple[int, int]]) -> None:
    most = yielding.Most()
    amounts: dict[tuple[str, int], int] = {}
    for number, amount in told:
        name = (HERE, number)
        most.tell(name, amount)
        amounts[name] = amount
        if number == 5:  # it is not asked each time
            found = most.name()
            assert (amounts[found] if found else 0) == max(amounts.values())
