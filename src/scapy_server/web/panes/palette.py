"""The command palette: everything that has a name, found by any part of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nicegui import ui

from scapy_server.web.panes.toolbar import Action

_MOST_HITS = 12


class Palette:
    """A dialog with a search over `commands`; Enter does the first that it finds."""

    def __init__(self, commands: Callable[[], Sequence[tuple[str, Action]]]) -> None:
        self._commands = commands
        self._found: list[tuple[str, Action]] = []
        with (
            ui.dialog().props(
                "position=top aria-label=Commands transition-duration=0 no-refocus"
            ) as self._dialog,
            ui.card().classes("palette"),
        ):
            self._search = ui.input(placeholder="what to do", on_change=self._show)
            self._search.props('dense outlined autofocus type=search aria-label="Command"')
            self._search.classes("w-full").on("keydown.enter", self._enter)
            self._list = ui.element("div").props('role=listbox aria-label="Commands"')

    def open(self) -> None:
        """Show the palette."""
        self._search.set_value("")
        self._show()
        self._dialog.open()

    def _show(self) -> None:
        words = str(self._search.value or "").lower().split()
        self._found = [
            (name, action)
            for name, action in self._commands()
            if all(word in name.lower() for word in words)
        ][:_MOST_HITS]
        self._list.clear()
        with self._list:
            for name, action in self._found:
                hit = ui.label(name).props("role=option aria-selected=false").classes("append-hit")
                hit.on("click", lambda action=action: self._do(action))

    async def _enter(self) -> None:
        if self._found:
            await self._do(self._found[0][1])

    async def _do(self, action: Action) -> None:
        self._dialog.close()
        done = action()
        if done is not None:
            await done
