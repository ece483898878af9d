from __future__ import annotations

import logging
from pathlib import Path

import pytest

from scapy_server.captures.reading import read_capture
from scapy_server.captures.writing import write_capture
from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Packet
from scapy_server.web.drafts import Drafts
from scapy_server.web.shelf import Opened


def changed(name: str) -> Document:
    document = Document(name)
    document.replace(Packet(b"\x01", (), ({"id": "Raw"},)), "build")
    return document


def test_changes_are_there_again(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "drafts")
    drafts.keep(Opened("one", changed("first")))
    drafts.keep(Opened("two", changed("second")))
    found = dict(Drafts(tmp_path / "drafts").load())
    assert {key: document.name for key, document in found.items()} == {
        "one": "first",
        "two": "second",
    }


def test_a_capture_is_read_again(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    content = write_capture([b"\x01" * 20, b"\x02" * 20])
    document = Document("t.pcap", is_capture=True)
    drafts.keep_capture("t", content)
    document.add_records(read_capture(content))
    document.replace(Packet(b"\x09" * 20, (), record=document.packet.record), "set")
    drafts.keep(Opened("t", document))
    again = dict(drafts.load())["t"]
    assert [packet.frame[0] for packet in again.packets()] == [9, 2]
    file = drafts.origin("t")()
    assert file is not None
    with file:
        assert file.read() == content
    told: list[tuple[int, int]] = []
    drafts.read("t", lambda done, total: told.append((done, total)))
    assert told
    assert all(0 < done <= total == len(content) for done, total in told)


def test_a_capture_that_is_not_kept_cannot_be_opened(tmp_path: Path) -> None:
    assert Drafts(tmp_path).origin("t")() is None


def test_what_is_saved_or_closed_is_not_kept(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    opened = Opened("one", changed("first"))
    drafts.keep(opened)
    opened.document.history.saved()
    drafts.keep(opened)
    assert not list(tmp_path.iterdir())
    drafts.keep_capture("one", b"x")
    drafts.forget("one")
    assert not list(tmp_path.iterdir())


def test_a_broken_draft_is_said_and_left(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "bad.draft").write_bytes(b"{")
    drafts = Drafts(tmp_path)
    drafts.keep(Opened("good", changed("good")))
    with caplog.at_level(logging.WARNING):
        assert [key for key, _ in drafts.load()] == ["good"]
    assert "bad.draft cannot be taken up: this is no draft" in caplog.text
    assert (tmp_path / "bad.draft").exists()


def test_a_directory_that_cannot_be_written_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "file"
    file.touch()
    with caplog.at_level(logging.WARNING):
        Drafts(file).keep(Opened("one", changed("first")))
    assert "cannot be kept" in caplog.text


def test_ids_cannot_lead_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(DeskError, match="names no document"):
        Drafts(tmp_path).keep_capture("../x", b"")
