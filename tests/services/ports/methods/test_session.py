"""Getting to know each other, and hearing what happens."""

from __future__ import annotations

import pytest

from scapy_server.services.ports.methods.session import API_MAJOR, API_MINOR
from scapy_server.services.ports.state.events import Kind
from tests.services.ports.rig import Refused, Rig, burst, stream


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.mark.parametrize("minor", [0, API_MINOR])
def test_a_client_of_this_version_or_an_older_one_is_welcome(rig: Rig, minor: int) -> None:
    found = rig.call("api_sync_v2", name="STL", major=API_MAJOR, minor=minor)
    assert found == {"api_h": rig.control.api_handler}


@pytest.mark.parametrize(
    ("name", "major", "minor", "said"),
    [
        ("ASTF", API_MAJOR, 0, "server RPC configuration: 'STL', client RPC configuration: 'ASTF'"),
        ("STL", API_MAJOR - 1, 0, "a newer client version is required"),
        ("STL", API_MAJOR + 1, 0, "your client version is too new"),
        ("STL", API_MAJOR, API_MINOR + 1, "your client version is too new"),
    ],
)
def test_others_are_told_why_not(rig: Rig, name: str, major: int, minor: int, said: str) -> None:
    with pytest.raises(Refused, match=said):
        rig.call("api_sync_v2", name=name, major=major, minor=minor)


def test_old_clients_ask_otherwise(rig: Rig) -> None:
    version = {"type": "core", "major": 3, "minor": 0}
    assert rig.call("api_sync", api_vers=[version]) == {
        "api_vers": [{"type": "core", "api_h": rig.control.api_handler}]
    }
    with pytest.raises(Refused, match="list of size 1"):
        rig.call("api_sync", api_vers=[version, version])


def test_a_wrong_handler_is_refused(rig: Rig) -> None:
    with pytest.raises(Refused):
        rig.call("get_supported_cmds", api_h="wrong")


def test_the_doorbell_is_rung_for_each_who_asks(rig: Rig) -> None:
    for key in (1, 2):
        assert rig.call("publish_now", key=key, baseline=False) == {}
    assert rig.control.doorbells == 2


def test_a_session_hears_what_happens_once(rig: Rig) -> None:
    assert rig.kinds(3) == []
    rig.acquire(0)
    assert rig.kinds(3) == [Kind.PORT_ACQUIRED]
    assert rig.kinds(3) == []


def test_a_minute_of_a_virtual_clock_is_no_reason_to_tell_a_session_less(rig: Rig) -> None:
    rig.kinds(7)
    rig.acquire(0)
    rig.add(1, stream(burst(60, 1.0)))
    rig.start()
    rig.run_to(60.0)
    assert rig.kinds(7) == [
        Kind.PORT_ACQUIRED,
        Kind.PROFILE_STARTED,
        Kind.PORT_STARTED,
        Kind.PROFILE_FINISHED,
        Kind.PORT_FINISHED,
    ]


def test_a_session_that_was_not_heard_of_for_long_is_told_no_more(rig: Rig) -> None:
    rig.kinds(7)
    rig.acquire(0)
    rig.wall = 11.0
    rig.acquire(1)
    assert rig.kinds(7) == [Kind.PORT_ACQUIRED]
