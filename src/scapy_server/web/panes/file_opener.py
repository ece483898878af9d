"""Sends files from a page to the editor; see the component for how."""

from __future__ import annotations

from collections.abc import Callable

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from scapy_server import limits
from scapy_server.web.uploads import ADDRESS


class FileOpener(Element, component="file_opener.js"):
    """Chooses, takes and sends a file in the browser; `failed` is told why it cannot be opened."""

    def __init__(self, failed: Callable[[str], None]) -> None:
        super().__init__()
        self._props["address"] = ADDRESS
        self._props["most"] = int(limits.EDITOR_FILE_BYTES)

        def on_failed(event: GenericEventArguments) -> None:
            failed(str(event.args))

        self.on("failed", on_failed)

    @property
    def choose(self) -> str:
        """JavaScript that asks the person for a file: only what a person did may do so."""
        return f"() => getElement({self.id}).choose()"

    @property
    def take_dropped(self) -> str:
        """JavaScript that takes the files of a drop."""
        return f"(event) => getElement({self.id}).take(event.dataTransfer.files)"
