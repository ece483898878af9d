from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.captures.writing import plain_record
from scapy_server.console import session as sessions
from scapy_server.console.session import Session
from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Packet, Program


def packet(number: int) -> Packet:
    return Packet(bytes([number]), ())


def document(number: int) -> Document:
    made = Document(f"packet {number}")
    made.replace(packet(number), "build")
    made.history.saved()
    return made


def capture(count: int) -> Document:
    made = Document("trace.pcap", is_capture=True)
    made.add_records(plain_record(index, bytes([index]), 1) for index in range(count))
    return made


def test_without_a_packet() -> None:
    session = Session()
    assert session.current is None
    for command in (lambda: session.packet, lambda: session.document):
        with pytest.raises(DeskError, match="there is no packet"):
            command()
    with pytest.raises(DeskError, match="nothing to undo"):
        session.undo()
    with pytest.raises(DeskError, match="nothing to redo"):
        session.redo()
    with pytest.raises(DeskError, match="no capture is open"):
        session.go_to(0)


@given(
    st.lists(
        st.sampled_from(["undo", "redo"]) | st.tuples(st.booleans(), st.integers(0, 255)),
        max_size=40,
    )
)
def test_history_is_a_line_that_one_walks_on(steps: list[str | tuple[bool, int]]) -> None:
    """Through the edits of a document and on to the document before it."""
    session = Session()
    line: list[Packet | None] = [None]
    at = 0
    for step in steps:
        if isinstance(step, tuple):
            begins, number = step
            if begins or at == 0:
                session.take_up(document(number))
            else:
                session.replace(packet(number), "set")
            at = at + 1
            line[at:] = [packet(number)]
            continue
        possible = at > 1 if step == "undo" else at and at + 1 < len(line)
        move = session.undo if step == "undo" else session.redo
        if possible:
            move()
            at += -1 if step == "undo" else 1
        else:
            with pytest.raises(DeskError):
                move()
        assert session.current == line[at]


def test_edits_stay_in_a_capture() -> None:
    session = Session()
    session.take_up(capture(3))
    session.replace(packet(77), "set")
    session.go_to(1)
    session.go_to(0)
    assert session.packet == packet(77)
    session.go_to(2)
    session.undo()
    assert (session.document.position, session.packet.frame) == (0, b"\0")
    with pytest.raises(DeskError, match="the packets 1 to 3, not 4"):
        session.go_to(3)


def test_what_is_in_no_file() -> None:
    session = Session()
    session.take_up(document(1))
    assert not session.unsaved  # how it began is in the history of lines
    session.set_program(Program(({"id": "x", "parameters": {}},)), "fe add")
    first = session.document
    session.take_up(document(2))
    session.replace(packet(3), "set")
    assert session.unsaved == [first, session.document]
    session.document.history.saved()
    assert session.unsaved == [first]


def test_the_oldest_documents_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    monkeypatch.setattr(sessions, "MOST_DOCUMENTS", 2)
    for number in range(3):
        session.take_up(document(number))
    session.undo()
    assert session.packet == packet(1)
    with pytest.raises(DeskError, match="nothing to undo"):
        session.undo()
    monkeypatch.setattr(sessions, "MOST_BYTES", 3)
    session.take_up(capture(4))  # the one at hand stays, however large
    assert len(session.document) == 4
    with pytest.raises(DeskError, match="nothing to undo"):
        session.undo()
