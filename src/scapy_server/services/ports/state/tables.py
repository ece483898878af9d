"""Which command a profile or a port carries out in which state, and what state follows.

A pair of state and command that is not in a table is refused. docs/ports.md prints the
tables from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from scapy_server.services.ports.requests.refusals import NotExecuted


class State(Enum):
    """The states of profiles, and of ports, which alone have the last one."""

    IDLE = "IDLE"
    STREAMS = "STREAMS"
    PAUSE = "PAUSE"
    TX = "TX"
    PCAP_TX = "PCAP_TX"


class ProfileCommand(Enum):
    """What can be asked of a profile, or happen to it; the values stand in refusals."""

    ADD = "add_stream"
    REMOVE = "remove_stream"
    REMOVE_ALL = "remove_and_delete_all_streams"
    EMPTIED = "emptied"  # the last stream was removed
    START = "start"
    STOP = "stop"
    FINISHED = "finished"  # all was sent, or the time was over
    PAUSE = "pause"
    RESUME = "resume"
    UPDATE = "update"
    REMOVE_FILTERS = "remove_rx_filters"


class PortCommand(Enum):
    """What can be asked of a port as a whole; the values stand in refusals."""

    PUSH_REMOTE = "push_remote"
    SET_L2 = "set_l2_mode"
    SET_L3 = "set_l3_mode"
    SET_VLAN = "set_vlan_cfg"
    SET_IPV6 = "conf_ipv6"
    NAMESPACES = "conf_ns_batch"


_C = ProfileCommand

#: The next state of a profile.
PROFILE: Mapping[tuple[State, ProfileCommand], State] = {
    (State.IDLE, _C.ADD): State.STREAMS,
    (State.IDLE, _C.REMOVE_ALL): State.IDLE,
    (State.IDLE, _C.STOP): State.IDLE,
    (State.STREAMS, _C.ADD): State.STREAMS,
    (State.STREAMS, _C.REMOVE): State.STREAMS,
    (State.STREAMS, _C.REMOVE_ALL): State.IDLE,
    (State.STREAMS, _C.EMPTIED): State.IDLE,
    (State.STREAMS, _C.START): State.TX,
    (State.STREAMS, _C.STOP): State.STREAMS,
    (State.STREAMS, _C.REMOVE_FILTERS): State.STREAMS,
    (State.TX, _C.STOP): State.STREAMS,
    (State.TX, _C.FINISHED): State.STREAMS,
    (State.TX, _C.PAUSE): State.PAUSE,
    (State.TX, _C.UPDATE): State.TX,
    (State.PAUSE, _C.STOP): State.STREAMS,
    (State.PAUSE, _C.FINISHED): State.STREAMS,
    (State.PAUSE, _C.RESUME): State.TX,
    (State.PAUSE, _C.UPDATE): State.PAUSE,
}

_CONFIGURATION = (
    PortCommand.SET_L2,
    PortCommand.SET_L3,
    PortCommand.SET_VLAN,
    PortCommand.SET_IPV6,
    PortCommand.NAMESPACES,
)

#: The next state of a port, for what is not done to one of its profiles.
PORT: Mapping[tuple[State, PortCommand], State] = {
    (State.IDLE, PortCommand.PUSH_REMOTE): State.PCAP_TX,
    (State.STREAMS, PortCommand.PUSH_REMOTE): State.PCAP_TX,
    **{(State.IDLE, command): State.IDLE for command in _CONFIGURATION},
    **{(State.STREAMS, command): State.STREAMS for command in _CONFIGURATION},
}

#: From the weakest to the strongest: a port has the strongest state of its profiles.
STRENGTH = (State.IDLE, State.STREAMS, State.PAUSE, State.TX)


def after(state: State, command: ProfileCommand, profile: str) -> State:
    """The state of a profile after a command; NotExecuted when that is not possible."""
    following = PROFILE.get((state, command))
    if following is None:
        raise NotExecuted(
            f"command '{command.value}' cannot be executed on current state: "
            f"'{state.value} on profile_id({profile})."
        )
    return following


def after_on_port(state: State, command: PortCommand) -> State:
    """The state of a port after a command; NotExecuted when that is not possible."""
    following = PORT.get((state, command))
    if following is None:
        raise NotExecuted(
            f"command '{command.value}' cannot be executed on current state: '{state.value}'"
        )
    return following


def strongest(states: Iterable[State]) -> State:
    """The state of a port whose profiles have these states."""
    return max(states, key=STRENGTH.index, default=State.IDLE)
