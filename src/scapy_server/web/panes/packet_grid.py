"""The grid "Packets" of a capture: a page of rows, dissected as they come into view."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from nicegui import background_tasks, ui
from nicegui.events import GenericEventArguments

from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.desk.filtering import Condition, Subject, parse_filter
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.desk.profiles import pace_in_words
from scapy_server.web.panes.many_editor import ManyEditor
from scapy_server.web.seat import Seat

#: So many rows are on a page at once.
ROWS = 50
#: After so many packets a filter shows what it has found.
_SLICE = 1000


@dataclass(frozen=True)
class Line:
    """A packet in one line."""

    number: str
    time: str
    length: str
    layers: str
    info: str


class _Row:
    """A row of the grid: the packet that it shows can change, its elements stay."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._position = 0
        self._shown: tuple[Line, bool, bool] | None = None
        self.element = ui.element("div").props("role=row").classes("packet-row")
        self.element.on("click", lambda: self._seat.go_to(self._position))
        with self.element:
            self._cells = [ui.label().props("role=gridcell").classes("mono") for _ in range(5)]

    def show(self, position: int) -> None:
        """Show a packet."""
        self._position = position
        document = self._seat.document
        line = line_of(document, position)
        now = line, position == document.position, document.is_marked(position)
        if now == self._shown:
            return
        self._shown = now
        _, at_hand, marked = now
        self.element.props(f"aria-selected={str(at_hand).lower()} data-packet={position + 1}")
        marks = (" at-hand" if at_hand else "") + (" marked" if marked else "")
        self.element.classes(replace=f"packet-row{marks}")
        texts = (line.number, line.time, line.length, line.layers, line.info)
        for cell, text in zip(self._cells, texts, strict=True):
            cell.set_text(text)


class PacketGrid:
    """Pages through the packets of a document, or those that a filter lets through."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._first = 0
        self._found: list[int] | None = None
        self._searching: asyncio.Task[None] | None = None
        self._root = ui.element("section").classes("pane packets")
        with self._root:
            with ui.row().classes("pane-head"):
                ui.label("Packets").classes("pane-title")
                self._count = ui.label().classes("mono")
            self._filter = (
                ui.input(placeholder="IP.src == 192.0.2.1 and TCP.dport < 1024")
                .props('dense clearable aria-label="Filter packets"')
                .classes("w-full")
                .on("keydown.enter", self._apply)
                .on("clear", self._clear)
            )
            self._problem = ui.label().classes("field-problem").props("role=alert")
            ManyEditor(seat, lambda: list(self._positions()))
            self._grid = ui.element("div").props(
                'role=grid aria-label="Packets" tabindex=0 aria-colcount=5'
            )
            self._grid.classes("packet-rows")
            self._grid.on("keydown", self._key, ["key"])
            with self._grid:
                self._header()
            self._rows: list[_Row] = []
            with ui.row().classes("pane-foot"):
                self._button("first_page", "First packets", lambda: self._page(-(10**9)))
                self._button("chevron_left", "Previous packets", lambda: self._page(-ROWS))
                self._button("chevron_right", "Next packets", lambda: self._page(ROWS))
                self._button("last_page", "Last packets", lambda: self._page(10**9))
                self._button("content_copy", "Duplicate packet", self._duplicate)
                self._button("delete", "Delete packet", self._delete)
                self._button("arrow_upward", "Move packet up", lambda: self._move(-1))
                self._button("arrow_downward", "Move packet down", lambda: self._move(1))
                self._button("flag", "Mark packet", self._mark)

    def show(self) -> None:
        """Show the page of packets, changing only the rows that are others than before."""
        document = self._seat.document
        self._root.set_visibility(document.is_capture or len(document) > 1)
        if not self._root.visible:
            return
        shown = self._positions()
        self._first = max(0, min(self._first, max(0, len(shown) - 1) // ROWS * ROWS))
        of = f"{len(shown)} of {len(document)}" if self._found is not None else f"{len(document)}"
        self._count.set_text(of)
        page = list(shown[self._first : self._first + ROWS])
        while len(self._rows) > len(page):
            self._rows.pop().element.delete()
        with self._grid:
            self._rows += [_Row(self._seat) for _ in range(len(page) - len(self._rows))]
        for row, position in zip(self._rows, page, strict=True):
            row.show(position)
        if any(not document.at(position).layers for position in page):
            background_tasks.create(self._dissect(page))

    def _positions(self) -> range | list[int]:
        count = len(self._seat.document)
        if self._found is None:
            return range(count)
        return [position for position in self._found if position < count]

    def _header(self) -> None:
        with ui.element("div").props("role=row").classes("packet-row head"):
            for title in ("No.", "Time", "Length", "Layers", "Info"):
                ui.label(title).props("role=columnheader")

    async def _dissect(self, positions: list[int]) -> None:
        """Have what is in view dissected, and show it when it is."""
        waiting = [at for at in positions if not self._seat.document.at(at).layers]
        if not waiting:
            return
        async with self._seat.opened.edits:
            for position in waiting:
                if position < len(self._seat.document):
                    await self._seat.dissect(position)
        if any(self._seat.document.at(at).layers for at in waiting):
            self.show()

    def _page(self, step: int) -> None:
        last = max(0, len(self._positions()) - 1) // ROWS * ROWS
        self._first = max(0, min(last, self._first + step))
        self.show()

    async def _key(self, event: GenericEventArguments) -> None:
        step = {"ArrowDown": 1, "ArrowUp": -1}.get(str(event.args["key"]), 0)
        target = self._seat.document.position + step
        if step and 0 <= target < len(self._seat.document):
            await self._seat.go_to(target)

    async def _apply(self) -> None:
        text = str(self._filter.value or "").strip()
        if not text:
            self._clear()
            return
        try:
            condition = parse_filter(text)
        except DeskError as error:
            self._say(str(error))
            return
        self._say("")
        if self._searching is not None:
            self._searching.cancel()
        self._found = []
        self._searching = background_tasks.create(self._search(condition))

    async def _search(self, condition: Condition) -> None:
        """Look at every packet, and show now and then what is found so far."""
        document = self._seat.document
        found: list[int] = []
        with self._seat.opened.works.begin("Filtering packets", len(document)) as work:
            for position in range(len(document)):
                if await self._holds(condition, position):
                    found.append(position)
                if position % _SLICE == _SLICE - 1:
                    self._found = list(found)
                    self.show()
                if not await work.step():
                    self._say(
                        f"cancelled at packet {position + 1:,}: what follows was not looked at"
                    )
                    break
        self._found = found
        self.show()

    async def _holds(self, condition: Condition, position: int) -> bool:
        """Whether a packet is let through; its fields are asked for where they matter."""
        packet = self._seat.document.at(position)
        try:
            return condition(Subject(position + 1, len(packet.frame), partial(_layers_of, packet)))
        except _NotLookedAt:
            packet = await self._seat.look(position)
            return condition(Subject.of(packet, position + 1))

    def _clear(self) -> None:
        if self._searching is not None:
            self._searching.cancel()
        self._found = None
        self._say("")
        self.show()

    def _say(self, problem: str) -> None:
        self._problem.set_text(problem)
        self._filter.props(add="aria-invalid=true" if problem else "")
        if not problem:
            self._filter.props(remove="aria-invalid")

    def _duplicate(self) -> None:
        self._seat.document.duplicate(self._seat.document.position)
        self._seat.opened.changed()

    def _delete(self) -> None:
        document = self._seat.document
        if len(document):
            document.delete([document.position], f"delete packet {document.position + 1}")
            self._seat.opened.changed()

    def _move(self, step: int) -> None:
        document = self._seat.document
        target = document.position + step
        if 0 <= target < len(document):
            document.move(document.position, target)
            self._seat.opened.changed()

    def _mark(self) -> None:
        document = self._seat.document
        if len(document):
            document.mark(document.position, not document.is_marked(document.position))
            self._seat.opened.changed()

    def _button(self, icon: str, name: str, action: Callable[[], object]) -> None:
        button = ui.button(icon=icon, on_click=action)
        button.props(f'flat dense size=sm aria-label="{name}"').tooltip(name)


class _NotLookedAt(Exception):
    """The field tree of a packet is asked for, and it has none yet."""


def _layers_of(packet: Packet) -> Sequence[JsonObject]:
    if not packet.layers and packet.frame:
        raise _NotLookedAt
    return packet.layers


def line_of(document: Document, position: int) -> Line:
    """A packet of the document in one line."""
    packet = document.at(position)
    record = packet.record
    time_ns = None if record is None else record.time_ns
    first = document.at(0).record
    start = None if first is None else first.time_ns
    since = "" if time_ns is None or start is None else f"{(time_ns - start) / 1e9:.6f}"
    layers = "/".join(str(layer["id"]) for layer in packet.layers)
    return Line(str(position + 1), since, str(len(packet.frame)), layers, info_of(packet))


def info_of(packet: Packet) -> str:
    """How its stream sends, where from and where to, and what is wrong, if anything."""
    ends: tuple[str, str] | None = None
    for layer in packet.layers:
        values = {item["id"]: str(item.get("hvalue", "")) for item in layer["fields"]}
        if "src" in values and "dst" in values:
            ends = values["src"], values["dst"]
        elif "psrc" in values and "pdst" in values:
            ends = values["psrc"], values["pdst"]
    text = "" if ends is None else f"{ends[0]} → {ends[1]}"
    if packet.stream is not None:
        text = f"{pace_in_words(packet.stream)} {text}".strip()
    return f"⚠ {packet.problem} {text}".strip() if packet.problem else text
