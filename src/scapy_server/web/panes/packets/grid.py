"""The grid "Packets": rows for what is in view, however many packets there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nicegui import background_tasks, ui
from nicegui.events import GenericEventArguments

from scapy_server.desk.selection import Selection
from scapy_server.web.known import Known
from scapy_server.web.panes.packets.actions import PacketActions
from scapy_server.web.panes.packets.filter import PacketFilter
from scapy_server.web.panes.packets.many_editor import ManyEditor
from scapy_server.web.panes.packets.row import HEIGHT, Doing, PacketRow
from scapy_server.web.seat import Seat

#: So many rows are on a page at once, so many of them above what is in view.
ROWS = 60
_ABOVE = 12
#: No browser scrolls over more pixels; of longer lists a pixel stands for several packets.
_MOST_PIXELS = 8_000_000
#: So many packets are dissected before they are shown.
_SLICE = 10
_MOVES = {"ArrowDown": 1, "ArrowUp": -1, "PageDown": 20, "PageUp": -20, "Home": -(10**9)}
_MOVES["End"] = 10**9


class PacketGrid:
    """Scrolls over the packets of a document, or those that the filter lets through."""

    def __init__(self, seat: Seat, known: Known) -> None:
        self._seat = seat
        self._selection = Selection()
        self._top, self._seen = 0, 0  # how far it is scrolled, and how much is seen, in pixels
        self._dragged: int | None = None
        self._looking = False
        self._at_hand = 0
        self._root = ui.element("section").classes("pane packets")
        with self._root:
            with ui.row().classes("pane-head"):
                ui.label("Packets").classes("pane-title")
                self._count = ui.label().classes("mono")
            self._filter = PacketFilter(seat, known, self._from_top)
            ManyEditor(seat, self._filter.positions, self._selected)
            _header()
            self._grid = (
                ui.element("div")
                .classes("packet-rows")
                .props(
                    'role=grid aria-label="Packets" tabindex=0 aria-colcount=5 '
                    "aria-multiselectable=true"
                )
            )
            self._grid.on("keydown", self._key, ["key", "ctrlKey", "metaKey", "shiftKey"])
            self._grid.on(
                "scroll",
                self._scroll,
                throttle=0.06,
                js_handler="(e) => emit([e.target.scrollTop, e.target.clientHeight])",
            )
            with self._grid:
                self._space = ui.element("div").props("role=rowgroup").classes("packet-space")
            self._doing = Doing(self._choose, self._drag, self._drop)
            self._rows: list[PacketRow] = []
            self._actions = PacketActions(seat, self._selected, self._select_all)

    @property
    def is_visible(self) -> bool:
        """Whether the document has packets to list."""
        return bool(self._root.visible)

    def show(self) -> None:
        """Show the packets in view, changing only the rows that are others than before."""
        document = self._seat.document
        self._root.set_visibility(document.is_capture or len(document) > 1)
        if not self._root.visible:
            return
        shown = self._filter.positions()
        of = f"{len(shown):,} of {len(document):,}" if self._filter.is_on else f"{len(document):,}"
        self._count.set_text(of)
        self._grid.props(f"aria-rowcount={len(shown)}")
        height = min(_MOST_PIXELS, HEIGHT * len(shown))
        self._space.style(f"height: {height}px")
        top = max(0, min(self._top, height - HEIGHT))
        at = int(top * self._rows_a_pixel(len(shown)))
        first = max(0, min(at - _ABOVE, len(shown) - ROWS))
        view = shown[first : first + ROWS]
        self._have_rows(len(view))
        base = top - top % HEIGHT if height < _MOST_PIXELS else top
        for index, (row, position) in enumerate(zip(self._rows, view, strict=True), first):
            chosen = self._selection.has(document, position)
            row.show(document, position, base + HEIGHT * (index - at), chosen)
        if document.position != self._at_hand:
            self._at_hand = document.position
            self._reveal(shown)
        if not self._looking and any(not document.at(position).layers for position in view):
            self._looking = True
            background_tasks.create(self._dissect())

    def _rows_a_pixel(self, count: int) -> float:
        """How many rows go by with each pixel, so that the end of the list is at its end."""
        height = min(_MOST_PIXELS, HEIGHT * count)
        if height <= self._seen:
            return 1 / HEIGHT
        return (count - self._seen / HEIGHT) / (height - self._seen)

    def _have_rows(self, count: int) -> None:
        while len(self._rows) > count:
            self._rows.pop().element.delete()
        with self._space:
            self._rows += [PacketRow(self._doing) for _ in range(count - len(self._rows))]

    def _view(self) -> list[int]:
        """The places of the packets that have rows."""
        return [row.position for row in self._rows if row.position < len(self._seat.document)]

    async def _dissect(self) -> None:
        """Have what is in view dissected, and show it as it comes, until all of it is."""
        tried: set[int] = set()
        document = self._seat.document
        try:
            while waiting := [
                position
                for position in self._view()
                if position not in tried and not document.at(position).layers
            ][:_SLICE]:
                for position in waiting:
                    tried.add(position)
                    if position < len(document):
                        await self._seat.dissect(position)
                self.show()
        finally:
            self._looking = False

    def _scroll(self, event: GenericEventArguments) -> None:
        self._top, self._seen = (int(pixels) for pixels in event.args)
        self.show()

    def _from_top(self) -> None:
        self._top = 0
        self.show()

    def _reveal(self, shown: Sequence[int]) -> None:
        """Scroll so that the packet at hand is in view."""
        position = self._seat.document.position
        index = position if isinstance(shown, range) else _index(shown, position)
        if index is not None:
            place = int(index / self._rows_a_pixel(len(shown)))
            self._grid.client.run_javascript(f"revealRow({self._grid.id}, {place}, {HEIGHT})")

    def _selected(self) -> list[int]:
        return self._selection.positions(self._seat.document)

    def _select_all(self) -> None:
        self._selection.choose_all(self._seat.document, self._filter.positions())
        self.show()

    async def _choose(self, position: int, held: Mapping[str, bool]) -> None:
        document, shown = self._seat.document, self._filter.positions()
        if held.get("shiftKey"):
            self._selection.extend(document, position, shown)
        elif held.get("ctrlKey") or held.get("metaKey"):
            self._selection.turn(document, position)
        else:
            self._selection.clear()
        await self._seat.go_to(position)

    async def _key(self, event: GenericEventArguments) -> None:
        key, document, shown = str(event.args["key"]), self._seat.document, self._filter.positions()
        control = event.args.get("ctrlKey") or event.args.get("metaKey")
        if key == "a" and control:
            self._select_all()
        elif key == " ":
            await self._actions.mark()
        elif key == "Delete":
            await self._actions.delete()
        elif key == "Escape":
            self._selection.clear()
            self.show()
        elif key in _MOVES and len(shown):
            now = _index(shown, document.position)
            index = 0 if now is None else max(0, min(len(shown) - 1, now + _MOVES[key]))
            await self._choose(shown[index], {"shiftKey": bool(event.args.get("shiftKey"))})

    def _drag(self, position: int) -> None:
        self._dragged = position

    async def _drop(self, target: int) -> None:
        dragged, self._dragged = self._dragged, None
        if dragged is None:
            return
        chosen = self._selected()
        await self._actions.move_to(chosen if dragged in chosen else [dragged], target)


def _header() -> None:
    """What stands over the rows, for the eye: in the grid there is a row per packet."""
    with ui.element("div").props("aria-hidden=true").classes("packet-row head"):
        for title in ("No.", "Time", "Length", "Layers", "Info"):
            ui.label(title)


def _index(shown: Sequence[int], position: int) -> int | None:
    try:
        return shown.index(position)
    except ValueError:
        return None
