"""The region "Problems": what the wire contradicts in the packet at hand, each with its remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from nicegui import ui

from scapy_server.desk.names import layer_names
from scapy_server.desk.packet import Packet
from scapy_server.desk.questions import Asking
from scapy_server.web.seat import Seat


@dataclass(frozen=True)
class Remedy:
    """What a button does about a problem: its text, the step's label, and the command."""

    text: str
    label: str
    command: Callable[[Packet], Asking[Packet]]


@dataclass(frozen=True)
class Problem:
    """A sentence about the packet, and what would mend it, if anything known would."""

    sentence: str
    remedy: Remedy | None = None


class ProblemsPane:
    """Shows the problems of a packet."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._shown: list[Problem] | None = None
        with ui.element("section").props('role=region aria-label="Problems"').classes("problems"):
            self._list = ui.element("div").classes("problem-list")

    def show(self, packet: Packet | None) -> None:
        """Show what is wrong with a packet."""
        found = [] if packet is None else list(problems_of(packet))
        if self._seat.opened.note:
            found.append(Problem(self._seat.opened.note))
        if found == self._shown:
            return
        self._shown = found
        self._list.clear()
        with self._list:
            if not found:
                ui.label("No problems").classes("quiet")
            for problem in found:
                with ui.row().classes("problem"):
                    ui.icon("warning")
                    ui.label(problem.sentence)
                    if problem.remedy is not None:
                        ui.button(
                            problem.remedy.text, on_click=partial(self._mend, problem.remedy)
                        ).props("dense outline size=sm")

    async def _mend(self, remedy: Remedy) -> None:
        problem = await self._seat.edit(remedy.label, remedy.command)
        if problem:
            self._seat.failed(problem)


def problems_of(packet: Packet) -> Iterator[Problem]:
    """What the bytes contradict: layers that read otherwise, and why dissection ended."""
    if packet.problem is not None:
        yield Problem(packet.problem)
    for name, layer in zip(layer_names(packet.layers), packet.layers, strict=True):
        if layer.get("valid_structure", True):
            continue
        reads = layer.get("real_id") or "payload"
        yield Problem(f"{name} reads as {reads} on the wire")
