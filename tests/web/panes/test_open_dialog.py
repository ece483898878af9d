from __future__ import annotations

from pathlib import Path

import pytest
from nicegui import ui
from nicegui.testing.user import User
from nicegui.testing.user_interaction import UserInteraction

from scapy_server.web.documents import Documents
from scapy_server.web.drafts import Drafts
from scapy_server.web.own_templates import OwnTemplates
from scapy_server.web.panes.open_dialog import OpenDialog
from scapy_server.web.panes.start_hints import ClosedList
from scapy_server.web.seat import Seat
from scapy_server.web.shelf import Opened, Shelf
from tests.web.panes.shown import shown
from tests.web.simulated import until


class Opening:
    """A dialog, and what it has opened."""

    def __init__(self, directory: Path) -> None:
        self.opened: list[Opened] = []
        self._directory = directory

    def dialog(self, seat: Seat) -> OpenDialog:
        own = OwnTemplates(self._directory)
        documents = Documents(Shelf(), seat.link, own, Drafts(self._directory / "drafts"))
        return OpenDialog(
            documents,
            seat.opened.works,
            self.opened.append,
            lambda: ClosedList(seat, documents, self.opened.append),
        )


def paste(user: User, text: str) -> None:
    (field,) = user.find(ui.textarea).elements
    field.set_value(text)
    UserInteraction(user, user.find("Open text").elements, None).click()


@pytest.mark.parametrize("text", ["Ether()/IP()", '[{"id": "Ether"}, {"id": "IP"}]'])
def test_what_is_pasted_becomes_a_document(text: str, tmp_path: Path) -> None:
    opening = Opening(tmp_path)

    async def story(user: User, seat: Seat, dialog: OpenDialog) -> None:
        dialog.open()
        await user.should_see("Drop a file here")
        paste(user, text)
        await until(lambda: bool(opening.opened))
        packet = opening.opened[0].document.packet
        assert [layer["id"] for layer in packet.layers] == ["Ether", "IP"]
        assert not dialog._dialog.value

    shown(opening.dialog, story)


def test_what_is_no_packet_is_said_and_the_dialog_stays(tmp_path: Path) -> None:
    opening = Opening(tmp_path)

    async def story(user: User, seat: Seat, dialog: OpenDialog) -> None:
        dialog.open()
        await user.should_see("Drop a file here")
        paste(user, "Nope()")
        await until(lambda: "Nope" in dialog._problem.text)
        assert dialog._dialog.value
        dialog.open()
        assert dialog._problem.text == ""
        assert opening.opened == []

    shown(opening.dialog, story)
