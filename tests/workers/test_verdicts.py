"""The table of verdicts, whole, and as the documentation shows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scapy_server.workers.verdicts import OUT_OF_TURN, TABLE, Event, Fate, State, ending, verdict

PAGE = Path(__file__).parents[2] / "docs" / "operation.md"


def test_the_page_shows_the_table() -> None:
    rows = re.findall(
        r"^\| (starting|idle|busy|lost|gone) \| (.+?) \| (\w+) \| (.+?) \|$",
        PAGE.read_text(),
        re.MULTILINE,
    )
    assert rows == [
        (state.value, event.value, found.state.value, found.fate.value)
        for (state, event), found in TABLE.items()
    ]


def test_only_what_was_surely_its_own_fault_is_blamed() -> None:
    blame = {Fate.CONVICT, Fate.SUSPECT}
    blamed = {event for (_, event), found in TABLE.items() if found.fate in blame}
    assert blamed == {Event.CRASHED, Event.OUT_OF_MEMORY, Event.OVERDUE}


def test_every_state_that_is_left_can_be_left() -> None:
    left = {state for state, _ in TABLE}
    reached = {found.state for found in TABLE.values()} | {
        State.STARTING,
        State.BUSY,
    }
    assert reached - {State.REPLACED} == left


def test_what_is_not_in_the_table_is_out_of_turn() -> None:
    assert verdict(State.IDLE, Event.ANSWERED) is OUT_OF_TURN
    assert verdict(State.BUSY, Event.ANSWERED).fate is Fate.ANSWER


@pytest.mark.parametrize(
    ("status", "event", "how"),
    [
        (None, Event.KILLED, "has gone without a word"),
        (0, Event.KILLED, "ended with status 0"),
        (-9, Event.KILLED, "was killed by SIGKILL"),
        (-15, Event.KILLED, "was killed by SIGTERM"),
        (-11, Event.CRASHED, "was killed by SIGSEGV"),
        (-6, Event.CRASHED, "was killed by SIGABRT"),
        (-500, Event.KILLED, "was killed by signal 500"),
    ],
)
def test_how_a_worker_ended(status: int | None, event: Event, how: str) -> None:
    assert ending(status) == (event, how)
