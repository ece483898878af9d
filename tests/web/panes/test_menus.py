from __future__ import annotations

from nicegui import ui
from nicegui.testing.user import User
from nicegui.testing.user_interaction import UserInteraction

from scapy_server.web.panes.menus import menu_button
from scapy_server.web.seat import Seat
from tests.web.panes.shown import shown


def test_a_menu_is_made_when_it_is_opened_and_there_is_one() -> None:
    done: list[str] = []

    def build(seat: Seat) -> ui.button:
        actions = [(name, lambda name=name: done.append(name)) for name in ("One", "Two")]
        return menu_button("Offered", lambda: actions)

    async def story(user: User, seat: Seat, button: ui.button) -> None:
        assert button.props["aria-label"] == "Offered"
        await user.should_not_see("Two")
        for _ in range(2):
            UserInteraction(user, {button}, None).trigger("click.stop")
            await user.should_see("Two")
        assert len(user.find(ui.menu).elements) == 1
        _, second = sorted(user.find(ui.menu_item).elements, key=lambda item: item.id)
        assert second.props["role"] == "menuitem"
        UserInteraction(user, {second}, None).click()
        assert done == ["Two"]

    shown(build, story)
