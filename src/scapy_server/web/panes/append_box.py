"""The box behind "Append layer": a search over all layers, what may follow first."""

from __future__ import annotations

from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from scapy_server.desk import editing
from scapy_server.web.known import Known
from scapy_server.web.seat import Seat

_MOST_HITS = 12

#: Takes the text out of the box in the browser itself, so that what is typed next begins anew
#: and is not lost, however late the answer comes.
_TAKE = """(event) => {
    const text = event.target.value;
    event.target.value = "";
    event.target.dispatchEvent(new Event("input"));
    emit(text);
}"""


class AppendBox:
    """A button that opens a search; Enter appends the exact id, else the first hit."""

    def __init__(self, seat: Seat, known: Known) -> None:
        self._seat = seat
        self._known = known
        self._offered: list[str] = []
        self._before: int | None = None
        with ui.element("div").classes("append"), ui.row().classes("append-head"):
            button = ui.button("Append layer", icon="add").props("flat no-caps dense")
            with button:  # above it, as what may follow stands below
                ui.tooltip("Ctrl+L").props('anchor="top middle" self="bottom middle"')
            self._search = (
                ui.input(placeholder="layer, by id or name", on_change=self._show)
                .props('dense outlined type=search aria-label="Search layers"')
                .on("keydown.enter", self._enter, js_handler=_TAKE)
                .on("keydown.escape", self._close, js_handler=_TAKE)
                .on("focus", self._open)
            )
        # In the browser itself, so that what is typed next is not lost.
        button.on("click", js_handler=f"() => {self._focusing}")
        self._list = ui.element("div").props('role=listbox aria-label="Layers to append"')
        self._list.set_visibility(False)

    @property
    def _focusing(self) -> str:
        """Calls for the focus; again until a menu that led here, and holds it, is gone."""
        return f"enter(document.getElementById('{self._search.html_id}'))"

    def focus(self) -> None:
        """Put the person into the search."""
        self._search.client.run_javascript(self._focusing)

    def insert_before(self, index: int) -> None:
        """The next layer that is chosen goes before this one."""
        self._before = index
        layer_id = self._seat.document.packet.layers[index]["id"]
        self._search.props(f'placeholder="layer to put before {layer_id}"')
        self.focus()

    async def _open(self) -> None:
        self._list.set_visibility(True)
        await self._known.load()
        layers = self._seat.document.packet.layers if len(self._seat.document) else ()
        above = layers[: self._before]
        self._offered = await self._known.payloads(str(above[-1]["id"])) if above else []
        self._show()

    def _close(self) -> None:
        self._list.set_visibility(False)
        self._before = None
        self._search.props('placeholder="layer, by id or name"')

    def hits(self, text: str) -> list[str]:
        """The layers that a text finds: what may follow first, the better fit before others."""
        wanted = text.strip().lower()
        protocols = self._known.protocols
        if wanted and text.strip() in protocols:
            return [text.strip()]
        order = [*self._offered, *(each for each in protocols if each not in self._offered)]
        ranked = [
            (rank, at, layer_id)
            for at, layer_id in enumerate(order)
            if (rank := _rank(wanted, layer_id, str(protocols.get(layer_id, {}).get("name", ""))))
            is not None
        ]
        return [layer_id for _, _, layer_id in sorted(ranked)]

    def _show(self) -> None:
        self._list.clear()
        with self._list:
            for layer_id in self.hits(str(self._search.value or ""))[:_MOST_HITS]:
                self._hit(layer_id)

    def _hit(self, layer_id: str) -> None:
        row = ui.element("div").props("role=option aria-selected=false").classes("append-hit")
        row.on("click", lambda: self._append(layer_id))
        with row:
            ui.label(layer_id).classes("layer-name")
            ui.label(str(self._known.protocols.get(layer_id, {}).get("name", ""))).classes("quiet")
            if layer_id in self._offered:
                ui.label("may follow").classes("quiet")

    async def _enter(self, event: GenericEventArguments) -> None:
        text = str(event.args if isinstance(event.args, str) else self._search.value or "").strip()
        found = self.hits(text)
        if found or text:
            await self._append(found[0] if found else text)

    async def _append(self, layer_id: str) -> None:
        added: dict[str, Any] = {"id": layer_id}
        before = self._before
        if before is None:
            problem = await self._seat.edit(
                f"append {layer_id}", lambda packet: editing.append_layers(packet, [added])
            )
        else:
            problem = await self._seat.edit(
                f"insert {layer_id}", lambda packet: editing.insert_layer(packet, before, added)
            )
        if problem:
            self._seat.failed(problem)
        else:
            self._close()


def _rank(wanted: str, layer_id: str, name: str) -> int | None:
    """How well a layer fits: the id itself, its beginning, any part, then its name."""
    lower = layer_id.lower()
    if not wanted or lower == wanted:
        return 0
    if lower.startswith(wanted):
        return 1
    if wanted in lower:
        return 2
    return 3 if wanted in name.lower() else None
