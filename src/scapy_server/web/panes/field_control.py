"""The control in which a field's value is edited where it stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from nicegui import ui

from scapy_server.desk.names import FieldRow
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.web.panes.field_text import Bases, base_of, chosen, found
from scapy_server.web.panes.flag_toggles import FlagToggles

#: Sets a text as the value of the field at a path; the sentence if it is refused.
Commit = Callable[[str, str], Awaitable[str | None]]

_MOST_CHOICES = 12
#: Leaving a field commits it, but not for the list of what may be chosen for it.
_LEFT = "(event) => { if (!event.relatedTarget?.closest('.choices')) emit(); }"


class FieldControl:
    """An input named by the field's path. Enter commits, Escape restores; leaving it commits too.

    A refused text stays, marked, with the server's sentence beside it, until it is mended. An
    enumeration takes a name, a number and any part of a name; named bits have switches.
    """

    def __init__(self, row: FieldRow, definition: JsonObject, commit: Commit, bases: Bases) -> None:
        self.path = row.path
        self._row = row
        self._bits = definition.get("bits") or ()
        self._choices: Mapping[str, Any] = definition.get("values_dict") or {}
        self._commit = commit
        self._bases = bases
        self._committed = bases.text(row)
        self._busy = False
        self.input = (
            ui.input(value=self._committed, on_change=self._suggest if self._choices else None)
            .props(f'dense borderless input-class="mono field-input" aria-label="{row.path}"')
            .props("autocomplete=off")
            .classes("field-control")
            .on("keydown.enter", self._enter)
            .on("keydown.escape", self._restore)
            .on("blur", self._enter, js_handler=_LEFT)
        )
        with self.input.add_slot("append"):
            self._base = self._sign()
        self._problem: ui.label | None = None
        self._list: ui.element | None = None
        self._flags: FlagToggles | None = None

    def _sign(self) -> ui.label | None:
        """What stands at the input's end: the base of a number, or that there is a list."""
        if self._choices:
            sign = ui.icon("expand_more").classes("field-base")
            sign.on("mousedown.prevent", js_handler="() => {}").on("click", self._offer_all)
            return None
        if isinstance(self._row.field.get("value"), int):
            base = ui.label(base_of(self._committed)).classes("field-base")
            base.on("mousedown.prevent", js_handler="() => {}").on("click", self._turn)
            return base
        return None

    def say_below(self) -> None:
        """Make the place for bits, choices and refusals here, at the end of the field's row."""
        if self._bits:
            self._flags = FlagToggles(self._bits, self._take_bits)
            self._flags.show(self._row.field.get("value"))
        if self._choices:
            self._list = (
                ui.element("div").classes("choices").props('role=listbox aria-label="Values"')
            )
            self._list.set_visibility(False)
        self._problem = ui.label().classes("field-problem").props("role=alert")
        self._problem.set_visibility(False)

    def show(self, row: FieldRow) -> None:
        """Show another value, unless a person has begun to change this one."""
        begun = self.input.value != self._committed
        self._row = row
        self._committed = self._bases.text(row)
        if self._base is not None:
            self._base.set_text(base_of(self._committed))
        if self._flags is not None:
            self._flags.show(row.field.get("value"))
        if not begun:
            self.input.set_value(self._committed)

    def _turn(self) -> None:
        self._bases.turn(self._row)
        self.show(self._row)

    async def _enter(self) -> None:
        text = str(self.input.value or "")
        self._close()
        if text == self._committed or self._busy:
            return
        self._busy = True
        try:
            problem = await self._commit(self.path, chosen(self._choices, text))
        finally:
            self._busy = False
        if self.input.is_deleted:
            return  # the packet has other fields now
        if problem is None:
            self.input.set_value(self._committed)
        self._say(problem)

    async def _take(self, text: str) -> None:
        """Commit what was chosen from the list."""
        self.input.set_value(text)
        await self._enter()
        if not self.input.is_deleted:
            self.input.run_method("focus")

    async def _take_bits(self, value: int) -> None:
        problem = await self._commit(self.path, str(value))
        if not self.input.is_deleted:
            self._say(problem)

    def _restore(self) -> None:
        self.input.set_value(self._committed)
        self._close()
        self._say(None)

    def _offer_all(self) -> None:
        self._offer("")

    def _suggest(self) -> None:
        text = str(self.input.value or "")
        if text == self._committed:
            self._close()
        else:
            self._offer(text)

    def _offer(self, text: str) -> None:
        """List what a text finds."""
        if self._list is None:
            return
        names = found(self._choices, text, _MOST_CHOICES)
        self._list.clear()
        self._list.set_visibility(bool(names))
        with self._list:
            for name in names:
                option = (
                    ui.element("div").classes("append-hit").on("click", partial(self._take, name))
                )
                option.props("role=option aria-selected=false tabindex=-1")
                option.on("mousedown.prevent", js_handler="() => {}")
                with option:
                    ui.label(name)
                    ui.label(str(self._choices[name])).classes("quiet mono")

    def _close(self) -> None:
        if self._list is not None and self._list.visible:
            self._list.clear()
            self._list.set_visibility(False)

    def _say(self, problem: str | None) -> None:
        if self._problem is None:
            return
        if problem is None:
            self.input.props(remove="aria-invalid aria-describedby")
        else:
            self.input.props(f"aria-invalid=true aria-describedby={self._problem.html_id}")
        self._problem.set_text(problem or "")
        self._problem.set_visibility(problem is not None)


def provenance(row: FieldRow, packet: Packet) -> str:
    """Whether a field's value was `set`, is from the `capture`, or the layer's own (`auto`)."""
    if packet.model is None:
        return "capture"
    if row.layer < len(packet.model):
        for item in packet.model[row.layer].get("fields") or ():
            if item["id"] == row.field_id or row.field_id.startswith(f"{item['id']}["):
                value = item.get("value")
                random = isinstance(value, dict) and value.get("vtype") == "RANDOM"
                return "random" if random else "set"
    return "auto"
