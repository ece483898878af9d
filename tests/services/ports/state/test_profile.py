from __future__ import annotations

import pytest

from scapy_server.services.ports.requests.refusals import NotExecuted
from scapy_server.services.ports.state.profile import Profile
from scapy_server.services.ports.state.tables import ProfileCommand, State
from scapy_server.streams.profile import Profile as Streams


def test_commands_lead_from_state_to_state() -> None:
    profile = Profile(Streams(0, "a"))
    assert (profile.name, profile.state, profile.is_active) == ("a", State.IDLE, False)
    seen = []
    for command in (
        ProfileCommand.ADD,
        ProfileCommand.START,
        ProfileCommand.PAUSE,
        ProfileCommand.RESUME,
        ProfileCommand.FINISHED,
    ):
        profile.do(command)
        seen.append((profile.state, profile.is_active))
    assert seen == [
        (State.STREAMS, False),
        (State.TX, True),
        (State.PAUSE, True),
        (State.TX, True),
        (State.STREAMS, False),
    ]


def test_asking_changes_nothing_and_what_is_impossible_is_refused() -> None:
    profile = Profile(Streams(0, "a"))
    assert profile.may(ProfileCommand.ADD) is State.STREAMS
    assert profile.state is State.IDLE
    with pytest.raises(NotExecuted):
        profile.do(ProfileCommand.START)
    assert profile.state is State.IDLE
