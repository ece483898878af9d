"""The bar above everything: documents in tabs, and what is done with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from nicegui import ui

from scapy_server.web.link import Link
from scapy_server.web.seat import Seat
from scapy_server.web.shelf import Opened, Shelf

Action = Callable[[], Awaitable[None] | None]

#: The buttons in their order: name, icon, shortcut.
BUTTONS = (
    ("New", "add", "Ctrl+N"),
    ("Open", "folder_open", "Ctrl+O"),
    ("Save", "save", "Ctrl+S"),
    ("Templates", "dashboard_customize", "Ctrl+Alt+T"),
    ("Undo", "undo", "Ctrl+Z"),
    ("Redo", "redo", "Ctrl+R"),
)


class Toolbar:
    """Tabs and buttons. `actions` has what each button does, by its name, and "Commands"."""

    def __init__(
        self,
        seat: Seat,
        shelf: Shelf,
        actions: Mapping[str, Action],
        show: Callable[[Opened], None],
        close: Callable[[Opened], Awaitable[None]],
    ) -> None:
        self._seat = seat
        self._shown_tabs: list[tuple[str, str, bool]] = []
        self._shelf = shelf
        self._show_document = show
        self._close = close
        with ui.element("header").classes("toolbar"):
            with ui.element("h1").classes("brand"):
                ui.label("Scapy Server")
            self._tabs = ui.element("nav").props('aria-label="Documents"').classes("documents")
            self._buttons = {}
            for name, icon, shortcut in BUTTONS:
                button = ui.button(name, icon=icon, on_click=actions[name])
                self._buttons[name] = button.props("flat dense no-caps").tooltip(shortcut)
            self._buttons["New"].props("data-leads")
            commands = ui.button(icon="search", on_click=actions["Commands"])
            commands.props('flat dense aria-label="Commands"').tooltip("Ctrl+K")
            self._status = StatusLine(seat.link)
            self.dark = ui.dark_mode(None)
            ui.button(icon="contrast", on_click=self._turn).props(
                'flat dense aria-label="Dark or light"'
            )

    def show(self) -> None:
        """Show the tabs, and what can be undone."""
        history = self._seat.document.history
        for name, steps in (("Undo", history.past), ("Redo", history.future)):
            self._buttons[name].set_enabled(bool(steps))
        tabs = [
            (each.id, each.document.name, each.document.history.changed) for each in self._shelf
        ]
        if tabs == self._shown_tabs:
            return
        self._shown_tabs = tabs
        self._tabs.clear()
        with self._tabs:
            for number, opened in enumerate(self._shelf, 1):
                self._tab(number, opened)
        self._tabs.client.run_javascript("showTab()")

    def _tab(self, number: int, opened: Opened) -> None:
        here = opened is self._seat.opened
        mark = "● " if opened.document.history.changed else ""
        with ui.element("div").classes("document" + (" here" if here else "")):
            tab = ui.button(f"{mark}{opened.document.name}")
            tab.on_click(lambda: self._show_document(opened))
            tab.props("flat dense no-caps " + ("aria-current=page" if here else "data-leads"))
            close = ui.button(icon="close", on_click=lambda: self._close(opened))
            close.props(f'flat dense size=xs aria-label="Close document {number}"')

    def _turn(self) -> None:
        self.dark.set_value(not self.dark.value)


class StatusLine:
    """The packet server: its name, how fast it answers, and whether it is waited for."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._label = ui.label().classes("status mono").props("role=status")
        stop = link.on_waiting(self.show)
        ui.context.client.on_delete(stop)
        ui.timer(2.0, self.show)
        self.show()

    def show(self) -> None:
        """Show how the server is."""
        if self._link.waiting:
            self._label.set_text(f"○ waiting for {self._link.server}")
        else:
            latency = self._link.latency
            known = "" if latency is None else f" {1000 * latency:.1f} ms"
            self._label.set_text(f"● {self._link.server}{known}")
