"""A layer in the tree: its head, and a row with a control per field and part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from nicegui import ui

from scapy_server.desk.names import FieldRow
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.web.known import Known
from scapy_server.web.panes.field_control import FieldControl, provenance
from scapy_server.web.panes.field_text import place_text, was_in_words
from scapy_server.web.panes.layer_actions import LayerActions
from scapy_server.web.panes.menus import MenuItem, menu_button, opener
from scapy_server.web.seat import Seat


@dataclass(frozen=True)
class Surroundings:
    """What all layers of a tree share: which of them are `closed`, by name, and what they do."""

    seat: Seat
    known: Known
    actions: LayerActions
    closed: set[str]
    drag: Callable[[int], None]
    drop: Callable[[int], object]


class LayerSection:
    """A layer; rows that are there already keep their places, their focus and what is typed."""

    def __init__(self, around: Surroundings, index: int, name: str) -> None:
        self.name = name
        self.rows: dict[str, FieldControl] = {}
        self._around = around
        self._index = index
        closed = name in around.closed
        self.element = ui.element("div").props(f'role=treeitem aria-label="{name}" aria-level=1')
        # page.js moves it to where the focus was
        self.element.props(f"tabindex={-1 if index else 0}")
        self.element.props(f"aria-expanded={str(not closed).lower()}")
        self.element.classes(f"layer layer-{index % 6}")
        with self.element:
            self._head()
            self._group = ui.element("div").props("role=group").classes("layer-fields")
            self._group.set_visibility(not closed)
        self.element.on("dragover.prevent", js_handler="() => {}")
        self.element.on("drop.prevent", lambda: around.drop(index))

    def _head(self) -> None:
        closed = self.name in self._around.closed
        with ui.element("div").classes("layer-head").props("draggable=true") as head:
            self._arrow = ui.button(icon="chevron_right" if closed else "expand_more")
            self._arrow.props('flat dense size=sm tabindex=-1 aria-label="Collapse or expand"')
            self._arrow.props('title="← →"').classes("layer-arrow").on_click(self._toggle)
            ui.label(self.name).classes("layer-name")
            self._title = ui.label().classes("layer-title")
            self._warning = ui.label().classes("layer-warning")
            ui.space()
            self._start = ui.label().classes("layer-place")
            items = partial(self._around.actions.for_layer, self._index, self.name)
            menu = menu_button("Layer menu", items)
            menu.props('tabindex=-1 title="Alt+↓"').classes("layer-menu")
        head.on("dragstart", lambda: self._around.drag(self._index))

    def show(self, layer: JsonObject, rows: Sequence[FieldRow], packet: Packet) -> None:
        """Show the layer of a packet, making only the rows that are not there yet."""
        self._title.set_text(str(layer.get("name", "")))
        reads = "" if layer.get("valid_structure", True) else layer.get("real_id") or "payload"
        self._warning.set_text(f"reads as {reads}" if reads else "")
        self._warning.set_visibility(bool(reads))
        self._start.set_text(
            f"from byte {place_text(layer['offset'], self._around.seat.hex_offsets)}"
        )
        self._keep_only({row.path: row for row in rows})
        shown: dict[str, FieldControl] = {}
        with self._group:
            for place, row in enumerate(rows):
                control = self.rows.get(row.path)
                if control is None:
                    control = self._made(row, place)
                else:
                    control.define(self._definition(row))
                    control.show(row)
                self._tell(control, row, packet)
                shown[row.path] = control
        self.rows = shown

    def _keep_only(self, wanted: dict[str, FieldRow]) -> None:
        for path, control in list(self.rows.items()):
            if path not in wanted or not control.fits(wanted[path]):
                self.rows.pop(path).input.delete()

    def _made(self, row: FieldRow, place: int) -> FieldControl:
        around = self._around
        control = FieldControl(row, self._definition(row), around.actions.commit, around.seat.bases)
        line = control.input
        items = partial(self._items, row.path)
        line.on("menu", opener(line, f"#{line.html_id} > .row-menu", items), [])
        if place < len(self._group.default_slot.children) - 1:
            line.move(target_index=place)
        return control

    def _definition(self, row: FieldRow) -> JsonObject:
        return self._around.known.field(row.defined_in, str(row.field["id"]))

    def _items(self, path: str) -> list[MenuItem]:
        return self._around.actions.for_field(path, self.rows[path].definition)

    def _toggle(self) -> None:
        closed = self._around.closed
        is_closed = self.name not in closed
        (closed.add if is_closed else closed.discard)(self.name)
        self._group.set_visibility(not is_closed)
        self.element.props(f"aria-expanded={str(not is_closed).lower()}")
        self._arrow.props(f"icon={'chevron_right' if is_closed else 'expand_more'}")

    def _tell(self, control: FieldControl, row: FieldRow, packet: Packet) -> None:
        was = was_in_words(row, packet)
        source = provenance(row, packet) if row.has_value else ""
        control.input.tell(
            absent=bool(row.field.get("ignored")),
            place=_place(row, self._around.seat.hex_offsets),
            size=_size(row),
            source="set" if was and source else source,
            was=was,
        )


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
