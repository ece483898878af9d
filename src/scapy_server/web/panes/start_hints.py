"""What to begin with: shown under a new document, and under one without any packet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from scapy_server.web.documents import Documents, Failure
from scapy_server.web.panes.toolbar import Action
from scapy_server.web.seat import Seat, sentence_of
from scapy_server.web.shelf import Opened


class ClosedList:
    """A button for each document that was closed lately; `opened` is told which is open again."""

    def __init__(self, seat: Seat, documents: Documents, opened: Callable[[Opened], None]) -> None:
        self._seat = seat
        self._documents = documents
        self._opened = opened
        self._shown: list[tuple[str, str]] = []
        self._root = ui.row().classes("closed")

    def show(self) -> None:
        """Show those that there are now."""
        closed = self._documents.closed
        if closed == self._shown:
            return
        self._shown = closed
        self._root.clear()
        with self._root:
            for document_id, name in closed:
                button = ui.button(f"Restore {name}", on_click=partial(self._reopen, document_id))
                button.props("outline no-caps dense icon=history data-leads")

    async def _reopen(self, document_id: str) -> None:
        try:
            works = self._seat.opened.works
            self._opened(await self._documents.reopen(document_id, works))
        except Failure as error:
            self._seat.failed(sentence_of(error))


class StartHints:
    """Says what a person may begin with, as long as they have not."""

    def __init__(
        self, seat: Seat, closed: Callable[[], ClosedList], templates: Action, open_: Action
    ) -> None:
        self._seat = seat
        self._root = (
            ui.element("section").classes("start").props('role=region aria-label="Begin with"')
        )
        with self._root:
            ui.label(
                "Append layers above, drop a file anywhere on the page, or begin with"
            ).classes("quiet")
            with ui.row():
                self._button("a template", "Ctrl+Alt+T", templates)
                self._button("a file, or a packet that is pasted", "Ctrl+O", open_)
            self._closed = closed()

    def show(self) -> None:
        """Show the hints under what nobody has worked at yet."""
        document = self._seat.document
        is_new = len(document) <= 1 and not document.is_capture and not document.is_profile
        untouched = not len(document) or (
            len(document.packet.layers) <= 1 and not document.history.past
        )
        self._root.set_visibility(is_new and untouched)
        self._closed.show()

    def _button(self, text: str, keys: str, action: Callable[[], Awaitable[None] | None]) -> None:
        ui.button(text, on_click=action).props("outline no-caps dense").tooltip(keys)
