"""Who owns a port."""

from __future__ import annotations

import pytest

from scapy_server.services.ports.state.events import Kind
from tests.services.ports.rig import Refused, Rig


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_port_is_taken_and_given_back(rig: Rig) -> None:
    free = rig.call("get_owner", port_id=0)["owner"]
    rig.acquire(0, user="me")
    assert rig.call("get_owner", port_id=0) == {"owner": "me"}
    assert rig.call("get_owner", port_id=1) == {"owner": free}
    assert rig.call("release", port_id=0) == {}
    assert rig.call("get_owner", port_id=0) == {"owner": free}


def test_both_are_told_to_all(rig: Rig) -> None:
    assert rig.events(session=9) == []
    rig.acquire(0, user="me", session=7)
    rig.call("release", port_id=0)
    told = rig.events(session=9)
    assert [kind for kind, _ in told] == [Kind.PORT_ACQUIRED, Kind.PORT_RELEASED]
    taken, released = (data for _, data in told)
    assert (taken["who"], taken["session_id"], taken["force"]) == ("me", 7, False)
    assert (released["who"], released["port_id"]) == ("me", 0)


def test_another_takes_it_only_by_force(rig: Rig) -> None:
    rig.acquire(0, user="me", session=7)
    before = rig.handlers[0]
    with pytest.raises(Refused, match="me"):
        rig.acquire(0, user="other", session=8, force=False)
    rig.acquire(0, user="other", session=8)
    assert rig.handlers[0] != before
    with pytest.raises(Refused):
        rig.call("release", port_id=0, handler=before)
    assert rig.call("get_owner", port_id=0) == {"owner": "other"}


def test_a_session_has_a_number(rig: Rig) -> None:
    with pytest.raises(Refused, match="'session_id' cannot be zero"):
        rig.acquire(0, session=0)


def test_who_owns_nothing_cannot_give_it_back(rig: Rig) -> None:
    with pytest.raises(Refused):
        rig.call("release", port_id=0, handler="none")
