"""The tables of states and owners as docs/ports.md shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from scapy_server.services.ports.state.ownership import ACQUIRE, Standing
from scapy_server.services.ports.state.tables import (
    PORT,
    PROFILE,
    PortCommand,
    ProfileCommand,
    State,
)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def profiles() -> str:
    """State by command, for profiles."""
    states = [State.IDLE, State.STREAMS, State.TX, State.PAUSE]
    rows = [
        [f"`{command.value}`", *(_next(PROFILE.get((state, command))) for state in states)]
        for command in ProfileCommand
    ]
    return _table(["command", *(state.value for state in states)], rows)


def ports() -> str:
    """State by command, for ports."""
    rows = [
        [f"`{command.value}`", *(_next(PORT.get((state, command))) for state in State)]
        for command in PortCommand
    ]
    return _table(["command", *(state.value for state in State)], rows)


def owners() -> str:
    """Outcome by standing and force."""
    rows = [
        [each.value, ACQUIRE[each, False].value, ACQUIRE[each, True].value] for each in Standing
    ]
    return _table(["the port is", "asked for", "asked for by force"], rows)


def _next(state: State | None) -> str:
    return "refused" if state is None else state.value


#: What each table of the page is made by.
TABLES: Mapping[str, Callable[[], str]] = {
    "profiles": profiles,
    "ports": ports,
    "owners": owners,
}
