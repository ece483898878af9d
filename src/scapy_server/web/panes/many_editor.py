"""The line below the list of packets that edits all that are shown at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nicegui import ui

from scapy_server.client import ClientError
from scapy_server.desk.comparing import differing_bytes, differing_fields
from scapy_server.desk.errors import DeskError
from scapy_server.desk.many import has_field, set_many
from scapy_server.desk.typed import value_of
from scapy_server.web.seat import Seat, sentence_of


class ManyEditor:
    """Sets a field in every packet that `shown` names, after saying in how many; and compares
    the packet at hand with the marked one."""

    def __init__(self, seat: Seat, shown: Callable[[], Sequence[int]]) -> None:
        self._seat = seat
        self._shown = shown
        with ui.expansion("Edit all that are shown").classes("w-full"):
            with ui.row().classes("pane-head"):
                self._path = ui.input(placeholder="IP.src").props('dense aria-label="Field to set"')
                self._value = ui.input(placeholder="value").props('dense aria-label="Value to set"')
                ui.button("Count", on_click=self._count).props("flat dense no-caps")
                ui.button("Set", on_click=self._set).props("flat dense no-caps")
                ui.button("Compare with marked", on_click=self._compare).props("flat dense no-caps")
            self._said = ui.label().classes("quiet").props("role=status")

    async def _count(self) -> None:
        path = str(self._path.value or "").strip()
        with_field = 0
        for position in self._shown():
            with_field += has_field(await self._seat.dissect(position), path)
        self._said.set_text(f"{with_field} of {len(self._shown())} packets have {path}")

    async def _set(self) -> None:
        path, text = str(self._path.value or "").strip(), str(self._value.value or "")
        async with self._seat.opened.edits:
            packets = [(each, await self._seat.dissect(each)) for each in self._shown()]
            try:
                edited = await self._seat.ask(set_many(packets, path, value_of(text)))
            except (DeskError, ClientError) as error:
                self._said.set_text(sentence_of(error))
                return
            if edited.packets:
                label = f"{path} = {text} in {len(edited.packets)} packets"
                self._seat.document.replace_all(edited.packets, label)
        self._said.set_text(
            f"{len(edited.packets)} changed, {edited.matched} have {path}, {edited.without} do not"
        )
        self._seat.opened.changed()

    async def _compare(self) -> None:
        document = self._seat.document
        marked = [at for at in range(len(document)) if document.is_marked(at)]
        if not marked:
            self._said.set_text("mark the packet to compare with first")
            return
        left = await self._seat.dissect(marked[0])
        right = await self._seat.dissect(document.position)
        with ui.dialog().props('aria-label="Compared packets"') as dialog, ui.card():
            ui.label(f"Packet {marked[0] + 1} and packet {document.position + 1}")
            for each in differing_fields(left, right):
                ours, theirs = each.left or "none", each.right or "none"
                ui.label(f"{each.path}: {ours} → {theirs}").classes("mono")
            bytes_ = list(differing_bytes(left.frame, right.frame))
            ui.label(f"{len(bytes_)} bytes differ: {_listed(bytes_)}").classes("mono")
            ui.button("Close", on_click=dialog.close).props("outline no-caps")
        dialog.open()


def _listed(offsets: Sequence[int], most: int = 32) -> str:
    text = ", ".join(map(str, offsets[:most]))
    return f"{text} …" if len(offsets) > most else text
