from __future__ import annotations

import pytest

from scapy_server import limits
from scapy_server.services.ports.requests.refusals import NotExecuted
from scapy_server.services.ports.state.captures import CaptureEntry, Captures


def entry(captures: Captures, transmit: tuple[int, ...], receive: tuple[int, ...]) -> CaptureEntry:
    made = CaptureEntry(captures.next_id(), transmit, receive, 10, "fixed", "", 0, 0.0)
    captures.add(made)
    return made


def test_an_id_is_never_used_twice() -> None:
    captures = Captures()
    first, second = entry(captures, (0,), ()), entry(captures, (0,), ())
    assert (first.id, second.id) == (1, 2)
    captures.remove(2)
    assert captures.next_id() == 3
    assert list(captures) == [first]


def test_what_is_not_there_cannot_be_had_or_removed() -> None:
    captures = Captures()
    entry(captures, (0,), ())
    captures.remove(1)
    for ask in (captures.get, captures.remove):
        with pytest.raises(NotExecuted) as refusal:
            ask(1)
        assert refusal.value.text == "capture ID not found"


def test_there_are_so_many_at_once() -> None:
    captures = Captures()
    for _ in range(limits.PORT_CAPTURES):
        entry(captures, (0,), ())
    with pytest.raises(NotExecuted) as refusal:
        captures.next_id()
    assert refusal.value.text == "capture limit has reached"
    captures.remove(1)
    assert captures.next_id() == limits.PORT_CAPTURES + 1


def test_an_active_capture_listens_both_ways() -> None:
    captures = Captures()
    made = entry(captures, (0,), (1, 2))
    assert made.ports == {0, 1, 2}
    assert [captures.is_listening(port) for port in range(4)] == [True, True, True, False]
    made.is_active = False
    assert not captures.is_listening(0)
