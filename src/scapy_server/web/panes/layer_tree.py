"""The tree "Layers": all layers of the packet at hand, one under the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from nicegui import background_tasks, ui
from nicegui.events import GenericEventArguments

from scapy_server.desk.names import FieldRow, field_rows, layer_names
from scapy_server.desk.packet import Packet
from scapy_server.web.known import Known
from scapy_server.web.panes.field_control import FieldControl
from scapy_server.web.panes.layer_actions import LayerActions
from scapy_server.web.panes.layer_section import LayerSection, Surroundings
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
        self._around = Surroundings(seat, known, self._actions, set(), self._drag, self._drop)
        self._dragged: int | None = None
        self._picked = picked
        self._pointed = pointed
        self._sections: list[LayerSection] = []
        self._rows: dict[str, FieldControl] = {}
        self._at_hand: int | None = None
        self._selected = ""
        self._tree = ui.element("div").props('role=tree aria-label="Layers"').classes("layers")
        for event in ("focusin", "click"):
            self._tree.on(event, self._on_picked, js_handler=_PICKED)
        for event in ("mouseover", "mouseleave"):
            self._tree.on(event, self._on_pointed, js_handler=_POINTED)

    def show(self, packet: Packet | None) -> None:
        """Show a packet: layers and rows that are there already keep their places."""
        layers = () if packet is None else packet.layers
        names = layer_names(layers)
        rows: list[list[FieldRow]] = [[] for _ in names]
        for row in field_rows(layers):
            rows[row.layer].append(row)
        self._keep_only(names)
        if packet is not None:
            with self._tree:
                for index in range(len(self._sections), len(names)):
                    self._sections.append(LayerSection(self._around, index, names[index]))
            for section, layer, its_rows in zip(self._sections, layers, rows, strict=True):
                section.show(layer, its_rows, packet)
        self._rows = {
            path: control for section in self._sections for path, control in section.rows.items()
        }
        self._forget_refused()
        self.select(self._selected)
        self._learn({row.defined_in for its_rows in rows for row in its_rows})

    def _learn(self, layer_ids: Iterable[str]) -> None:
        """Have what fields hold described, where nobody has asked for that yet."""
        missing = self._known.unknown(layer_ids)
        if missing:
            background_tasks.create(self._learn_later(missing))

    async def _learn_later(self, layer_ids: Sequence[str]) -> None:
        await self._known.learn(layer_ids)
        if not self._tree.is_deleted:
            self.refresh()

    def _keep_only(self, names: list[str]) -> None:
        """The first layers, as far as they are called as those that are to be shown."""
        same = 0
        for section, name in zip(self._sections, names, strict=False):
            if section.name != name:
                break
            same += 1
        for section in self._sections[same:]:
            section.element.delete()
        del self._sections[same:]

    def _forget_refused(self) -> None:
        """What was refused in another packet does not stand in this one."""
        document = self._seat.document
        at_hand = document.key(document.position) if len(document) else None
        if at_hand != self._at_hand:
            self._at_hand = at_hand
            for control in self._rows.values():
                control.forget_refused()

    def refresh(self) -> None:
        """Show all values anew, as numbers are to be shown in another base."""
        document = self._seat.document
        if len(document):
            self.show(document.packet)

    def select(self, path: str | None) -> None:
        """Show which field is selected."""
        chosen = self._rows.get(path or "")
        if chosen is not None and "selected" in chosen.input.classes:
            return
        if self._selected in self._rows:
            self._rows[self._selected].input.classes(remove="selected")
        self._selected = path or ""
        if chosen is not None:
            chosen.input.classes(add="selected")

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
        await self._actions.delete(layer_names(packet.layers)[index])

    def _drag(self, index: int) -> None:
        self._dragged = index

    async def _drop(self, target: int) -> None:
        dragged, self._dragged = self._dragged, None
        if dragged is not None and dragged != target:
            await self._actions.move(dragged, target)
