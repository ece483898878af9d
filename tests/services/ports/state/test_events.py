"""Queues of events."""

from __future__ import annotations

from scapy_server import limits
from scapy_server.services.ports.state.events import Events, Kind


def numbers(events: Events, session: int, now: float = 0.0) -> list[int]:
    return [event["seq"] for event in events.fetch(session, now)]


def test_a_session_gets_what_happens_after_its_first_question() -> None:
    events = Events()
    events.publish(Kind.PORT_STARTED, {"port_id": 0}, 0.0)
    assert events.fetch(1, 0.0) == []
    events.publish(Kind.PORT_STOPPED, {"port_id": 0}, 0.0)
    assert events.fetch(1, 0.0) == [
        {"name": "trex-event", "type": 1, "data": {"port_id": 0}, "seq": 0}
    ]
    assert events.fetch(1, 0.0) == []


def test_each_session_counts_for_itself() -> None:
    events = Events()
    events.fetch(1, 0.0)
    events.publish(Kind.PORT_STARTED, {"port_id": 0}, 0.0)
    events.fetch(2, 0.0)
    events.publish(Kind.PORT_STARTED, {"port_id": 0}, 0.0)
    assert numbers(events, 1) == [0, 1]
    assert numbers(events, 2) == [0]


def test_a_late_reader_loses_its_queue_and_a_late_owner_only_what_comes_too_late() -> None:
    events = Events()
    events.fetch(1, 0.0)
    events.set_writer(2, True, 0.0)
    for now in (0.0, 11.0, 12.0):
        events.publish(Kind.PORT_STARTED, {"port_id": 0}, now)
    assert numbers(events, 2, 13.0) == [0]
    assert numbers(events, 1, 13.0) == []
    events.publish(Kind.PORT_STARTED, {"port_id": 0}, 14.0)
    assert numbers(events, 2, 14.0) == [1]
    assert numbers(events, 1, 14.0) == [0]


def test_all_is_heard_when_those_who_ask_have_asked() -> None:
    events = Events()
    assert events.is_heard(0.0)
    events.fetch(1, 0.0)
    events.set_writer(2, True, 0.0)
    events.publish(Kind.SERVER_STOPPED, {"cause": "x"}, 9.0)
    events.fetch(1, 9.0)
    assert not events.is_heard(9.0)  # another session has not heard it
    assert events.is_heard(10.5)  # and will not any more
    events.publish(Kind.SERVER_STOPPED, {"cause": "x"}, 10.5)
    assert not events.is_heard(10.5)
    events.fetch(1, 10.5)
    assert events.is_heard(10.5)


def test_queues_are_bounded() -> None:
    events = Events()
    events.set_writer(1, True, 0.0)
    for _ in range(limits.QUEUED_EVENTS + 5):
        events.publish(Kind.PORT_STARTED, {"port_id": 0}, 0.0)
    assert numbers(events, 1) == list(range(limits.QUEUED_EVENTS))


def test_sessions_are_bounded_and_owners_stay() -> None:
    events = Events()
    events.set_writer(1, True, 0.0)
    last = limits.PORT_SESSIONS + 1
    for session in range(2, last + 1):
        events.fetch(session, float(session))
    events.publish(Kind.PORT_STARTED, {"port_id": 0}, float(last))
    heard = [session for session in (*range(3, last + 1), 1, 2) if numbers(events, session)]
    assert heard == [*range(3, last + 1), 1]
