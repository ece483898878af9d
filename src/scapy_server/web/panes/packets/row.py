"""A row of the list: the packet that it shows can change, its elements stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from scapy_server.desk.document import Document
from scapy_server.web.panes.packets.line import Line, line_of

#: The height of a row in pixels; style.css says the same.
HEIGHT = 21
_COLUMNS = 5


@dataclass(frozen=True)
class Doing:
    """What a row has done with its packet: chosen with keys held, dragged, dropped upon."""

    choose: Callable[[int, Mapping[str, bool]], Any]
    drag: Callable[[int], Any]
    drop: Callable[[int], Any]


class PacketRow:
    """Shows one packet."""

    def __init__(self, doing: Doing) -> None:
        self.position = 0
        self._shown: tuple[Line, int, bool, bool, bool] | None = None
        self.element = ui.element("div").props("role=row draggable=true").classes("packet-row")
        self.element.on("click", self._click, ["ctrlKey", "metaKey", "shiftKey"])
        self.element.on("dragstart", lambda: doing.drag(self.position))
        self.element.on("dragover.prevent", js_handler="() => {}")
        self.element.on("drop.prevent.stop", lambda: doing.drop(self.position))
        self._doing = doing
        with self.element:
            self._cells = [
                ui.label().props("role=gridcell").classes("mono") for _ in range(_COLUMNS)
            ]

    def show(self, document: Document, position: int, top: int, is_selected: bool) -> None:
        """Show a packet, so many pixels from the top of the list."""
        self.position = position
        line = line_of(document, position)
        at_hand, marked = position == document.position, document.is_marked(position)
        now = line, top, at_hand, marked, is_selected
        if now == self._shown:
            return
        self._shown = now
        self.element.style(f"top: {top}px")
        self.element.props(f"aria-selected={str(is_selected or at_hand).lower()}")
        self.element.props(f"data-packet={position + 1} aria-rowindex={position + 1}")
        kinds = (("at-hand", at_hand), ("marked", marked), ("chosen", is_selected))
        names = " ".join(["packet-row", *(name for name, holds in kinds if holds)])
        self.element.classes(replace=names)
        texts = (line.number, line.time, line.length, line.layers, line.info)
        for cell, text in zip(self._cells, texts, strict=True):
            cell.set_text(text)
            cell.props["title"] = text  # as much of it may be hidden

    def _click(self, event: GenericEventArguments) -> Any:
        return self._doing.choose(self.position, event.args)
