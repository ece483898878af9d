"""The line above the list that edits all packets which are listed at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nicegui import ui

from scapy_server.client import ClientError
from scapy_server.desk.errors import DeskError
from scapy_server.desk.many import ManyEdited, has_field, set_many
from scapy_server.desk.typed import value_of
from scapy_server.web.panes.folds import fold
from scapy_server.web.panes.packets.compare_dialog import CompareDialog
from scapy_server.web.seat import Seat, sentence_of


class ManyEditor:
    """Sets a field in every packet that `shown` names, after saying in how many; and compares
    two of those that are `selected`, or the one at hand with the marked one."""

    def __init__(
        self,
        seat: Seat,
        shown: Callable[[], Sequence[int]],
        selected: Callable[[], Sequence[int]],
    ) -> None:
        self._seat = seat
        self._shown = shown
        self._selected = selected
        with fold("Edit all that are shown, compare two").classes("many"):
            with ui.row().classes("pane-head"):
                self._path = ui.input(placeholder="IP.src").props('dense aria-label="Field to set"')
                self._value = ui.input(placeholder="value").props('dense aria-label="Value to set"')
            with ui.row().classes("pane-head"):
                ui.button("Count", on_click=self._count).props("flat dense no-caps")
                ui.button("Set", on_click=self._set).props("flat dense no-caps")
                ui.button("Compare", on_click=self._compare).props("flat dense no-caps")
            self._said = ui.label().classes("quiet").props("role=status")

    async def _count(self) -> None:
        path = str(self._path.value or "").strip()
        with_field = 0
        shown = self._shown()
        with self._seat.opened.works.begin(f"Counting packets with {path}", len(shown)) as work:
            for position in shown:
                with_field += has_field(await self._seat.look(position), path)
                if not await work.step():
                    self._said.set_text(f"cancelled: {with_field:,} of {work.done:,} have {path}")
                    return
        self._said.set_text(f"{with_field:,} of {len(shown):,} packets have {path}")

    async def _set(self) -> None:
        path, text = str(self._path.value or "").strip(), str(self._value.value or "")
        try:
            value = value_of(text)
        except DeskError as error:
            self._said.set_text(str(error))
            return
        shown = self._shown()
        async with self._seat.opened.edits:
            edited = ManyEdited({}, 0, 0)
            with self._seat.opened.works.begin(f"Setting {path}", len(shown)) as work:
                for position in shown:
                    packet = await self._seat.look(position)
                    try:
                        one = await self._seat.ask(set_many([(position, packet)], path, value))
                    except (DeskError, ClientError) as error:
                        self._said.set_text(sentence_of(error))
                        return
                    edited = edited.joined(one)
                    if not await work.step():
                        self._said.set_text("cancelled: no packet was changed")
                        return
            if edited.packets:
                label = f"{path} = {text} in {len(edited.packets):,} packets"
                self._seat.document.replace_all(edited.packets, label)
                await self._seat.dissect(self._seat.document.position)
        self._said.set_text(
            f"{len(edited.packets):,} changed, {edited.matched:,} have {path}, "
            f"{edited.without:,} do not"
        )
        self._seat.opened.changed()

    async def _compare(self) -> None:
        document = self._seat.document
        pair = list(self._selected())
        if len(pair) != 2:
            marked = next((at for at in range(len(document)) if document.is_marked(at)), None)
            if marked is None:
                self._said.set_text(
                    "select two packets (Ctrl+click), or mark the one to compare with"
                )
                return
            pair = [marked, document.position]
        packets = [(f"packet {at + 1}", await self._seat.look(at)) for at in pair]
        CompareDialog(packets[0], packets[1]).open()
