"""The dialog "Open": choose or drop a file, or paste a packet in any form."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from nicegui import ui

from scapy_server.web.documents import Documents, Failure
from scapy_server.web.panes.file_opener import FileOpener
from scapy_server.web.panes.start_hints import ClosedList
from scapy_server.web.seat import sentence_of
from scapy_server.web.shelf import Opened
from scapy_server.web.work import Works


class OpenDialog:
    """Opens what a person brings; `opened` is told the document."""

    def __init__(
        self,
        documents: Documents,
        works: Works,
        opened: Callable[[Opened], None],
        closed: Callable[[], ClosedList],
    ) -> None:
        self._documents = documents
        self._works = works
        self._opened = opened
        self._files = FileOpener(self._failed)
        with (
            ui.dialog().props("transition-duration=0") as self._dialog,
            ui.card().classes("open-card") as card,
        ):
            ui.label("Open").classes("pane-title")
            ui.label(
                "Drop a file here: .trp, pcap, pcapng, ERF (each also in gzip), JSON, YAML, "
                "hexadecimal."
            )
            # In the browser itself: only what a person did may open its dialog for files.
            choose = ui.button("Choose file").props("outline no-caps")
            choose.on("click", js_handler=self._files.choose)
            self._text = ui.textarea(
                placeholder="Ether()/IP()/UDP(), bytes in hexadecimal, or a model in JSON"
            ).props('outlined aria-label="Pasted packet" input-class=mono')
            self._text.classes("w-full")
            open_text = ui.button("Open text", on_click=self._pasted)
            open_text.props("outline no-caps data-leads")
            self._closed = closed()
            self._problem = ui.label().classes("field-problem").props("role=alert")
        self._dialog.props('aria-label="Open"')
        self.take_drops(card)

    def take_drops(self, element: ui.element) -> None:
        """Have files that are dropped on an element opened."""
        element.on("dragover.prevent", js_handler="() => {}")
        element.on("drop.prevent", js_handler=self._files.take_dropped)

    def open(self) -> None:
        """Show the dialog."""
        self._say("")
        self._closed.show()
        self._dialog.open()

    def _failed(self, problem: str) -> None:
        """Say why a file cannot be opened, where it was dropped on the page too."""
        self._dialog.open()
        self._say(problem)

    async def _pasted(self) -> None:
        await self._take(self._documents.from_text("Pasted", str(self._text.value or "")))

    async def _take(self, opening: Coroutine[Any, Any, Opened]) -> None:
        try:
            opened = await self._works.wait("Reading the text", opening)
        except Failure as error:
            self._say(sentence_of(error))
            return
        self._dialog.close()
        self._opened(opened)

    def _say(self, problem: str) -> None:
        if problem:
            self._dialog.client.run_javascript("stay()")
        self._problem.set_text(problem)
