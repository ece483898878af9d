"""How the stream at hand sends: mode, rate, gaps, and what follows it."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any

from nicegui import ui

from scapy_server.desk.document import Document
from scapy_server.desk.packet import ProfileStream
from scapy_server.desk.profiles import pace_in_words, paced
from scapy_server.web.seat import Seat

MODES = {
    "continuous": "continuous",
    "single_burst": "one burst",
    "multi_burst": "several bursts",
}
UNITS = {
    "pps": "packets a second",
    "bps_L2": "bits a second",
    "bps_L1": "bits a second on the wire",
    "percentage": "percent of the line",
}
#: What stands in "mode" beside the rate, by mode: member, what it is called, what it begins as.
_NUMBERS: Mapping[str, tuple[tuple[str, str, float], ...]] = {
    "continuous": (),
    "single_burst": (("total_pkts", "packets", 1),),
    "multi_burst": (
        ("pkts_per_burst", "packets a burst", 1),
        ("count", "bursts", 2),
        ("ibg", "µs between bursts", 0),
    ),
}


class PaceForm:
    """A form over the stream's JSON; a value that the engine refuses is said, and not taken."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._shown: ProfileStream | None = None
        self._root = ui.element("section").props('role=region aria-label="Pace"')

    def show(self) -> None:
        """Show the pace of the stream at hand, or nothing where there is none."""
        document = self._seat.document
        stream = document.packet.stream if len(document) else None
        self._root.set_visibility(stream is not None)
        if stream is None or stream is self._shown:
            return
        self._shown = stream
        self._root.clear()
        with self._root:
            ui.label(pace_in_words(stream)).classes("stream-words")
            with ui.row().classes("pace"):
                self._mode(stream)

    def _mode(self, stream: ProfileStream) -> None:
        mode = dict(stream.raw.get("mode") or {})
        rate = dict(mode.get("rate") or {})
        kind = str(mode.get("type", "continuous"))
        select = ui.select(MODES, value=kind, label="mode").props("dense")
        select.on_value_change(lambda event: self._set_mode(mode_of(mode, str(event.value))))
        for member, name, _ in _NUMBERS.get(kind, ()):
            number = ui.number(name, value=mode.get(member)).props("dense")
            self._on_enter(number, lambda value, member=member: {**mode, member: value})
        number = ui.number("rate", value=rate.get("value")).props("dense")
        self._on_enter(number, lambda value: {**mode, "rate": {**rate, "value": value}})
        unit = ui.select(UNITS, value=rate.get("type", "pps"), label="unit").props("dense")
        unit.on_value_change(
            lambda event: self._set_mode({**mode, "rate": {**rate, "type": event.value}})
        )
        gap = ui.number("µs before it", value=stream.raw.get("isg", 0)).props("dense")
        gap.on("keydown.enter", lambda: self._set({"isg": float(gap.value or 0)}))
        following = ui.number("then stream", value=stream.raw.get("next_stream_id", -1))
        following.props("dense").on(
            "keydown.enter", lambda: self._set({"next_stream_id": int(following.value or 0)})
        )

    def _on_enter(self, control: ui.number, changed: Any) -> None:
        def enter() -> Awaitable[None]:
            value = control.value or 0
            return self._set_mode(changed(int(value) if float(value).is_integer() else value))

        control.on("keydown.enter", enter)

    async def _set_mode(self, mode: Mapping[str, Any]) -> None:
        await self._set({"mode": mode})

    async def _set(self, changes: Mapping[str, Any]) -> None:
        def act(document: Document) -> None:
            packet = paced(document.packet, changes)
            assert packet.stream is not None
            document.replace(packet, f"pace: {pace_in_words(packet.stream)}")

        problem = await self._seat.do(act)
        if problem:
            self._seat.failed(problem)


def mode_of(mode: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The mode as one of another kind, at the same rate."""
    numbers = {member: mode.get(member, begin) for member, _, begin in _NUMBERS[kind]}
    return {"type": kind, "rate": mode.get("rate"), **numbers}
