from __future__ import annotations

from pathlib import Path

from nicegui.testing.user import User

from scapy_server.desk.document import Document
from scapy_server.desk.editing import append_layers, built
from scapy_server.web.documents import Documents
from scapy_server.web.panes.start_hints import ClosedList, StartHints
from scapy_server.web.seat import Seat
from scapy_server.web.shelf import Opened
from tests.web.panes.shown import shown
from tests.web.simulated import until
from tests.web.test_documents import documents_in


class Page:
    """The hints over a document of one's own, and what was asked for by them."""

    def __init__(self, directory: Path) -> None:
        self.asked: list[str] = []
        self.opened: list[Opened] = []
        self.documents: Documents = documents_in(directory)[0]

    def hints(self, seat: Seat) -> StartHints:
        return StartHints(
            seat,
            lambda: ClosedList(seat, self.documents, self.opened.append),
            lambda: self.asked.append("templates"),
            lambda: self.asked.append("open"),
        )


def test_a_new_document_says_what_to_begin_with(tmp_path: Path) -> None:
    page = Page(tmp_path)

    async def story(user: User, seat: Seat, hints: StartHints) -> None:
        seat.opened.document = Document("new")
        await seat.take("new packet", built([{"id": "Ether"}]))
        seat.document.history.begin()
        hints.show()
        user.find("a template").click()
        user.find("a file, or a packet that is pasted").click()
        assert page.asked == ["templates", "open"]
        await seat.edit("append", lambda packet: append_layers(packet, [{"id": "IP"}]))
        hints.show()
        assert not hints._root.visible
        seat.opened.document = Document("empty")
        hints.show()
        assert hints._root.visible

    shown(page.hints, story)


def test_what_was_closed_lately_is_opened_again(tmp_path: Path) -> None:
    page = Page(tmp_path)

    async def story(user: User, seat: Seat, hints: StartHints) -> None:
        seat.opened.document = Document("empty")
        opened = await page.documents.new()
        page.documents.close(opened)
        hints.show()
        user.find("Restore Untitled").click()
        await until(lambda: bool(page.opened))
        assert page.opened[0].document.packet.frame == opened.document.packet.frame
        hints.show()
        await user.should_not_see("Restore Untitled")

    shown(page.hints, story)
