from __future__ import annotations

from nicegui import ui
from nicegui.testing.user import User

from scapy_server.web.panes.folds import fold
from scapy_server.web.seat import Seat
from tests.web.panes.shown import shown


def test_a_fold_is_called_by_its_words_alone() -> None:
    async def story(user: User, seat: Seat, made: ui.expansion) -> None:
        assert made.props["toggle-aria-label"] == made.text == 'a "quoted" <name>'
        assert made.value

    shown(lambda seat: fold('a "quoted" <name>', is_open=True), story)
