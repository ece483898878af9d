"""The tree "Layers": a row per layer, and under it a row with a control per field and part."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

from scapy_server.desk.names import FieldRow, field_rows, layer_names
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.web.known import Known
from scapy_server.web.panes.field_control import FieldControl, provenance
from scapy_server.web.panes.field_text import place_text, was_in_words
from scapy_server.web.panes.layer_actions import LayerActions
from scapy_server.web.panes.menus import menu_button, opener
from scapy_server.web.seat import Seat

#: Tells which field's row is chosen, or pointed at, once for all rows.
_PICKED = "(event) => { const path = rowOf(event); if (path) emit(path); }"
_POINTED = "(event) => pointAt(rowOf(event), emit)"


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
        self._rows: dict[str, FieldControl] = {}
        self._shape: list[tuple[str, str]] = []
        self._starts: list[ui.label] = []
        self._closed: set[str] = set()
        self._selected = ""
        self._tree = ui.element("div").props('role=tree aria-label="Layers"').classes("layers")
        for event in ("focusin", "click"):
            self._tree.on(event, self._on_picked, js_handler=_PICKED)
        for event in ("mouseover", "mouseleave"):
            self._tree.on(event, self._on_pointed, js_handler=_POINTED)

    def show(self, packet: Packet | None) -> None:
        """Show a packet: rows that are there already keep their places and what is typed."""
        layers = () if packet is None else packet.layers
        rows = list(field_rows(layers))
        shape = [(name, str(layer.get("real_id"))) for name, layer in _named(layers)]
        shape += [(row.path, str(row.has_value)) for row in rows]
        if packet is None or shape != self._shape:
            self._shape = shape
            self._build(packet, rows)
        else:
            self._update(packet, rows)

    def refresh(self) -> None:
        """Show all values anew, as numbers are to be shown in another base."""
        document = self._seat.document
        if len(document):
            self._update(document.packet, list(field_rows(document.packet.layers)))

    def select(self, path: str | None) -> None:
        """Show which field is selected."""
        if (path or "") == self._selected:
            return
        if self._selected in self._rows:
            self._rows[self._selected].input.classes(remove="selected")
        self._selected = path or ""
        if self._selected in self._rows:
            self._rows[self._selected].input.classes(add="selected")

    def focus(self, path: str) -> None:
        """Take a person to the control of a field."""
        row = self._rows.get(path)
        if row is not None:
            self._tree.client.run_javascript(f"enter({row.input.id})")

    def _on_picked(self, event: GenericEventArguments) -> None:
        self._picked(str(event.args))

    def _on_pointed(self, event: GenericEventArguments) -> None:
        self._pointed(None if event.args is None else str(event.args))

    async def delete_layer(self, index: int) -> None:
        """Take a layer out of the packet."""
        packet = self._seat.document.packet
        await self._actions.delete(index, layer_names(packet.layers)[index])

    def _build(self, packet: Packet | None, rows: list[FieldRow]) -> None:
        self._tree.clear()
        self._rows.clear()
        self._starts.clear()
        self._selected = ""
        if packet is None:
            return
        with self._tree:
            for index, (name, layer) in enumerate(_named(packet.layers)):
                self._layer(index, name, layer, [row for row in rows if row.layer == index], packet)
        self._tell_starts(packet)

    def _layer(
        self, index: int, name: str, layer: JsonObject, rows: list[FieldRow], packet: Packet
    ) -> None:
        closed = name in self._closed
        item = ui.element("div").props(f'role=treeitem aria-label="{name}" aria-level=1')
        item.props(f"tabindex={-1 if index else 0}")  # page.js moves it to where the focus was
        item.props(f"aria-expanded={str(not closed).lower()}")
        item.classes(f"layer layer-{index % 6}")
        with item:
            with ui.element("div").classes("layer-head").props("draggable=true") as head:
                arrow = ui.button(icon="expand_more" if not closed else "chevron_right")
                arrow.props('flat dense size=sm tabindex=-1 aria-label="Collapse or expand"')
                arrow.props('title="← →"').classes("layer-arrow")
                ui.label(name).classes("layer-name")
                ui.label(str(layer.get("name", ""))).classes("layer-title")
                if not layer.get("valid_structure", True):
                    reads = layer.get("real_id") or "payload"
                    ui.label(f"reads as {reads}").classes("layer-warning")
                ui.space()
                self._starts.append(ui.label().classes("layer-place"))
                menu = menu_button(
                    "Layer menu", self._actions.for_layer(index, name, len(packet.layers))
                )
                menu.props('tabindex=-1 title="Alt+↓"').classes("layer-menu")
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

    def _field(self, row: FieldRow, packet: Packet) -> FieldControl:
        definition = self._known.field(packet.layers[row.layer]["id"], row.field_id)
        control = FieldControl(row, definition, self._actions.commit, self._seat.bases)
        line = control.input
        anchor = f"#{line.html_id} > .row-menu"
        line.on("menu", opener(line, anchor, lambda: self._actions.for_field(row, definition)), [])
        self._tell(control, row, packet)
        return control

    def _update(self, packet: Packet, rows: list[FieldRow]) -> None:
        for row in rows:
            control = self._rows[row.path]
            control.show(row)
            self._tell(control, row, packet)
        self._tell_starts(packet)

    def _tell_starts(self, packet: Packet) -> None:
        for label, layer in zip(self._starts, packet.layers, strict=True):
            label.set_text(f"from byte {place_text(layer['offset'], self._seat.hex_offsets)}")

    def _tell(self, control: FieldControl, row: FieldRow, packet: Packet) -> None:
        was = was_in_words(row, packet)
        source = provenance(row, packet) if row.has_value else ""
        control.input.tell(
            absent=bool(row.field.get("ignored")),
            place=_place(row, self._seat.hex_offsets),
            size=_size(row),
            source="set" if was and source else source,
            was=was,
        )


def _named(layers: tuple[JsonObject, ...]) -> list[tuple[str, JsonObject]]:
    return list(zip(layer_names(layers), layers, strict=True))


def _place(row: FieldRow, in_hex: bool) -> str:
    if row.bit_offset is None:
        return "absent" if row.field.get("ignored") else ""
    byte, bits = divmod(row.bit_offset, 8)
    text = place_text(byte, in_hex)
    return f"{text}.{bits}" if bits else text


def _size(row: FieldRow) -> str:
    if row.bit_offset is None:
        return ""
    return f"{row.bit_length} b" if row.bit_length % 8 else f"{row.bit_length // 8} B"
