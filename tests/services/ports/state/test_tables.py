"""States, and what is possible in them."""

from __future__ import annotations

import pytest

from scapy_server.services.ports.requests.refusals import NotExecuted
from scapy_server.services.ports.state.tables import (
    PROFILE,
    PortCommand,
    ProfileCommand,
    State,
    after,
    after_on_port,
    strongest,
)


# Source: the refusals of the engine's own control plane, recorded.
@pytest.mark.parametrize(
    ("state", "command", "sentence"),
    [
        (State.TX, ProfileCommand.ADD, "'add_stream' cannot be executed on current state: 'TX on"),
        (State.TX, ProfileCommand.REMOVE_ALL, "'remove_and_delete_all_streams' cannot"),
        (State.IDLE, ProfileCommand.START, "current state: 'IDLE on profile_id(a)."),
        (State.STREAMS, ProfileCommand.PAUSE, "command 'pause' cannot be executed"),
        (State.TX, ProfileCommand.RESUME, "command 'resume' cannot be executed"),
        (State.TX, ProfileCommand.REMOVE_FILTERS, "command 'remove_rx_filters' cannot"),
    ],
)
def test_what_is_not_possible_is_refused(
    state: State, command: ProfileCommand, sentence: str
) -> None:
    with pytest.raises(NotExecuted) as refusal:
        after(state, command, "a")
    assert sentence in refusal.value.text


def test_a_life_of_a_profile() -> None:
    state = State.IDLE
    for command, expected in [
        (ProfileCommand.ADD, State.STREAMS),
        (ProfileCommand.START, State.TX),
        (ProfileCommand.PAUSE, State.PAUSE),
        (ProfileCommand.UPDATE, State.PAUSE),
        (ProfileCommand.RESUME, State.TX),
        (ProfileCommand.FINISHED, State.STREAMS),
        (ProfileCommand.REMOVE_FILTERS, State.STREAMS),
        (ProfileCommand.REMOVE_ALL, State.IDLE),
    ]:
        state = after(state, command, "_")
        assert state is expected


def test_a_profile_is_never_in_a_state_of_ports() -> None:
    assert State.PCAP_TX not in {state for state, _ in PROFILE} | set(PROFILE.values())


def test_a_port_is_configured_only_while_it_is_quiet() -> None:
    assert after_on_port(State.IDLE, PortCommand.SET_L2) is State.IDLE
    with pytest.raises(
        NotExecuted, match="'set_l3_mode' cannot be executed on current state: 'TX'"
    ):
        after_on_port(State.TX, PortCommand.SET_L3)


def test_a_port_is_in_the_strongest_state_of_its_profiles() -> None:
    assert strongest([]) is State.IDLE
    assert strongest([State.STREAMS, State.PAUSE, State.IDLE]) is State.PAUSE
    assert strongest([State.PAUSE, State.TX]) is State.TX
