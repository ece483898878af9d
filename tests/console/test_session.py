from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.console.session import PacketState, Session
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Program


def packet(number: int, position: int | None = None) -> PacketState:
    return PacketState(bytes([number]), (), (), position=position)


def test_undo_and_redo() -> None:
    session = Session()
    one, two, three = packet(1), packet(2), packet(3)
    for state in (one, two):
        session.become(state)
    session.undo()
    assert session.current is one
    session.redo()
    assert session.current is two
    session.undo()
    session.become(three)
    assert session.packet is three
    with pytest.raises(DeskError, match="nothing to redo"):
        session.redo()
    session.undo()
    session.undo()
    assert session.current is None
    with pytest.raises(DeskError, match="nothing to undo"):
        session.undo()
    with pytest.raises(DeskError, match="there is no packet"):
        assert session.packet


@given(st.lists(st.sampled_from(["undo", "redo"]) | st.integers(0, 255), max_size=40))
def test_history_is_a_line_that_one_walks_on(steps: list[str | int]) -> None:
    session = Session()
    line: list[PacketState | None] = [None]
    at = 0
    for step in steps:
        if isinstance(step, int):
            state = packet(step)
            session.become(state)
            line[at + 1 :] = [state]
            at += 1
            continue
        possible = at > 0 if step == "undo" else at + 1 < len(line)
        move = session.undo if step == "undo" else session.redo
        if possible:
            move()
            at += -1 if step == "undo" else 1
        else:
            with pytest.raises(DeskError):
                move()
        assert session.current is line[at]


def test_a_capture() -> None:
    session = Session()
    with pytest.raises(DeskError, match="no capture is open"):
        session.move(1)
    with pytest.raises(DeskError, match="no capture is open"):
        session.go_to(0)
    with pytest.raises(DeskError, match="no packets"):
        session.open([])
    packets = [packet(10 + position, position) for position in range(3)]
    session.open(packets)
    assert session.current is packets[0]
    session.move(1)
    session.move(1)
    assert session.current is packets[2]
    with pytest.raises(DeskError, match="the packets 1 to 3, not 4"):
        session.move(1)
    session.move(-1)
    assert session.current is packets[1]
    session.go_to(0)
    with pytest.raises(DeskError, match="not 0"):
        session.move(-1)
    session.become(packet(99))
    session.move(1)  # from a packet of elsewhere back to the capture
    assert session.current is packets[0]
    session.undo()
    assert session.packet.frame == b"\x63"


def test_edits_stay_in_the_capture() -> None:
    session = Session()
    session.open([packet(position, position) for position in range(2)])
    edited = packet(77, 0)
    session.become(edited)
    session.move(1)
    session.move(-1)
    assert session.current is edited
    session.undo()
    session.undo()
    assert session.capture[0] is edited
    session.undo()
    assert session.capture[0].frame == b"\0"
    session.redo()
    assert session.capture[0] is edited


def test_what_is_undone_of_another_capture_stays_out_of_this_one() -> None:
    session = Session()
    session.open([packet(1, 0)])
    session.become(packet(2, 0))
    session.open([packet(3, 0)])
    session.undo()
    session.become(packet(4, 0))
    assert session.packet.frame == b"\4"
    assert [each.frame for each in session.capture] == [b"\3"]


def test_a_program_as_it_is_sent() -> None:
    assert Program(({"id": "x", "parameters": {}},)).to_json() == {
        "instructions": [{"id": "x", "parameters": {}}],
        "global_parameters": {},  # nothing that nobody asked for
    }
