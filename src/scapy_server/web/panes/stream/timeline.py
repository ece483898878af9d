"""When the streams of a profile send, drawn with the rate of all against the line."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import background_tasks, ui

from scapy_server.client import ClientError
from scapy_server.desk.errors import DeskError
from scapy_server.desk.profiles import profile_of
from scapy_server.desk.timing import Timing, Wanted, timing
from scapy_server.web.seat import Seat, sentence_of


class TimelineView:
    """The region "Timeline" of a profile; drawn in a thread, as it may take a second."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._root = ui.element("section").props('role=region aria-label="Timeline"')
        with self._root:
            with ui.row().classes("pane-head"):
                ui.label("Timeline").classes("pane-title")
                self._multiplier = ui.input("rate", value="1").props("dense")
                self._seconds = ui.number("seconds, 0 for all", value=1).props("dense")
                for control in (self._multiplier, self._seconds):
                    control.on("keydown.enter", self._draw_later)
                ui.button("Draw", on_click=self._draw_later).props("flat dense no-caps")
            self._facts = ui.label().classes("stream-words").props("role=status")
            self._chart = ui.element("div")

    def show(self) -> None:
        """Show the timeline where there is a profile."""
        self._root.set_visibility(self._seat.document.is_profile)

    def _draw_later(self) -> None:
        background_tasks.create(self._draw())

    async def _draw(self) -> None:
        try:
            profile = await self._seat.ask(profile_of(self._seat.document))
            wanted = Wanted(str(self._multiplier.value or "1"), float(self._seconds.value or 0))
            self._facts.set_text("drawing")
            found = await self._seat.opened.works.wait(
                "Drawing the timeline", asyncio.to_thread(timing, profile, wanted)
            )
        except (DeskError, ClientError) as error:
            self._facts.set_text(sentence_of(error))
            return
        self._facts.set_text(facts_of(found))
        self._chart.clear()
        with self._chart:
            chart = ui.echart(options_of(found)).classes("timeline")
            chart.props('role=img aria-label="Packets of each stream over time"')


def facts_of(found: Timing) -> str:
    """What the timeline comes to, in a sentence."""
    return (
        f"{found.timeline.packets.sum():,} packets in {found.seconds:.4g} s; the engine reckons "
        f"with at most {found.peak_packets:,.0f} packets and {found.peak_bits:,.0f} bits a second, "
        f"{found.peak_line:.2%} of the line"
    )


def options_of(found: Timing) -> dict[str, Any]:
    """The chart: bars of each stream, stacked, and the part of the line that they take."""
    line = found.timeline
    begins = [f"{at * line.step:.4g}" for at in range(len(line.packets))]
    share = (line.bits.sum(axis=1) / line.step / found.line * 100).round(6).tolist()
    series: list[dict[str, Any]] = [
        {"type": "bar", "stack": "all", "name": name, "data": line.packets[:, column].tolist()}
        for column, name in enumerate(line.names)
    ]
    series.append(
        {"type": "line", "name": "% of the line", "yAxisIndex": 1, "symbol": "none", "data": share}
    )
    return {
        "animation": False,
        "legend": {"type": "scroll"},
        "tooltip": {"trigger": "axis"},
        "dataZoom": [{"type": "inside"}],
        "xAxis": {"type": "category", "name": "s", "data": begins},
        "yAxis": [{"type": "value", "name": "packets"}, {"type": "value", "name": "%"}],
        "series": series,
    }
