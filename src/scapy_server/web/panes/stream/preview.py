"""The region "Preview": the packets from any number on, with only what changes."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from nicegui import ui

from scapy_server import limits
from scapy_server.captures.writing import write_capture
from scapy_server.client import ClientError
from scapy_server.desk.editing import whole_model
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import JsonObject
from scapy_server.desk.questions import Asking, ask
from scapy_server.desk.saving import link_type_of
from scapy_server.web.seat import Seat, sentence_of

COUNTS = (10, 100, 1000)
#: Where the slider ends for programs that never come back to their beginning.
FARTHEST = 4_294_967_295
_PAGE = 1000


class PreviewTable:
    """Shows rendered packets, plots what varies, and exports them as a capture."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        with ui.element("section").props('role=region aria-label="Preview"').classes("preview"):
            with ui.row().classes("pane-head"):
                ui.label("Preview").classes("pane-title")
                self._start = ui.input("from packet", value="0").props("dense")
                self._start.on("keydown.enter", self.refresh)
                self._count = ui.select(list(COUNTS), value=COUNTS[0], label="packets")
                self._count.props("dense").on_value_change(self.refresh)
                ui.button("Show", on_click=self.refresh).props("flat dense no-caps")
                self._exported = ui.number(
                    "to export",
                    value=COUNTS[-1],
                    min=1,
                    max=int(limits.EDITOR_EXPORTED_PACKETS),
                    precision=0,
                ).props("dense")
                ui.button("Export as pcap", on_click=self._export).props("flat dense no-caps")
            self._slider = ui.slider(min=0, max=FARTHEST, value=0, on_change=self._slide)
            self._slider.props('aria-label="Packet number" dense')
            self._table = ui.element("div").classes("preview-rows")
            self._plots = ui.element("div").classes("preview-plots")

    async def refresh(self) -> None:
        """Render the packets anew and show them."""
        try:
            start = self._first()
        except DeskError as error:
            self._seat.failed(sentence_of(error))
            return
        try:
            asked = self._seat.ask(self._rendered(start, int(self._count.value), True))
            rendered = await self._seat.opened.works.wait("Rendering packets", asked)
        except (DeskError, ClientError) as error:
            self.clear()
            self._seat.failed(sentence_of(error))
            return
        self._show(start, rendered)

    def clear(self) -> None:
        """There is nothing to preview."""
        self._table.clear()
        self._plots.clear()

    def _rendered(self, start: int, count: int, changes: bool) -> Asking[JsonObject]:
        document = self._seat.document
        options = {"start": start, "count": count, "detail": "changes" if changes else "bytes"}
        extra = {"field_engine": document.program.to_json()}
        rendered: JsonObject = yield from ask(
            "render_packets", whole_model(document.packet), extra, options
        )
        return rendered

    def _slide(self) -> None:
        self._start.set_value(str(int(self._slider.value or 0)))

    def _show(self, start: int, rendered: JsonObject) -> None:
        packets = list(rendered.get("packets") or ())
        period = rendered.get("period")
        if isinstance(period, int):
            last = int(rendered.get("lead") or 0) + period - 1
            self._slider.props(f"max={min(max(1, last), FARTHEST)}")
        self.clear()
        with self._table:
            for packet in packets[: COUNTS[1]]:
                ui.label(row_of(packet)).classes("mono preview-row")
        with self._plots:
            for name, values in series_of(packets):
                self._plot(name, start, values)

    def _plot(self, name: str, start: int, values: Sequence[float | None]) -> None:
        options = {
            "animation": False,
            "grid": {"left": 60, "right": 10, "top": 24, "bottom": 20},
            "title": {"text": name, "textStyle": {"fontSize": 12}},
            "xAxis": {"type": "category", "data": [start + at for at in range(len(values))]},
            "yAxis": {"type": "value", "scale": True},
            "series": [{"type": "line", "step": "end", "symbol": "none", "data": list(values)}],
        }
        chart = ui.echart(options).classes("preview-plot")
        chart.props(f'role=img aria-label="{name} over packets"')

    def _first(self) -> int:
        """The number of the first packet; DeskError for what is none."""
        text = str(self._start.value or "0")
        try:
            return int(text.replace(",", "").replace("_", ""))
        except ValueError:
            raise DeskError(f"{text!r} is no packet number") from None

    async def _export(self) -> None:
        count = max(1, min(int(self._exported.value or 0), limits.EDITOR_EXPORTED_PACKETS))
        frames: list[bytes] = []
        try:
            start = self._first()
            with self._seat.opened.works.begin("Rendering packets", count) as work:
                while len(frames) < count:
                    most = min(_PAGE, count - len(frames))
                    page = await self._seat.ask(self._rendered(start + len(frames), most, False))
                    frames += [base64.b64decode(each["binary"]) for each in page["packets"]]
                    if not await work.step(most):
                        return
            link_type = link_type_of(self._seat.document.packet)
        except (DeskError, ClientError) as error:
            self._seat.failed(sentence_of(error))
            return
        ui.download.content(write_capture(frames, link_type), f"packets-{start}.pcap")


def row_of(packet: JsonObject) -> str:
    """A packet of the preview in one line: its number, and the fields that changed."""
    changes = packet.get("changes") or ()
    text = "  ".join(f"{name_of(each)} = {each.get('hvalue')}" for each in changes)
    return f"{packet.get('index')}: {text or 'as it is built'}"


def name_of(change: JsonObject) -> str:
    """The path of what changed."""
    return f"{change.get('layer')}.{change.get('field')}"


def series_of(packets: Sequence[JsonObject]) -> list[tuple[str, list[float | None]]]:
    """What varies as numbers, packet by packet: each field that changes, and the length.

    A packet in which a field is as in the template has None there.
    """
    found: dict[str, list[float | None]] = {}
    for at, packet in enumerate(packets):
        for change in packet.get("changes") or ():
            value = change.get("value")
            if isinstance(value, int | float) and not isinstance(value, bool):
                found.setdefault(name_of(change), [None] * len(packets))[at] = value
    lengths: list[float | None] = [packet.get("length") for packet in packets]
    if len(set(lengths)) > 1:
        found["length"] = lengths
    return list(found.items())
