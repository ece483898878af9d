from __future__ import annotations

from functools import partial

import pytest

from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.web.shelf import Shelf


def test_documents_come_in_order_and_go() -> None:
    shelf = Shelf()
    told: list[int] = []
    stop = shelf.listen(lambda: told.append(len(shelf)))
    one, two = shelf.put(Document("one")), shelf.put(Document("two"), "known")
    assert [opened.document.name for opened in shelf] == ["one", "two"]
    assert shelf.find("known") is two
    shelf.close(one.id)
    assert shelf.find(one.id) is None
    assert told == [1, 2, 1]
    stop()
    shelf.close("known")
    assert told == [1, 2, 1]


def test_everyone_who_looks_at_a_document_is_told() -> None:
    opened = Shelf().put(Document("one"))
    told: list[str] = []
    stops = [opened.listen(partial(told.append, name)) for name in ("a", "b")]
    opened.changed()
    assert not opened.is_kept
    stops[0]()
    opened.changed()
    assert told == ["a", "b", "b"]


def test_ids_cannot_be_guessed() -> None:
    shelf = Shelf()
    ids = {shelf.put(Document("x")).id for _ in range(50)}
    assert len(ids) == 50
    assert all(len(each) >= 11 for each in ids)


def test_the_shelf_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scapy_server.limits.EDITOR_DOCUMENTS", 1)
    shelf = Shelf()
    shelf.put(Document("one"))
    with pytest.raises(DeskError, match="1 documents are open"):
        shelf.put(Document("two"))


def test_what_was_saved_says_since_when() -> None:
    opened = Shelf().put(Document("one"))
    told: list[str | None] = []
    opened.listen(lambda: told.append(opened.saved_at))
    opened.saved("12:04", opened.document.history.past)
    assert told == ["12:04"]
    assert not opened.document.history.changed
