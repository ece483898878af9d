"""The region "Problems": what the wire contradicts in the packet at hand, each with its remedy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from nicegui import background_tasks, ui

from scapy_server.client import ClientError
from scapy_server.desk.checking import Contradiction, computed, contradictions
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import layer_names
from scapy_server.desk.packet import Packet
from scapy_server.desk.questions import Asking
from scapy_server.web.known import Known
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
    """Shows the problems of a packet; what must be computed to be known comes a moment later."""

    def __init__(self, seat: Seat, known: Known) -> None:
        self._seat = seat
        self._known = known
        self._shown: list[Problem] | None = None
        self._checked: tuple[Packet, list[Contradiction]] | None = None
        self._checking: asyncio.Task[None] | None = None
        with ui.element("section").props('role=region aria-label="Problems"').classes("problems"):
            self._list = ui.element("div").classes("problem-list")

    def show(self, packet: Packet | None) -> None:
        """Show what is wrong with a packet."""
        found = [] if packet is None else list(problems_of(packet))
        if packet is not None:
            if self._checked is not None and self._checked[0] is packet:
                found += contradicted(self._checked[1])
            elif packet.layers:
                self._check_later(packet)
        if self._seat.opened.note:
            found.append(Problem(self._seat.opened.note))
        if found != self._shown:
            self._shown = found
            self._build(found)

    def _build(self, found: list[Problem]) -> None:
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
                        ).props("dense outline size=sm no-caps")

    def _check_later(self, packet: Packet) -> None:
        if self._checking is not None:
            self._checking.cancel()
        self._checking = background_tasks.create(self._check(packet))

    async def _check(self, packet: Packet) -> None:
        try:
            found = await self._seat.ask(contradictions(packet, self._known.automatic))
        except (DeskError, ClientError):
            found = []  # what cannot be computed contradicts nothing
        self._checked = packet, found
        document = self._seat.document
        if len(document) and document.packet is packet:
            self.show(packet)

    async def _mend(self, remedy: Remedy) -> None:
        problem = await self._seat.edit(remedy.label, remedy.command)
        if problem:
            self._seat.failed(problem)


def contradicted(found: Sequence[Contradiction]) -> Iterator[Problem]:
    """A problem for each, with the remedy to compute it; and one for all, if there are more."""
    for each in found:
        yield Problem(
            f"{each.path} is {each.value}, computed would be {each.computed}",
            Remedy("Compute", f"compute {each.path}", partial(_compute, [each])),
        )
    if len(found) > 1:
        yield Problem(
            f"{len(found)} fields are not what would be computed",
            Remedy("Compute all", "compute all", partial(_compute, list(found))),
        )


def _compute(found: Sequence[Contradiction], packet: Packet) -> Asking[Packet]:
    return computed(packet, [(each.layer, each.field_id) for each in found])


def problems_of(packet: Packet) -> Iterator[Problem]:
    """What the bytes contradict: layers that read otherwise, and why dissection ended."""
    if packet.problem is not None:
        yield Problem(packet.problem)
    for name, layer in zip(layer_names(packet.layers), packet.layers, strict=True):
        if layer.get("valid_structure", True):
            continue
        reads = layer.get("real_id") or "payload"
        yield Problem(f"{name} reads as {reads} on the wire")
