"""Menus that are made when they are opened, so that a page of fields stays light."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui

#: What a menu offers: the text, and what it does.
MenuItem = tuple[str, Callable[[], Any]]


def menu_button(name: str, actions: Callable[[], Sequence[MenuItem]]) -> ui.button:
    """A small button, named for screen readers, that offers these actions."""
    button = ui.button(icon="more_vert").props(f'flat dense size=sm aria-label="{name}"')
    button.on("click.stop", opener(button, f"#{button.html_id}", actions))
    return button


def opener(
    owner: ui.element, anchor: str, actions: Callable[[], Sequence[MenuItem]]
) -> Callable[[], None]:
    """What opens a menu of these actions within its `owner`, at what the selector `anchor` finds.

    The actions are those that there are when it is opened.

    What is chosen may lead elsewhere; only Escape leads back to where the menu was opened.
    """
    made: list[ui.menu] = []

    def open_menu() -> None:
        while made:
            made.pop().delete()
        with owner, ui.menu().props("no-refocus no-parent-event transition-duration=0") as menu:
            menu.props["target"] = anchor
            menu.on("escape-key", js_handler=f"() => leaveMenu({anchor!r})")
            for text, action in actions():
                ui.menu_item(text, action).props("role=menuitem")
        made.append(menu)
        menu.open()

    return open_menu
