from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server import limits
from scapy_server.captures.records import PacketRecord
from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Packet, Program

LAYERS = ({"id": "Ether", "offset": 0, "fields": []},)


def packet(number: int) -> Packet:
    return Packet(bytes([number]), ())


def record(number: int) -> PacketRecord:
    return PacketRecord(number, bytes([number]), 1, number, 1)


def frames(document: Document) -> list[int]:
    return [each.frame[0] for each in document.packets()]


def test_the_first_packet_of_a_new_document() -> None:
    document = Document("new")
    with pytest.raises(DeskError, match="there is no packet"):
        assert document.packet
    document.replace(packet(1), "build")
    document.replace(packet(2), "set")
    assert frames(document) == [2]
    document.undo()
    assert frames(document) == [1]
    document.undo()
    assert frames(document) == []
    assert document.redo().label == "build"
    assert frames(document) == [1]


def test_moving_through_a_capture_keeps_each_packets_changes() -> None:
    document = Document("trace.pcap", is_capture=True)
    document.add_records(map(record, (1, 2, 3)))
    document.go_to(1)
    document.replace(packet(9), "set")
    document.go_to(2)
    document.go_to(1)
    assert document.packet.frame == b"\x09"
    assert [*document.edited()] == [document.key(1)]
    document.go_to(0)
    document.undo()
    assert (frames(document), document.position) == ([1, 2, 3], 1)


def test_dissecting_is_no_step_and_no_change() -> None:
    document = Document("trace.pcap", is_capture=True)
    document.add_records([record(1)])
    document.dissect(0, Packet(b"\x01", LAYERS))
    assert document.packet.layers
    assert not document.history.past
    assert not document.edited()


def test_what_was_read_late_does_not_undo_an_edit() -> None:
    document = Document("trace.pcap", is_capture=True)
    document.add_records([record(1)])
    document.replace(packet(9), "set")
    document.dissect(0, Packet(b"\x01", LAYERS))
    assert document.packet == packet(9)


def test_field_trees_are_held_of_the_packets_looked_at_last_and_of_the_one_at_hand() -> None:
    document = Document("trace.pcap", is_capture=True)
    count = limits.EDITOR_TREES + 100
    document.add_records(map(record, [number % 256 for number in range(count)]))
    for position in range(count):
        document.dissect(position, Packet(bytes([position % 256]), LAYERS))
    held = [position for position in range(count) if document.at(position).layers]
    assert held == [0, *range(101, count)]


def test_a_thousand_edits_are_taken_back_and_again() -> None:
    document = Document("trace.pcap", is_capture=True)
    document.add_records([record(0)])
    edited = [Packet(bytes([at % 256, at // 256]), LAYERS, ({"id": "Raw"},)) for at in range(1000)]
    for each in edited:
        document.replace(each, "set")
    for each in reversed(edited):
        assert (document.packet.frame, document.packet.model) == (each.frame, each.model)
        document.undo()
    assert document.packet == Packet(b"\0", (), record=record(0))
    for each in edited:
        document.redo()
        assert document.packet.frame == each.frame


def test_several_packets_change_in_one_step() -> None:
    document = Document("trace.pcap", is_capture=True)
    document.add_records(map(record, range(5)))
    document.replace_all({1: packet(11), 3: packet(13)}, "set IP.ttl of 2 packets")
    assert frames(document) == [0, 11, 2, 13, 4]
    document.undo()
    assert frames(document) == [0, 1, 2, 3, 4]


def test_packets_are_inserted_duplicated_moved_and_deleted() -> None:
    document = Document("trace.pcap", is_capture=True)
    document.add_records(map(record, (1, 2, 3)))
    document.duplicate(0)
    assert (frames(document), document.position) == ([1, 1, 2, 3], 1)
    document.move(3, 0)
    assert (frames(document), document.position) == ([3, 1, 1, 2], 0)
    document.delete([1, 2], "delete 2 packets")
    assert frames(document) == [3, 2]
    for expected in ([3, 1, 1, 2], [1, 1, 2, 3], [1, 2, 3]):
        document.undo()
        assert frames(document) == expected


def test_a_program_is_part_of_the_history() -> None:
    document = Document("new")
    document.replace(packet(1), "load", Program(({"id": "x"},)))
    document.set_program(Program(), "remove instruction 0")
    document.undo()
    assert document.program.instructions == ({"id": "x"},)
    document.undo()
    assert document.program == Program()


def test_marks_are_for_the_eye() -> None:
    document = Document("t", is_capture=True)
    document.add_records(map(record, (1, 2)))
    document.mark(1, True)
    document.move(1, 0)
    assert [document.is_marked(at) for at in (0, 1)] == [True, False]
    document.mark(0, False)
    assert not document.is_marked(0)


def test_packets_that_are_not_there() -> None:
    document = Document("t", is_capture=True)
    with pytest.raises(DeskError, match="no packets"):
        document.go_to(0)
    document.add_records(map(record, (1, 2)))
    with pytest.raises(DeskError, match="the packets 1 to 2, not 3"):
        document.go_to(2)


ACTIONS = st.sampled_from(["set", "duplicate", "move", "delete", "program", "undo", "redo"])


@given(st.lists(st.tuples(ACTIONS, st.integers(0, 99)), max_size=30))
def test_undo_brings_back_every_state_exactly(actions: list[tuple[str, int]]) -> None:
    document = Document("t", is_capture=True)
    document.add_records(map(record, range(4)))

    def state() -> tuple[list[int], Program]:
        return frames(document), document.program

    line, at = [state()], 0
    for action, number in actions:
        if action in ("undo", "redo"):
            target = at - 1 if action == "undo" else at + 1
            if 0 <= target < len(line):
                getattr(document, action)()
                at = target
                assert state() == line[at]
            continue
        place = number % len(document) if len(document) else 0
        if action == "program":
            document.set_program(Program(({"id": str(number)},)), action)
        elif action == "set":
            document.replace_all({place: packet(number)} if len(document) else {}, action)
        elif not len(document):
            continue
        elif action == "duplicate":
            document.duplicate(place)
        elif action == "move":
            document.move(place, (place + number) % len(document))
        else:
            document.delete([place], action)
        at += 1
        line[at:] = [state()]
