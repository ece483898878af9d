from __future__ import annotations

from pathlib import Path

from nicegui import ui
from nicegui.testing.user import User
from nicegui.testing.user_interaction import UserInteraction

from scapy_server.web.known import Known
from scapy_server.web.own_templates import OwnTemplates
from scapy_server.web.panes.template_menu import TemplateMenu
from scapy_server.web.seat import Seat
from tests.web.panes.shown import shown, type_over
from tests.web.simulated import until


class Choosing:
    """A menu, and what was chosen of it."""

    def __init__(self, directory: Path) -> None:
        self.chosen: list[tuple[str, bool]] = []
        self._own = OwnTemplates(directory)
        self._own.write("my own", b"{}")

    def menu(self, seat: Seat) -> TemplateMenu:
        return TemplateMenu(Known(seat.link), self._own, self._chosen)

    async def _chosen(self, template_id: str, is_own: bool) -> None:
        self.chosen.append((template_id, is_own))


def choose(user: User, template_id: str) -> None:
    (button,) = (
        each
        for each in user.find(ui.button).elements
        if each.props.get("aria-label") == template_id
    )
    UserInteraction(user, {button}, None).click()


def test_templates_of_the_server_and_ones_own(tmp_path: Path) -> None:
    choosing = Choosing(tmp_path)

    async def story(user: User, seat: Seat, menu: TemplateMenu) -> None:
        await menu.open()
        await user.should_see("Yours")
        choose(user, "my own")
        await until(lambda: choosing.chosen == [("my own", True)])
        await menu.open()
        type_over(user, "Search templates", "tcp-syn", None)
        await user.should_not_see("Yours")
        choose(user, "TCP-SYN")
        await until(lambda: len(choosing.chosen) == 2)
        assert choosing.chosen[1] == ("TCP-SYN", False)

    shown(choosing.menu, story)
