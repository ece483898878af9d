"""What the tree's menus and controls do to the packet at hand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from nicegui import ui

from scapy_server.desk import editing, parts
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import FieldRow, field_rows, find_field, find_layer, find_row
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.desk.questions import Asking
from scapy_server.desk.tshark import tshark_filter
from scapy_server.web.known import Known
from scapy_server.web.panes.field_text import BASES, shown, typed
from scapy_server.web.panes.menus import MenuItem
from scapy_server.web.panes.part_dialog import PartDialog
from scapy_server.web.seat import Seat


class LayerActions:
    """Edits of layers, fields and parts; what is refused is said by the seat.

    `insert` lets a person choose the layer that is to be put before another, `refresh` shows
    all values anew.
    """

    def __init__(
        self,
        seat: Seat,
        known: Known,
        insert: Callable[[int], None],
        refresh: Callable[[], None],
    ) -> None:
        self._seat = seat
        self._known = known
        self._insert = insert
        self._refresh = refresh

    def for_layer(self, index: int, name: str) -> list[MenuItem]:
        """What can be done with a layer."""
        items: list[MenuItem] = [("Insert layer before", lambda: self._insert(index))]
        if index:
            items.append(("Move up", lambda: self.move(index, index - 1)))
        if index < len(self._seat.document.packet.layers) - 1:
            items.append(("Move down", lambda: self.move(index, index + 1)))
        items.append(("Delete layer", lambda: self.delete(name)))
        if index:
            items.append(("Delete with all that follows", lambda: self._cut(name)))
        return items

    def for_field(self, path: str, definition: JsonObject) -> list[MenuItem]:
        """What can be done with a field, or a part of one."""
        row = self._row(path)
        items: list[MenuItem] = []
        if row.has_value:
            items.append(("Compute or default", lambda: self._reset(path)))
            items.append(("Random value", lambda: self._draw(path)))
            items.append(("Vary in the stream", lambda: self._vary(path)))
        if parts.is_list(row, definition):
            items.append(("Add a part", lambda: self._add_part(path, definition)))
        if parts.place_in_list(row.field_id) is not None:
            items.append(("Move part up", lambda: self._move_part(path, -1)))
            items.append(("Move part down", lambda: self._move_part(path, 1)))
            items.append(("Delete this part", lambda: self._delete_part(path)))
        if row.has_value:
            items.append(("Copy value", lambda: ui.clipboard.write(shown(self._row(path).field))))
            items.append(("Copy as tshark filter", lambda: self._copy_filter(path)))
        items.append(("Copy path", lambda: ui.clipboard.write(path)))
        if isinstance(row.field.get("value"), int):
            for base, name in BASES.items():
                items.append((f"Show {name}", partial(self._show_in, path, base)))
        return items

    def _show_in(self, path: str, base: str) -> None:
        self._seat.bases.chosen[path] = base
        self._refresh()

    def _copy_filter(self, path: str) -> None:
        try:
            ui.clipboard.write(tshark_filter(self._seat.document.packet, self._row(path)))
        except DeskError as error:
            self._seat.failed(str(error))

    async def commit(self, path: str, text: str) -> str | None:
        """Give a field the value that was typed; the sentence if it is refused."""

        def command(packet: Packet) -> Asking[Packet]:
            fields = {row.path: row.field for row in field_rows(packet.layers)}
            layer, field_id = find_field(packet.layers, path)
            return editing.set_field(packet, layer, field_id, typed(fields.get(path, {}), text))

        return await self._seat.edit(f"{path} = {text}", command)

    async def move(self, index: int, target: int) -> None:
        """Put a layer at another place."""
        layer_id = self._seat.document.packet.layers[index]["id"]
        label = f"move {layer_id}"
        await self._edit(label, lambda packet: editing.move_layer(packet, index, target))

    async def delete(self, name: str) -> None:
        """Take a layer out."""
        await self._edit(
            f"delete {name}",
            lambda packet: editing.delete_layer(packet, find_layer(packet.layers, name)),
        )

    async def _cut(self, name: str) -> None:
        await self._edit(
            f"cut at {name}",
            lambda packet: editing.cut_layers(packet, find_layer(packet.layers, name)),
        )

    async def _reset(self, path: str) -> None:
        await self._edit(
            f"reset {path}",
            lambda packet: editing.reset_field(packet, *find_field(packet.layers, path)),
        )

    async def _draw(self, path: str) -> None:
        await self._edit(
            f"draw {path}",
            lambda packet: editing.draw_field(packet, *find_field(packet.layers, path)),
        )

    async def _vary(self, path: str) -> None:
        problem = await self._seat.vary(path)
        if problem:
            self._seat.failed(problem)

    def _add_part(self, path: str, definition: JsonObject) -> None:
        row = self._row(path)
        with ui.context.client:  # the row may be another one before the part is typed
            PartDialog(row, parts.offered(row, definition), self._put_part).open()

    async def _put_part(self, path: str, index: int, text: str) -> str | None:
        automatic = self._known.automatic
        try:
            value = parts.typed_part(text)
        except DeskError as error:
            return str(error)
        return await self._seat.edit(
            f"add {text} to {path}",
            lambda packet: parts.add_part(
                packet, find_row(packet.layers, path), index, value, automatic
            ),
        )

    async def _move_part(self, path: str, step: int) -> None:
        await self._edit(
            f"move {path}",
            lambda packet: parts.move_part(packet, find_row(packet.layers, path), step),
        )

    async def _delete_part(self, path: str) -> None:
        automatic = self._known.automatic
        await self._edit(
            f"delete {path}",
            lambda packet: parts.remove_part(packet, find_row(packet.layers, path), automatic),
        )

    def _row(self, path: str) -> FieldRow:
        return find_row(self._seat.document.packet.layers, path)

    async def _edit(self, label: str, command: Callable[[Packet], Asking[Packet]]) -> None:
        problem = await self._seat.edit(label, command)
        if problem:
            self._seat.failed(problem)
