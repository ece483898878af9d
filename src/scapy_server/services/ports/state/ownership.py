"""Who owns a port, and what becomes of a port that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

from scapy_server.services.ports.requests.refusals import NotExecuted

FREE_NAME = "<FREE>"


@dataclass(frozen=True)
class Owner:
    """Who owns a port: a user in a session, who proves it with the handler."""

    user: str
    session: int
    handler: str


class Standing(Enum):
    """Who has the port, seen by the one who asks for it."""

    FREE = "free"
    MINE = "mine, in this session"
    MY_OTHER_SESSION = "mine, in another session"
    TAKEN = "another user's"


class Outcome(Enum):
    """What becomes of the question."""

    NEW_HANDLER = "owned, with a new handler"
    SAME_HANDLER = "owned, with the handler that it has"
    REFUSED = "refused"


#: (standing, whether by force) → outcome.
ACQUIRE: Mapping[tuple[Standing, bool], Outcome] = {
    (Standing.FREE, False): Outcome.NEW_HANDLER,
    (Standing.FREE, True): Outcome.NEW_HANDLER,
    (Standing.MINE, False): Outcome.SAME_HANDLER,
    (Standing.MINE, True): Outcome.NEW_HANDLER,
    (Standing.MY_OTHER_SESSION, False): Outcome.REFUSED,
    (Standing.MY_OTHER_SESSION, True): Outcome.NEW_HANDLER,
    (Standing.TAKEN, False): Outcome.REFUSED,
    (Standing.TAKEN, True): Outcome.NEW_HANDLER,
}


def standing(owner: Owner | None, user: str, session: int) -> Standing:
    """How a port with this owner stands to a user in a session."""
    if owner is None:
        return Standing.FREE
    if owner.user != user:
        return Standing.TAKEN
    return Standing.MINE if owner.session == session else Standing.MY_OTHER_SESSION


def acquired(
    owner: Owner | None, user: str, session: int, force: bool, new_handler: str
) -> tuple[Owner, bool]:
    """The owner after a port was asked for, and whether somebody was overruled.

    Raises NotExecuted when the port is not to be had.
    """
    how = standing(owner, user, session)
    outcome = ACQUIRE[how, force]
    if outcome is Outcome.REFUSED:
        _refuse(owner, how)
    if outcome is Outcome.SAME_HANDLER:
        assert owner is not None
        return owner, False
    return Owner(user, session, new_handler), how is not Standing.FREE


def _refuse(owner: Owner | None, how: Standing) -> NoReturn:
    name = owner.user if owner else ""
    if how is Standing.MY_OTHER_SESSION:
        raise NotExecuted(f"port is already owned by another session of '{name}'")
    raise NotExecuted(f"port is already taken by '{name}'")


def check(owner: Owner | None, handler: str) -> None:
    """Raise NotExecuted unless the handler proves that the port is owned."""
    if owner is None:
        raise NotExecuted("please acquire the port before modifying port state")
    if owner.handler != handler:
        raise NotExecuted("port is not owned by you or your current executing session")
