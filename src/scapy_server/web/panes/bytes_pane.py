"""The pane with the packet's bytes: hexadecimal, characters, and bits of what is selected."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from scapy_server.desk import editing
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import FieldRow, field_rows
from scapy_server.desk.packet import Packet
from scapy_server.desk.typed import from_hex
from scapy_server.web.panes.field_text import place_text
from scapy_server.web.seat import Seat

_MOST_SHOWN_BITS = 64


class HexGrid(Element, component="bytes_pane.js"):
    """Hexadecimal pairs with their characters; see the component for what it emits."""

    def show(self, frame: bytes, starts: list[list[int]], changed: list[list[int]]) -> None:
        """Show these bytes, each in the colour of the layer that owns it, from where that starts;
        ranges that have `changed` glow."""
        self._props["hex"] = frame.hex()
        self._props["starts"] = starts
        self._props["changed"] = changed
        self.update()

    def confirm(self) -> None:
        """One more of the changes that were asked for is done, or refused."""
        self._props["done"] = int(self._props.get("done", 0)) + 1
        self.update()

    def select(self, start: int, stop: int) -> None:
        """Show a range as selected; none where it is empty."""
        self._show_range("selected", start, stop)

    def point(self, start: int, stop: int) -> None:
        """Show a range as pointed at."""
        self._show_range("pointed", start, stop)

    def _show_range(self, name: str, start: int, stop: int) -> None:
        found = [start, stop] if stop > start else []
        if self._props.get(name) != found:
            self._props[name] = found
            self.update()


class BytesPane:
    """The region "Bytes". `picked` is told the path of the innermost field of a chosen byte."""

    def __init__(self, seat: Seat, picked: Callable[[str | None], None]) -> None:
        self._seat = seat
        self._picked = picked
        with ui.element("section").props('role=region aria-label="Bytes"').classes("pane bytes"):
            with ui.row().classes("pane-head"):
                ui.label("Bytes").classes("pane-title")
                self._search = (
                    ui.input(placeholder="find hex or 'text'")
                    .props('dense borderless aria-label="Find bytes"')
                    .on("keydown.enter", self._find)
                )
            self._grid = HexGrid().classes("bytes-grid")
            self._bits = ui.label().classes("bytes-bits mono")
        self._grid.on("pick", self._on_pick)
        self._grid.on("point", self._on_point, throttle=0.05)
        self._grid.on("write", self._on_write)

    def show_places(self) -> None:
        """Count the bytes in the base that is chosen for places."""
        self._grid.props["hex-places"] = self._seat.hex_offsets
        self.select(self._row(self._seat.selected))

    def show(self, packet: Packet | None, changed: frozenset[int]) -> None:
        """Show a packet's bytes."""
        frame = b"" if packet is None else packet.frame
        starts = [] if packet is None else starts_of(packet)
        self._grid.show(frame, starts, ranges_of(changed))
        self.select(self._row(self._seat.selected))

    def select(self, row: FieldRow | None) -> None:
        """Show where a field lies."""
        start, stop = byte_range(row)
        self._grid.select(start, stop)
        self._bits.set_text("" if row is None else self._described(row))

    def point(self, row: FieldRow | None) -> None:
        """Show where the field under the pointer lies."""
        self._grid.point(*byte_range(row))

    def _row(self, path: str | None) -> FieldRow | None:
        document = self._seat.document
        if path is None or not len(document):
            return None
        return next((row for row in field_rows(document.packet.layers) if row.path == path), None)

    def _described(self, row: FieldRow) -> str:
        start, stop = byte_range(row)
        if row.bit_offset is None:
            return f"{row.path} has no place in the bytes"
        first, last = (place_text(at, self._seat.hex_offsets) for at in (start, stop - 1))
        parts = [row.path, f"byte {first}" if stop - start <= 1 else f"bytes {first} to {last}"]
        if row.bit_length % 8 or row.bit_offset % 8:
            bit = row.bit_offset - 8 * start
            parts.append(f"bits {bit} to {bit + row.bit_length - 1}")
        if 0 < row.bit_length <= _MOST_SHOWN_BITS:
            data = int.from_bytes(self._seat.document.packet.frame[start:stop], "big")
            bits = f"{data:0{8 * (stop - start)}b}"[row.bit_offset - 8 * start :][: row.bit_length]
            parts.append(" ".join(bits[at : at + 4] for at in range(0, len(bits), 4)))
        return " · ".join(parts)

    def _on_pick(self, event: GenericEventArguments) -> None:
        offset, start = int(event.args["offset"]), int(event.args["from"])
        if start != offset:
            self._grid.select(min(start, offset), max(start, offset) + 1)
            return
        row = field_at(self._seat.document.packet, offset)
        self._picked(None if row is None else row.path)
        if row is None:
            self._grid.select(offset, offset + 1)

    def _on_point(self, event: GenericEventArguments) -> None:
        offset = event.args["offset"]
        if offset is not None and len(self._seat.document):
            self.point(field_at(self._seat.document.packet, int(offset)))
        else:
            self.point(None)

    async def _on_write(self, event: GenericEventArguments) -> None:
        start, stop = int(event.args["start"]), int(event.args["stop"])
        data = from_hex(str(event.args["hex"]))
        label = f"bytes {start} to {stop - 1}" if stop > start else f"insert at byte {start}"
        problem = await self._seat.edit(
            label,
            lambda packet: editing.write_bytes(packet, start, stop, data),
            joined=bool(event.args.get("joined")),
        )
        self._grid.confirm()
        if problem:
            self._seat.failed(problem)

    def _find(self) -> None:
        text = str(self._search.value or "")
        try:
            wanted = text.strip("'\"").encode() if text[:1] in "'\"" else from_hex(text)
        except DeskError as error:
            self._seat.failed(f"{error}; text stands in quotes")
            return
        at = self._seat.document.packet.frame.find(wanted) if wanted else -1
        if at < 0:
            self._seat.failed(f"the packet does not hold {text}")
        else:
            self._grid.select(at, at + len(wanted))


def byte_range(row: FieldRow | None) -> tuple[int, int]:
    """The bytes that a field touches; empty for one without a place."""
    if row is None or row.bit_offset is None or not row.bit_length:
        return 0, 0
    return row.bit_offset // 8, (row.bit_offset + row.bit_length + 7) // 8


def field_at(packet: Packet, offset: int) -> FieldRow | None:
    """The innermost field that touches a byte, the first of several."""
    best: FieldRow | None = None
    for row in field_rows(packet.layers):
        start, stop = byte_range(row)
        closer = best is None or row.bit_length < best.bit_length
        if row.has_value and start <= offset < stop and closer:
            best = row
    return best


def starts_of(packet: Packet) -> list[list[int]]:
    """Where each layer begins, and its index; a byte belongs to the last that has begun."""
    return sorted([int(layer["offset"]), index] for index, layer in enumerate(packet.layers))


def ranges_of(offsets: Iterable[int]) -> list[list[int]]:
    """Offsets as ranges, each from its first up to the one behind its last."""
    found: list[list[int]] = []
    for offset in sorted(offsets):
        if found and found[-1][1] == offset:
            found[-1][1] = offset + 1
        else:
            found.append([offset, offset + 1])
    return found
