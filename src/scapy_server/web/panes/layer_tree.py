"""The tree "Layers": a row per layer, and under it a row with a control per field and part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nicegui import ui

from scapy_server.desk.names import FieldRow, field_rows, layer_names
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.web.known import Known
from scapy_server.web.panes.field_control import FieldControl, provenance
from scapy_server.web.panes.layer_actions import LayerActions
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

    `picked` is told the path of a field that is selected, `pointed` of one under the pointer,
    `insert` before which layer another is to be put.
    """

    def __init__(
        self,
        seat: Seat,
        known: Known,
        picked: Callable[[str | None], None],
        pointed: Callable[[str | None], None],
        insert: Callable[[int], None],
    ) -> None:
        self._seat = seat
        self._known = known
        self._actions = LayerActions(seat, known, insert, self.refresh)
        self._dragged: int | None = None
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

    def refresh(self) -> None:
        """Show all values anew, as numbers are to be shown in another base."""
        document = self._seat.document
        for row in field_rows(document.packet.layers if len(document) else ()):
            shown_row = self._rows.get(row.path)
            if shown_row is not None:
                shown_row.place.set_text(_place(row, self._seat.hex_offsets))
                if shown_row.control is not None:
                    shown_row.control.show(row)

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

    async def delete_layer(self, index: int) -> None:
        """Take a layer out of the packet."""
        packet = self._seat.document.packet
        await self._actions.delete(index, layer_names(packet.layers)[index])

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
        item = ui.element("div").props(f'role=treeitem aria-label="{name}" aria-level=1 tabindex=0')
        item.props(f"aria-expanded={str(not closed).lower()}")
        item.classes(f"layer layer-{index % 6}")
        with item:
            with ui.element("div").classes("layer-head").props("draggable=true") as head:
                arrow = ui.button(icon="expand_more" if not closed else "chevron_right")
                arrow.props('flat dense size=sm tabindex=-1 aria-label="Collapse or expand"')
                arrow.classes("layer-arrow")
                ui.label(name).classes("layer-name")
                ui.label(str(layer.get("name", ""))).classes("layer-title")
                if not layer.get("valid_structure", True):
                    reads = layer.get("real_id") or "payload"
                    ui.label(f"reads as {reads}").classes("layer-warning")
                ui.space()
                ui.label(f"from byte {layer['offset']}").classes("layer-place")
                menu_button("Layer menu", self._actions.for_layer(index, name, len(packet.layers)))
            group = ui.element("div").props("role=group").classes("layer-fields")
            group.set_visibility(not closed)
            with group:
                for row in rows:
                    self._rows[row.path] = self._field(row, packet)
        arrow.on_click(lambda: self._toggle(name, item, group, arrow))
        head.on("dragstart", lambda: self._drag(index))
        item.on("dragover.prevent", js_handler="() => {}")
        item.on("drop.prevent", lambda: self._drop(index))

    def _drag(self, index: int) -> None:
        self._dragged = index

    async def _drop(self, target: int) -> None:
        dragged, self._dragged = self._dragged, None
        if dragged is not None and dragged != target:
            await self._actions.move(dragged, target)

    def _toggle(self, name: str, item: ui.element, group: ui.element, arrow: ui.button) -> None:
        closed = name not in self._closed
        (self._closed.add if closed else self._closed.discard)(name)
        group.set_visibility(not closed)
        item.props(f"aria-expanded={str(not closed).lower()}")
        arrow.props(f"icon={'chevron_right' if closed else 'expand_more'}")

    def _field(self, row: FieldRow, packet: Packet) -> _Row:
        absent = bool(row.field.get("ignored"))
        element = ui.element("div").classes("field" + (" absent" if absent else ""))
        element.style(f"padding-left: {1 + row.depth}rem").props(f'data-path="{row.path}"')
        element.on("mouseenter", lambda: self._pointed(row.path))
        element.on("mouseleave", lambda: self._pointed(None))
        element.on("focusin", lambda: self._picked(row.path))
        element.on("click", lambda: self._picked(row.path))
        with element:
            name = ui.label(str(row.field.get("name") or row.field_id)).classes("field-name")
            control = None
            definition = self._known.field(packet.layers[row.layer]["id"], row.field_id)
            if row.has_value:
                if definition.get("description"):
                    name.tooltip(str(definition["description"]))
                control = FieldControl(row, definition, self._actions.commit, self._seat.bases)
            else:
                ui.element("span")
            place = ui.label(_place(row, self._seat.hex_offsets)).classes("field-place mono")
            size = ui.label(_size(row)).classes("field-size")
            source = ui.label().classes("field-source")
            menu = menu_button("Field menu", self._actions.for_field(row, definition))
            menu.props("tabindex=-1").classes("row-menu").tooltip("Alt+↓")
            if control is not None:
                control.say_below()
        shown_row = _Row(element, control, place, size, source)
        self._mark(shown_row, row, packet)
        return shown_row

    def _update(self, packet: Packet, rows: list[FieldRow]) -> None:
        for row in rows:
            known = self._rows[row.path]
            if known.control is not None:
                known.control.show(row)
            known.place.set_text(_place(row, self._seat.hex_offsets))
            known.size.set_text(_size(row))
            self._mark(known, row, packet)

    def _mark(self, shown_row: _Row, row: FieldRow, packet: Packet) -> None:
        source = provenance(row, packet) if row.has_value else ""
        if source == shown_row.source.text:
            return
        shown_row.source.set_text(source)
        shown_row.source.classes(replace=f"field-source source-{source}")


def _named(layers: tuple[JsonObject, ...]) -> list[tuple[str, JsonObject]]:
    return list(zip(layer_names(layers), layers, strict=True))


def _place(row: FieldRow, in_hex: bool) -> str:
    if row.bit_offset is None:
        return "absent" if row.field.get("ignored") else ""
    byte, bits = divmod(row.bit_offset, 8)
    text = f"0x{byte:x}" if in_hex else str(byte)
    return f"{text}.{bits}" if bits else text


def _size(row: FieldRow) -> str:
    if row.bit_offset is None:
        return ""
    return f"{row.bit_length} b" if row.bit_length % 8 else f"{row.bit_length // 8} B"
