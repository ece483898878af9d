from __future__ import annotations

from scapy_server.desk.document import Document
from scapy_server.desk.selection import Selection
from tests.desk.test_document import record


def capture(count: int = 6) -> Document:
    document = Document("t", is_capture=True)
    document.add_records(map(record, range(count)))
    return document


def test_without_a_selection_it_is_the_packet_at_hand() -> None:
    document = capture()
    document.go_to(3)
    assert Selection().positions(document) == [3]
    assert Selection().positions(Document("empty")) == []


def test_one_more_and_one_no_more() -> None:
    document, selection = capture(), Selection()
    selection.turn(document, 4)
    assert selection.positions(document) == [0, 4]
    selection.turn(document, 0)
    assert selection.positions(document) == [4]
    selection.clear()
    assert not selection.has(document, 4)


def test_a_range_of_what_is_shown() -> None:
    document, selection = capture(), Selection()
    document.go_to(4)
    selection.extend(document, 1, [0, 1, 3, 4, 5])
    assert selection.positions(document) == [1, 3, 4]
    document.go_to(1)
    selection.extend(document, 5, range(6))
    assert selection.positions(document) == [4, 5]  # from where it began


def test_what_is_selected_stays_so_where_it_goes() -> None:
    document, selection = capture(), Selection()
    selection.choose_all(document, [0, 1])
    document.move_all([0, 1], 4)
    assert selection.positions(document) == [4, 5]
    document.delete([4], "delete packet 5")
    assert selection.positions(document) == [4]
