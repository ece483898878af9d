from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.desk.errors import DeskError
from scapy_server.desk.history import History, Side, Step


def step(label: str) -> Step:
    return Step(label, Side({}), Side({}))


def test_a_document_is_changed_until_it_is_saved() -> None:
    history = History()
    assert not history.changed
    history.take(step("one"))
    assert history.changed
    history.saved()
    assert not history.changed
    history.undo()
    assert history.changed
    history.redo()
    assert not history.changed


def test_what_was_saved_and_undone_and_overwritten_is_lost() -> None:
    history = History()
    history.take(step("one"))
    history.saved()
    history.undo()
    history.take(step("other"))
    assert history.changed
    history.undo()
    assert history.changed


@given(st.lists(st.sampled_from(["undo", "redo"]) | st.integers(0, 255), max_size=40))
def test_history_is_a_line_that_one_walks_on(moves: list[str | int]) -> None:
    history = History()
    line: list[str] = []
    at = 0
    for move in moves:
        if isinstance(move, int):
            history.take(step(str(move)))
            line[at:] = [str(move)]
            at += 1
        elif move == "undo" and at:
            at -= 1
            assert history.undo().label == line[at]
        elif move == "redo" and at < len(line):
            assert history.redo().label == line[at]
            at += 1
        else:
            with pytest.raises(DeskError, match="nothing to"):
                getattr(history, move)()
        assert [each.label for each in history.past] == line[:at]
        assert [each.label for each in reversed(history.future)] == line[at:]
