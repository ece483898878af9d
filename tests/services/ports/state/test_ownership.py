"""Who gets a port."""

from __future__ import annotations

import pytest

from scapy_server.services.ports.requests.refusals import NotExecuted
from scapy_server.services.ports.state.ownership import (
    ACQUIRE,
    Owner,
    Standing,
    acquired,
    check,
)

OWNER = Owner("alice", 1, "old")


def test_every_standing_has_an_outcome() -> None:
    assert set(ACQUIRE) == {(each, force) for each in Standing for force in (False, True)}


@pytest.mark.parametrize(
    ("owner", "user", "session", "force", "handler", "overruled"),
    [
        (None, "bob", 2, False, "new", False),
        (None, "bob", 2, True, "new", False),
        (OWNER, "alice", 1, False, "old", False),
        (OWNER, "alice", 1, True, "new", True),
        (OWNER, "alice", 2, True, "new", True),
        (OWNER, "bob", 2, True, "new", True),
    ],
)
def test_a_port_that_is_to_be_had(  # noqa: PLR0917 (a column each)
    owner: Owner | None, user: str, session: int, force: bool, handler: str, overruled: bool
) -> None:
    got, by_force = acquired(owner, user, session, force, "new")
    assert got == Owner(user, session, handler)
    assert by_force is overruled


@pytest.mark.parametrize(
    ("user", "sentence"),
    [
        ("alice", "port is already owned by another session of 'alice'"),
        ("bob", "port is already taken by 'alice'"),
    ],
)
def test_a_port_that_is_not(user: str, sentence: str) -> None:
    with pytest.raises(NotExecuted, match=sentence):
        acquired(OWNER, user, 2, False, "new")


def test_a_handler_proves_ownership() -> None:
    check(OWNER, "old")
    with pytest.raises(NotExecuted, match="not owned by you"):
        check(OWNER, "new")
    with pytest.raises(NotExecuted, match="please acquire"):
        check(None, "old")
