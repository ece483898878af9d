"""Which packets the list has: all, or those that a condition lets through."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from functools import partial

from nicegui import background_tasks, ui

from scapy_server.desk.errors import DeskError
from scapy_server.desk.filtering import Condition, Subject, parse_filter
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.web.known import Known
from scapy_server.web.seat import Seat

_WORD = re.compile(r"(?P<name>\w+)([.:][\w.:\[\]]*)?\Z")
#: After so many packets a filter shows what it has found.
_SLICE = 1000


class PacketFilter:
    """An input for a condition; `changed` is told whenever other packets are let through."""

    def __init__(self, seat: Seat, known: Known, changed: Callable[[], None]) -> None:
        self._seat = seat
        self._known = known
        self._changed = changed
        self._found: list[int] | None = None
        self._searching: asyncio.Task[None] | None = None
        self._input = (
            ui.input(placeholder="text, or IP.src == 192.0.2.1 and TCP.dport < 1024")
            .props('dense clearable aria-label="Filter packets"')
            .classes("w-full")
            .on("keydown.enter", self.apply)
            .on("clear", self._clear)
        )
        self._problem = ui.label().classes("field-problem").props("role=alert")

    @property
    def is_on(self) -> bool:
        """Whether some packets are not let through."""
        return self._found is not None

    def positions(self) -> Sequence[int]:
        """The places of the packets that are let through, in order."""
        count = len(self._seat.document)
        if self._found is None:
            return range(count)
        return [position for position in self._found if position < count]

    async def apply(self) -> None:
        """Let through what the text says."""
        text = str(self._input.value or "").strip()
        if not text:
            self._clear()
            return
        names: list[str] = []
        try:
            condition = parse_filter(self._meant(text), lambda name, values: names.append(name))
            for name in names:
                await self._known.check(name)
        except DeskError as error:
            self._say(str(error))
            return
        self._say("")
        self._stop()
        self._found = []
        self._searching = background_tasks.create(self._search(condition))

    def _meant(self, text: str) -> str:
        """A word that names no layer, field or number is a text to find."""
        layer_id = _WORD.match(text)
        names = self._known.protocols
        if layer_id is None or layer_id["name"] in names or text in ("number", "length"):
            return text
        return f'"{text}"'

    async def _search(self, condition: Condition) -> None:
        """Look at every packet, and show now and then what is found so far."""
        document = self._seat.document
        found: list[int] = []
        with self._seat.opened.works.begin("Filtering packets", len(document)) as work:
            for position in range(len(document)):
                if await self._holds(condition, position):
                    found.append(position)
                if position % _SLICE == _SLICE - 1:
                    self._show(found)
                if not await work.step():
                    self._say(f"cancelled: packets from {position + 2:,} on were not looked at")
                    break
        self._show(found)

    async def _holds(self, condition: Condition, position: int) -> bool:
        """Whether a packet is let through; its fields are asked for where they matter."""
        packet = self._seat.document.at(position)
        try:
            return condition(Subject(position + 1, packet.frame, partial(_layers_of, packet)))
        except _NotLookedAt:
            packet = await self._seat.look(position)
            return condition(Subject.of(packet, position + 1))

    def _show(self, found: Sequence[int]) -> None:
        self._found = list(found)
        self._changed()

    def _clear(self) -> None:
        self._stop()
        self._found = None
        self._say("")
        self._changed()

    def _stop(self) -> None:
        if self._searching is not None:
            self._searching.cancel()

    def _say(self, problem: str) -> None:
        self._problem.set_text(problem)
        if problem:
            self._input.props("aria-invalid=true")
        else:
            self._input.props(remove="aria-invalid")


class _NotLookedAt(Exception):
    """The field tree of a packet is asked for, and it has none yet."""


def _layers_of(packet: Packet) -> Sequence[JsonObject]:
    if not packet.layers and packet.frame:
        raise _NotLookedAt
    return packet.layers
