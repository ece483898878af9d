"""The tree "Layers": a row per layer, and under it a row with a control per field and part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from scapy_server.desk import editing
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import FieldRow, field_rows, find_field, layer_names
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.desk.varying import values_from, vary
from scapy_server.web.known import Known
from scapy_server.web.panes.field_control import FieldControl, provenance, shown, typed
from scapy_server.web.panes.menus import menu_button
from scapy_server.web.seat import Seat


@dataclass
class _Row:
    """What is shown of a field."""

    element: ui.element
    control: FieldControl | None
    place: ui.label
    size: ui.label
    source: ui.label


class LayerTree:
    """All layers of the packet at hand, open at first; what changes is changed in place.

    `picked` is told the path of a field that is selected, `pointed` of one under the pointer.
    """

    def __init__(
        self,
        seat: Seat,
        known: Known,
        picked: Callable[[str | None], None],
        pointed: Callable[[str | None], None],
    ) -> None:
        self._seat = seat
        self._known = known
        self._picked = picked
        self._pointed = pointed
        self._rows: dict[str, _Row] = {}
        self._shape: list[tuple[str, str, str]] = []
        self._closed: set[str] = set()
        self._selected = ""
        self._tree = ui.element("div").props('role=tree aria-label="Layers"').classes("layers")

    def show(self, packet: Packet | None) -> None:
        """Show a packet: rows that are there already keep their places and what is typed."""
        layers = () if packet is None else packet.layers
        rows = list(field_rows(layers))
        shape = [(name, str(layer.get("real_id")), "") for name, layer in _named(layers)]
        shape += [(row.path, str(row.has_value), str(row.field.get("ignored"))) for row in rows]
        if packet is None or shape != self._shape:
            self._shape = shape
            self._build(packet, rows)
        else:
            self._update(packet, rows)

    def select(self, path: str | None) -> None:
        """Show which field is selected."""
        if self._selected in self._rows:
            self._rows[self._selected].element.classes(remove="selected")
        self._selected = path or ""
        if self._selected in self._rows:
            self._rows[self._selected].element.classes(add="selected")

    def focus(self, path: str) -> None:
        """Take a person to the control of a field."""
        row = self._rows.get(path)
        if row is not None and row.control is not None:
            row.control.input.run_method("focus")

    def _build(self, packet: Packet | None, rows: list[FieldRow]) -> None:
        self._tree.clear()
        self._rows.clear()
        if packet is None:
            return
        with self._tree:
            for index, (name, layer) in enumerate(_named(packet.layers)):
                self._layer(index, name, layer, [row for row in rows if row.layer == index], packet)

    def _layer(
        self, index: int, name: str, layer: JsonObject, rows: list[FieldRow], packet: Packet
    ) -> None:
        closed = name in self._closed
        item = ui.element("div").props(f'role=treeitem aria-label="{name}" aria-level=1')
        item.props(f"aria-expanded={str(not closed).lower()}")
        item.classes(f"layer layer-{index % 6}")
        with item:
            with ui.element("div").classes("layer-head"):
                arrow = ui.button(icon="expand_more" if not closed else "chevron_right")
                arrow.props('flat dense size=sm aria-label="Collapse or expand"')
                ui.label(name).classes("layer-name")
                ui.label(str(layer.get("name", ""))).classes("layer-title")
                if not layer.get("valid_structure", True):
                    reads = layer.get("real_id") or "payload"
                    ui.label(f"reads as {reads}").classes("layer-warning")
                ui.space()
                ui.label(f"from byte {layer['offset']}").classes("layer-place")
                self._layer_menu(index, name, len(packet.layers))
            group = ui.element("div").props("role=group").classes("layer-fields")
            group.set_visibility(not closed)
            with group:
                for row in rows:
                    self._rows[row.path] = self._field(row, packet)
        arrow.on_click(lambda: self._toggle(name, item, group, arrow))

    def _toggle(self, name: str, item: ui.element, group: ui.element, arrow: ui.button) -> None:
        closed = name not in self._closed
        (self._closed.add if closed else self._closed.discard)(name)
        group.set_visibility(not closed)
        item.props(f"aria-expanded={str(not closed).lower()}")
        arrow.props(f"icon={'chevron_right' if closed else 'expand_more'}")

    def _layer_menu(self, index: int, name: str, count: int) -> None:
        actions: list[tuple[str, Callable[[], Any]]] = []
        if index:
            actions.append(("Move up", lambda: self._move(index, index - 1, name)))
        if index < count - 1:
            actions.append(("Move down", lambda: self._move(index, index + 1, name)))
        actions.append(("Delete layer", lambda: self._delete(index, name)))
        if index:
            actions.append(("Delete with all that follows", lambda: self._cut(index, name)))
        menu_button("Layer menu", actions)

    def _field(self, row: FieldRow, packet: Packet) -> _Row:
        absent = bool(row.field.get("ignored"))
        element = ui.element("div").classes("field" + (" absent" if absent else ""))
        element.style(f"padding-left: {1 + row.depth}rem")
        element.on("mouseenter", lambda: self._pointed(row.path))
        element.on("mouseleave", lambda: self._pointed(None))
        element.on("focusin", lambda: self._picked(row.path))
        element.on("click", lambda: self._picked(row.path))
        with element:
            name = ui.label(str(row.field.get("name") or row.field_id)).classes("field-name")
            control = None
            if row.has_value:
                definition = self._known.field(packet.layers[row.layer]["id"], row.field_id)
                if definition.get("description"):
                    name.tooltip(str(definition["description"]))
                choices = definition.get("values_dict") or {}
                control = FieldControl(row, choices, self._commit)
            else:
                ui.element("span")
            place = ui.label(_place(row)).classes("field-place mono")
            size = ui.label(_size(row)).classes("field-size")
            source = ui.label().classes("field-source")
            self._field_menu(row)
            if control is not None:
                control.say_below()
        shown_row = _Row(element, control, place, size, source)
        self._mark(shown_row, row, packet)
        return shown_row

    def _field_menu(self, row: FieldRow) -> None:
        path = row.path
        actions: list[tuple[str, Callable[[], Any]]] = []
        if row.has_value:
            actions.append(("Compute or default", lambda: self._reset(path)))
            actions.append(("Random value", lambda: self._draw(path)))
            actions.append(("Vary in the stream", lambda: self._vary(path)))
        if row.field_id.endswith("]"):
            actions.append(("Delete this part", lambda: self._delete_part(path)))
        if row.has_value:
            actions.append(("Copy value", lambda: ui.clipboard.write(self._text(path))))
        actions.append(("Copy path", lambda: ui.clipboard.write(path)))
        menu_button("Field menu", actions)

    def _update(self, packet: Packet, rows: list[FieldRow]) -> None:
        for row in rows:
            known = self._rows[row.path]
            if known.control is not None:
                known.control.show(row)
            known.place.set_text(_place(row))
            known.size.set_text(_size(row))
            self._mark(known, row, packet)

    def _mark(self, shown_row: _Row, row: FieldRow, packet: Packet) -> None:
        source = provenance(row, packet) if row.has_value else ""
        if source == shown_row.source.text:
            return
        shown_row.source.set_text(source)
        shown_row.source.classes(replace=f"field-source source-{source}")

    def _text(self, path: str) -> str:
        return next(
            shown(row.field)
            for row in field_rows(self._seat.document.packet.layers)
            if row.path == path
        )

    async def _commit(self, path: str, text: str) -> str | None:
        fields = {row.path: row.field for row in field_rows(self._seat.document.packet.layers)}
        layer, field_id = find_field(self._seat.document.packet.layers, path)
        value = typed(fields.get(path, {}), text)
        return await self._seat.edit(
            f"{path} = {text}",
            lambda packet: editing.set_field(packet, layer, field_id, value),
        )

    async def _reset(self, path: str) -> None:
        layer, field_id = find_field(self._seat.document.packet.layers, path)
        await self._edit(
            f"reset {path}", lambda packet: editing.reset_field(packet, layer, field_id)
        )

    async def _draw(self, path: str) -> None:
        layer, field_id = find_field(self._seat.document.packet.layers, path)
        await self._edit(f"draw {path}", lambda packet: editing.draw_field(packet, layer, field_id))

    def _vary(self, path: str) -> None:
        document = self._seat.document
        row = next(row for row in field_rows(document.packet.layers) if row.path == path)
        try:
            values = values_from(document.packet, row)
            program = vary(document.packet, document.program, row, values)
        except DeskError as error:
            self._seat.failed(str(error))
            return
        document.set_program(program, f"vary {path}")
        self._seat.opened.changed()

    async def _delete_part(self, path: str) -> None:
        layer, field_id = find_field(self._seat.document.packet.layers, path)
        await self._edit(
            f"delete {path}", lambda packet: editing.delete_part(packet, layer, field_id)
        )

    async def _delete(self, index: int, name: str) -> None:
        await self._edit(f"delete {name}", lambda packet: editing.delete_layer(packet, index))

    async def _cut(self, index: int, name: str) -> None:
        await self._edit(f"cut at {name}", lambda packet: editing.cut_layers(packet, index))

    async def _move(self, index: int, target: int, name: str) -> None:
        await self._edit(f"move {name}", lambda packet: editing.move_layer(packet, index, target))

    async def _edit(self, label: str, command: Callable[[Packet], Any]) -> None:
        problem = await self._seat.edit(label, command)
        if problem:
            self._seat.failed(problem)


def _named(layers: tuple[JsonObject, ...]) -> list[tuple[str, JsonObject]]:
    return list(zip(layer_names(layers), layers, strict=True))


def _place(row: FieldRow) -> str:
    if row.bit_offset is None:
        return "absent" if row.field.get("ignored") else ""
    bits = row.bit_offset % 8
    return f"{row.bit_offset // 8}.{bits}" if bits else str(row.bit_offset // 8)


def _size(row: FieldRow) -> str:
    if row.bit_offset is None:
        return ""
    return f"{row.bit_length} b" if row.bit_length % 8 else f"{row.bit_length // 8} B"
