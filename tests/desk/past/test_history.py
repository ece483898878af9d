from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server import limits
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Packet
from scapy_server.desk.past.history import History, Side, Step
from scapy_server.desk.past.kept import Kept


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


def test_what_is_done_while_a_file_is_written_is_not_in_it() -> None:
    history = History()
    history.take(step("one"))
    past = history.past
    history.take(step("two"))
    history.saved(past)
    assert history.changed
    history.undo()
    assert not history.changed
    history.undo()
    history.take(step("another"))
    history.saved(past)
    assert history.changed


def test_a_document_that_begins_has_no_way_back() -> None:
    history = History()
    history.take(step("new packet"))
    history.take(step("other"))
    history.undo()
    history.begin()
    assert not history.changed
    assert not history.past
    assert not history.future


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


def whole(number: int) -> Packet:
    layers = ({"id": "Raw", "offset": 0, "fields": []},)
    return Packet(bytes([number]), layers, ({"id": "Raw", "fields": [number]},))


def test_all_but_the_newest_steps_are_kept_small() -> None:
    history = History()
    for number in range(100):
        history.take(Step("set", Side({0: whole(number)}), Side({0: whole(number + 1)})))
    sides = [side.packets[0] for each in history.past for side in (each.before, each.after)]
    assert sum(isinstance(packet, Packet) for packet in sides) == 2 * limits.EDITOR_FRESH_STEPS
    assert [isinstance(packet, Packet) for packet in sides] == sorted(
        isinstance(packet, Packet) for packet in sides
    )
    for number in reversed(range(100)):
        before = history.undo().before.packets[0]
        found = before.packet(bytes([number + 1])) if isinstance(before, Kept) else before
        assert found is not None
        assert (found.frame, found.model) == (whole(number).frame, whole(number).model)


def test_a_step_of_many_packets_is_kept_small_at_once() -> None:
    history = History()
    after: dict[int, Packet | Kept | None] = {at: whole(at % 256) for at in range(1000)}
    history.take(Step("set", Side(dict.fromkeys(after)), Side(after)))
    assert all(isinstance(each, Kept) for each in history.past[-1].after.packets.values())
    assert set(history.past[-1].before.packets.values()) == {None}


def test_what_was_undone_is_forgotten_without_another_step() -> None:
    history = History()
    history.take(step("one"))
    history.saved()
    history.undo()
    history.forget_undone()
    assert history.changed  # the file holds what can be reached no more
    with pytest.raises(DeskError, match="nothing to redo"):
        history.redo()


@pytest.mark.parametrize("more", [0, 1])
def test_so_many_packets_of_a_step_are_kept_whole(more: int) -> None:
    history = History()
    packets = {key: whole(key) for key in range(limits.EDITOR_FRESH_PACKETS + more)}
    history.take(Step("set", Side(dict.fromkeys(packets)), Side(packets)))
    kept = [isinstance(each, Kept) for each in history.past[0].after.packets.values()]
    assert kept == [bool(more)] * len(packets)
