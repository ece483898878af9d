"""The page of a document: its panes, and what keeps them in step."""

from __future__ import annotations

import time
from collections.abc import Coroutine, Sequence
from copy import copy
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from nicegui import Client, ui
from nicegui.events import GenericEventArguments

from scapy_server.desk import profiles, saving
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import field_rows
from scapy_server.desk.packet import JsonObject
from scapy_server.desk.past.history import History
from scapy_server.web.documents import Documents, Failure
from scapy_server.web.known import Known
from scapy_server.web.panes.append_box import AppendBox
from scapy_server.web.panes.bytes_pane import BytesPane
from scapy_server.web.panes.code_tab import CodeTab
from scapy_server.web.panes.field_text import BASES
from scapy_server.web.panes.layer_tree import LayerTree
from scapy_server.web.panes.open_dialog import OpenDialog
from scapy_server.web.panes.packets.grid import PacketGrid
from scapy_server.web.panes.palette import Palette
from scapy_server.web.panes.problems import ProblemsPane
from scapy_server.web.panes.start_hints import ClosedList, StartHints
from scapy_server.web.panes.stream.tab import StreamTab
from scapy_server.web.panes.template_menu import TemplateMenu
from scapy_server.web.panes.toolbar import Action, Toolbar
from scapy_server.web.panes.work_bar import WorkBar
from scapy_server.web.seat import Seat, sentence_of
from scapy_server.web.shelf import Opened

_SCRIPT = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")


class EditorPage:
    """Builds the page for one document and one browser tab, and follows the document."""

    def __init__(self, opened: Opened, documents: Documents, known: Known, seat: Seat) -> None:
        self._client = ui.context.client
        self._documents = documents
        self._known = known
        self._seat = seat
        seat.failed = self._failed
        self._open_dialog = OpenDialog(documents, opened.works, self._go_to, self._closed_list)
        self._templates = TemplateMenu(known, documents.own, self._take_template)
        self._actions: dict[str, Action] = {
            "New": self._new,
            "Open": self._open_dialog.open,
            "Save": self._save,
            "Templates": self._templates.open,
            "Undo": seat.undo,
            "Redo": seat.redo,
        }
        self._shortcuts: dict[tuple[str, bool], Action] = {
            ("o", False): self._open_dialog.open,
            ("s", False): self._save,
            ("z", False): seat.undo,
            ("r", False): seat.redo,
            ("y", False): seat.redo,
            ("n", False): self._new,
            ("d", False): self._delete_layer,
            ("n", True): self._new,
            ("t", True): self._templates.open,
        }
        self._palette = Palette(self._commands)
        self._shortcuts["k", False] = self._palette.open
        with ui.element("div").classes("editor") as page:
            actions = {**self._actions, "Commands": self._palette.open}
            self._toolbar = Toolbar(seat, documents.shelf, actions, self._go_to, self._close)
            self._build()
        self._open_dialog.take_drops(page)
        ui.on("shortcut", self._shortcut)
        ui.add_body_html(f"<script>{_SCRIPT}</script>")
        ui.on("left", partial(_left, ui.context.client))
        for stop in (opened.listen(self._later), documents.shelf.listen(self._toolbar.show)):
            ui.context.client.on_delete(stop)
        self.show()

    def _commands(self) -> list[tuple[str, Action]]:
        """All that has a name, for the palette."""
        named: list[tuple[str, Action]] = list(self._actions.items())
        for ending in saving.endings_for(self._seat.document):
            named.append((f"Save as {ending}", partial(self._save_as, ending)))
        for ending in profiles.ENDINGS:
            named.append(
                (f"Save as a TRex profile ({ending})", partial(self._save_profile, ending))
            )
        named.append(("Save as a template of one's own", self._save_template))
        named.append(("Append layer", self._append.focus))
        if len(self._seat.document):
            for row in field_rows(self._seat.document.packet.layers):
                if row.has_value:
                    named.append((f"Edit {row.path}", partial(self._tree.focus, row.path)))
        return named

    def _build(self) -> None:
        with ui.element("div").classes("panes"):
            self._grid = PacketGrid(self._seat, self._known)
            self._bar = _splitter("packets", "Packets", 1)
            with ui.element("div").classes("pane middle"):
                with ui.row().classes("pane-head"):
                    with ui.tabs().props("dense no-caps") as tabs:
                        ui.tab("Packet")
                        ui.tab("Stream")
                        ui.tab("Code")
                    ui.space()
                    self._size = ui.label().props('role=note aria-label="Packet size"')
                with ui.tab_panels(tabs, value="Packet", animated=False).classes(
                    "panels"
                ) as panels:
                    with ui.tab_panel("Packet"):
                        with ui.row().classes("pane-head crumbs-head"):
                            self._crumbs = ui.label().classes("crumbs mono")
                            self._number_view()
                        self._tree = LayerTree(
                            self._seat, self._known, self._pick, self._point, self._insert_before
                        )
                        self._append = AppendBox(self._seat, self._known)
                        self._start = StartHints(
                            self._seat,
                            self._closed_list,
                            self._templates.open,
                            self._open_dialog.open,
                        )
                    with ui.tab_panel("Stream"):
                        self._stream = StreamTab(self._seat, self._known)
                    with ui.tab_panel("Code"):
                        self._code = CodeTab(self._seat)
                panels.on_value_change(lambda event: self._turn_to(str(event.value)))
            _splitter("bytes", "Bytes", -1)
            self._bytes = BytesPane(self._seat, self._pick)
        WorkBar(self._seat.opened.works)
        with ui.element("div").classes("bottom"):
            self._problems = ProblemsPane(self._seat, self._known)
            self._steps = ui.label().classes("quiet steps")

    def _turn_to(self, tab: str) -> None:
        """What only one tab shows is worked out while that is in view."""
        self._code.open(tab == "Code")
        self._stream.open(tab == "Stream")

    def _closed_list(self) -> ClosedList:
        return ClosedList(self._seat, self._documents, self._go_to)

    def _number_view(self) -> None:
        """What says in which base numbers and places are shown."""
        numbers = (
            ui.select(BASES, value="given")
            .props('dense borderless options-dense aria-label="Numbers"')
            .classes("number-view")
        )
        numbers.on_value_change(lambda event: self._show_numbers(str(event.value)))
        places = ui.switch("hex places").props("dense size=xs").classes("number-view")
        places.on_value_change(lambda event: self._show_places(bool(event.value)))

    def _show_numbers(self, base: str) -> None:
        self._seat.bases.everywhere = base
        self._seat.bases.chosen.clear()
        self._tree.refresh()

    def _show_places(self, in_hex: bool) -> None:
        self._seat.hex_offsets = in_hex
        self._tree.refresh()
        self._bytes.show_places()

    def show(self) -> None:
        """Show the document as it is now."""
        document = self._seat.document
        packet = document.packet if len(document) else None
        self._toolbar.show()
        self._grid.show()
        self._bar.set_visibility(self._grid.is_visible)
        self._tree.show(packet)
        self._start.show()
        self._bytes.show(packet, self._seat.changed_bytes)
        self._problems.show(packet)
        self._code.show()
        self._stream.show()
        self._steps.set_text(steps_in_words(document.history, self._seat.opened.saved_at))
        size = 0 if packet is None else len(packet.frame)
        self._size.set_text(f"{size} + 4 FCS bytes")
        layers = () if packet is None else packet.layers
        path = crumbs(layers, size)
        self._crumbs.set_text(path)
        self._crumbs.props["title"] = path
        self._tree.select(self._seat.selected)

    def _later(self) -> None:
        self.show()

    async def _delete_layer(self) -> None:
        """Take out the layer whose field is selected, else the last one."""
        if not len(self._seat.document):
            return
        layers = self._seat.document.packet.layers
        selected = self._seat.selected
        rows = field_rows(layers)
        at = next((row.layer for row in rows if row.path == selected), len(layers) - 1)
        await self._tree.delete_layer(at)

    def _insert_before(self, index: int) -> None:
        self._append.insert_before(index)

    def _pick(self, path: str | None) -> None:
        self._seat.selected = path
        self._tree.select(path)
        rows = field_rows(self._seat.document.packet.layers)
        self._bytes.select(next((row for row in rows if row.path == path), None))

    def _point(self, path: str | None) -> None:
        rows = field_rows(self._seat.document.packet.layers)
        self._bytes.point(next((row for row in rows if row.path == path), None))

    async def _new(self) -> None:
        await self._go_to_later("New document", self._documents.new())

    async def _go_to_later(self, text: str, opening: Coroutine[Any, Any, Opened]) -> None:
        try:
            self._go_to(await self._seat.opened.works.wait(text, opening))
        except Failure as error:
            self._failed(sentence_of(error))

    async def _take_template(self, template_id: str, is_own: bool) -> None:
        documents = self._documents
        take = documents.from_own_template if is_own else documents.from_template
        await self._go_to_later(f"Template {template_id}", take(template_id))

    async def _save(self) -> None:
        document = self._seat.document
        if document.is_profile:
            ending = PurePath(document.name).suffix.lower()
            await self._save_as(ending if ending in profiles.ENDINGS else ".yaml")
            return
        await self._save_as(saving.own_ending(document))

    async def _save_profile(self, ending: str) -> None:
        await self._save_as(ending, profile=True)

    async def _save_as(self, ending: str, profile: bool = False) -> None:
        document = self._seat.document
        await self._seat.settled()
        past = document.history.past
        saved = await self._content(ending, profile)
        if saved is None:
            return
        with self._client:
            ui.download.content(saved.content, saving.file_name(document, ending))
        self._seat.opened.saved(time.strftime("%H:%M"), past)

    async def _save_template(self) -> None:
        await self._seat.settled()
        saved = await self._content(".trp")
        if saved is None:
            return
        name = PurePath(self._seat.document.name).stem
        try:
            self._documents.own.write(name, saved.content, overwrite=True)
        except DeskError as error:
            self._failed(sentence_of(error))
            return
        with self._client:
            ui.notify(f"{name} is among your templates", type="positive")

    async def _content(self, ending: str, profile: bool = False) -> saving.Saved | None:
        """The document as a file holds it; what that cannot is said."""
        try:
            saved = await self._documents.content(self._seat.opened, ending, profile)
        except Failure as error:
            self._failed(sentence_of(error))
            return None
        for loss in saved.losses:
            self._failed(loss)
        return saved

    async def _close(self, opened: Opened) -> None:
        if opened.document.history.changed and not await self._agreed(opened):
            return
        self._documents.close(opened)
        if opened is self._seat.opened:
            left = next(iter(self._documents.shelf), None)
            self._navigate("/" if left is None else f"/d/{left.id}")

    async def _agreed(self, opened: Opened) -> bool:
        about = 'transition-duration=0 aria-label="Changes that are not saved"'
        with self._client, ui.dialog().props(about) as dialog, ui.card():
            ui.label(f"{opened.document.name} has changes that are not saved.")
            with ui.row():
                for text, answer in (("Throw them away", True), ("Keep the document", False)):
                    choose = ui.button(text, on_click=partial(dialog.submit, answer))
                    choose.props("outline no-caps")
        return bool(await dialog)

    def _go_to(self, opened: Opened) -> None:
        self._navigate(f"/d/{opened.id}")

    def _navigate(self, address: str) -> None:
        """Lead elsewhere, also where the button that led here is there no more."""
        with self._client:
            ui.navigate.to(address)

    async def _shortcut(self, event: GenericEventArguments) -> None:
        key, alt = event.args
        action = self._shortcuts.get((str(key), bool(alt)))
        done = None if action is None else action()
        if done is not None:
            await done

    def _failed(self, sentence: str) -> None:
        with self._client:
            ui.run_javascript("stay()")
            ui.notify(sentence, type="warning", multi_line=True, timeout=8000)


def crumbs(layers: Sequence[JsonObject], size: int) -> str:
    """The layers from the first to the last, each with its bytes up to the next one."""
    starts = [int(layer["offset"]) for layer in layers]
    ends = [*starts[1:], size][: len(starts)]
    return " ▸ ".join(
        f"{layer['id']} {max(0, end - start)}"
        for layer, start, end in zip(layers, starts, ends, strict=True)
    )


def steps_in_words(history: History, saved_at: str | None) -> str:
    """Whether all is saved, and since when; and how far the way back and forth is."""
    saved = "not saved" if history.changed else f"saved {saved_at}" if saved_at else "saved"
    last = f"undo {len(history.past)}: {history.past[-1].label}" if history.past else "undo 0"
    ahead = f" · redo {len(history.future)}" if history.future else ""
    return f"{saved} · {last}{ahead}"


def _splitter(pane: str, name: str, side: int) -> ui.element:
    """A bar that makes a pane wider: to the right where `side` is 1, to the left where it is -1."""
    bar = ui.element("div").classes("splitter").props("role=separator tabindex=0")
    bar.props(f'aria-orientation=vertical aria-label="Width of {name}" aria-valuenow=0')
    return bar.props(f"data-pane={pane} data-side={side}")


def _left(client: Client) -> None:
    """Have nothing kept of a page that never comes back, as soon as its connection ends."""
    client.page = copy(client.page)
    client.page.reconnect_timeout = 0.0
