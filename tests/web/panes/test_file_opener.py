from __future__ import annotations

from nicegui.testing.user import User
from nicegui.testing.user_interaction import UserInteraction

from scapy_server.web.panes.file_opener import FileOpener
from scapy_server.web.seat import Seat
from scapy_server.web.uploads import ADDRESS
from tests.web.panes.shown import shown


def test_why_a_file_is_not_opened_is_told() -> None:
    told: list[str] = []

    async def story(user: User, seat: Seat, opener: FileOpener) -> None:
        assert opener.props["address"] == ADDRESS
        UserInteraction(user, {opener}, None).trigger("failed", "it is too long")
        assert told == ["it is too long"]

    shown(lambda seat: FileOpener(told.append), story)


def test_what_is_chosen_and_dropped_goes_to_this_element() -> None:
    async def story(user: User, seat: Seat, opener: FileOpener) -> None:
        for script in (opener.choose, opener.take_dropped):
            assert f"getElement({opener.id})." in script

    shown(lambda seat: FileOpener(lambda sentence: None), story)
