"""The dialog "Open": choose or drop a file, or paste a packet in any form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import events, ui

from scapy_server.web.documents import MOST_BYTES, Documents, Failure
from scapy_server.web.seat import sentence_of
from scapy_server.web.shelf import Opened


class OpenDialog:
    """Opens what a person brings; `opened` is told the document."""

    def __init__(self, documents: Documents, opened: Callable[[Opened], None]) -> None:
        self._documents = documents
        self._opened = opened
        self._upload = ui.upload(
            on_upload=self._uploaded,
            on_rejected=lambda: self._say(f"a file may have {MOST_BYTES} bytes at most"),
            auto_upload=True,
            max_file_size=MOST_BYTES,
        ).classes("hidden")
        with (
            ui.dialog().props("transition-duration=0") as self._dialog,
            ui.card().classes("open-card") as card,
        ):
            ui.label("Open").classes("pane-title")
            ui.label("Drop a file here: .trp, pcap, pcapng, ERF (each also in gzip), JSON.")
            # In the browser itself: only what a person did may open its dialog for files.
            uploader = f"getElement({self._upload.id}).$refs.qRef"
            choose = ui.button("Choose file").props("outline no-caps")
            choose.on("click", js_handler=f"() => {uploader}.pickFiles()")
            self._text = ui.textarea(
                placeholder="Ether()/IP()/UDP(), bytes in hexadecimal, or a model in JSON"
            ).props('outlined aria-label="Pasted packet" input-class=mono')
            self._text.classes("w-full")
            ui.button("Open text", on_click=self._pasted).props("outline no-caps")
            self._problem = ui.label().classes("field-problem").props("role=alert")
        self._dialog.props('aria-label="Open"')
        self._take_drops = f"(event) => {uploader}.addFiles(event.dataTransfer.files)"
        self.take_drops(card)

    def take_drops(self, element: ui.element) -> None:
        """Have files that are dropped on an element opened."""
        element.on("dragover.prevent", js_handler="() => {}")
        element.on("drop.prevent", js_handler=self._take_drops)

    def open(self) -> None:
        """Show the dialog."""
        self._say("")
        self._upload.reset()
        self._dialog.open()

    async def _uploaded(self, event: events.UploadEventArguments) -> None:
        content = await event.file.read()
        await self._take(self._documents.from_file(event.file.name, content))

    async def _pasted(self) -> None:
        await self._take(self._documents.from_text("Pasted", str(self._text.value or "")))

    async def _take(self, opening: Awaitable[Opened]) -> None:
        try:
            opened = await opening
        except Failure as error:
            self._upload.reset()
            self._say(sentence_of(error))
            return
        self._dialog.close()
        self._opened(opened)

    def _say(self, problem: str) -> None:
        self._problem.set_text(problem)
