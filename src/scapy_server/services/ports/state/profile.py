"""A profile of a port: its streams, its state, and how it was started."""

from __future__ import annotations

from dataclasses import dataclass

from scapy_server.services.ports.state.tables import ProfileCommand, State, after
from scapy_server.streams.graph import RateGraph
from scapy_server.streams.profile import DEFAULT_PROFILE
from scapy_server.streams.profile import Profile as Streams

__all__ = ["DEFAULT_PROFILE", "Profile"]


@dataclass
class Profile:
    """Streams, a state, and of the last start: its number, factor, and whether it has an end.

    `graph` is the load of the streams as they were started.
    """

    streams: Streams
    state: State = State.IDLE
    run: int = 0
    factor: float = 1.0
    has_duration: bool = False
    graph: RateGraph | None = None

    @property
    def name(self) -> str:
        return self.streams.name

    @property
    def is_active(self) -> bool:
        """Whether it sends, or is paused while it does."""
        return self.state in {State.TX, State.PAUSE}

    def may(self, command: ProfileCommand) -> State:
        """The state after a command; NotExecuted when it is not possible."""
        return after(self.state, command, self.name)

    def do(self, command: ProfileCommand) -> None:
        """Go to the state after a command; NotExecuted when it is not possible."""
        self.state = self.may(command)
