"""Menus that are made when they are opened, so that a page of fields stays light."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui


def menu_button(name: str, actions: Sequence[tuple[str, Callable[[], Any]]]) -> ui.button:
    """A small button, named for screen readers, that offers these actions."""
    button = ui.button(icon="more_vert").props(f'flat dense size=sm aria-label="{name}"')
    made: list[ui.menu] = []

    def open_menu() -> None:
        if not made:
            # What is chosen may lead elsewhere; only Escape leads back to the button.
            with button, ui.menu().props("no-refocus transition-duration=0") as menu:
                menu.on("escape-key", js_handler=f"() => getHtmlElement({button.id}).focus()")
                for text, action in actions:
                    ui.menu_item(text, action).props("role=menuitem")
            made.append(menu)
        made[0].open()

    button.on("click.stop", open_menu)
    return button
