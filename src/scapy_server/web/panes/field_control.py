"""The control in which a field's value is edited where it stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from nicegui import ui

from scapy_server.desk.names import FieldRow
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.web.panes.field_line import FieldLine
from scapy_server.web.panes.field_text import Bases, address_bits, base_of, chosen, found
from scapy_server.web.panes.flag_toggles import FlagToggles

#: Sets a text as the value of the field at a path; the sentence if it is refused.
Commit = Callable[[str, str], Awaitable[str | None]]

_MOST_CHOICES = 12


class FieldControl:
    """An input named by the field's path. Enter commits, Escape restores; leaving it commits too.

    A refused text stays, marked, with the server's sentence beside it, until it is mended. An
    enumeration takes a name, a number and any part of a name; named bits have switches.
    """

    def __init__(self, row: FieldRow, definition: JsonObject, commit: Commit, bases: Bases) -> None:
        self.path = row.path
        self.definition: JsonObject = {}
        self._row = row
        self._choices: Mapping[str, Any] = {}
        self._commit = commit
        self._bases = bases
        self._committed = bases.text(row) if row.has_value else ""
        self._sent: str | None = None  # what waits for its answer
        self.input = FieldLine(row.path, _name(row), row.depth, row.has_value)
        self._problem: ui.label | None = None
        self._list: ui.element | None = None
        self._flags: FlagToggles | None = None
        if row.has_value:
            self._become_editable()
        self.define(definition)

    def _become_editable(self) -> None:
        line = self.input
        line.set_value(self._committed)
        line.tell(sign=self._sign())
        line.tell(address=address_bits(self._row.field, self._row.bit_length))
        line.on("keydown.enter", self._enter, [])
        line.on("keydown.escape", self._restore, [])
        line.on("blur", self._enter, [])
        line.on("sign", self._offer_all_or_turn, [])

    def define(self, definition: JsonObject) -> None:
        """Know what the field takes, which may come after the control was made."""
        if definition == self.definition:
            return
        self.definition = definition
        if not self._row.has_value:
            return
        self._choices = definition.get("values_dict") or {}
        self.input.tell(about=str(definition.get("description") or ""), sign=self._sign())
        with self.input:
            if definition.get("bits") and self._flags is None:
                self._flags = FlagToggles(definition["bits"], self._take_bits)
                self._flags.show(self._row.field.get("value"))
            if self._choices and self._list is None:
                self.input.on_value_change(self._suggest)
                self._list = ui.element("div").classes("choices")
                self._list.props('role=listbox aria-label="Values"').set_visibility(False)

    def _sign(self) -> str:
        """What stands at the input's end: that there is a list, or the base of a number."""
        if self._choices:
            return "▾"
        is_number = isinstance(self._row.field.get("value"), int)
        return base_of(self._committed) if is_number else ""

    def fits(self, row: FieldRow) -> bool:
        """Whether it can show a field: one of its path that is edited as its own is."""
        return row.has_value == self._row.has_value

    def forget_refused(self) -> None:
        """What is refused is of no use any more, and what is so shows again."""
        if self._problem is not None:
            self._restore()

    def show(self, row: FieldRow) -> None:
        """Show another value, unless a person has begun to change this one."""
        self._row = row
        self.input.tell(name=_name(row), depth=row.depth)
        if not row.has_value:
            return
        begun = self.input.value != self._committed
        self._committed = self._bases.text(row)
        self.input.tell(sign=self._sign())
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
        if text == (self._committed if self._sent is None else self._sent):
            return
        self._sent = text
        try:
            problem = await self._commit(self.path, chosen(self._choices, text))
        finally:
            if self._sent == text:
                self._sent = None
        if self.input.is_deleted or str(self.input.value or "") != text:
            return  # the packet has other fields now, or a person has typed on
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

    def _offer_all_or_turn(self) -> None:
        if self._choices:
            self._offer("")
        else:
            self._turn()

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
        """Show under the row why a text is refused, or that it is no more."""
        if problem is None:
            self.input.refuse(None)
            if self._problem is not None:
                self._problem.delete()
                self._problem = None
            return
        if self._problem is None:
            with self.input:
                self._problem = ui.label().classes("field-problem").props("role=alert")
        self._problem.set_text(problem)
        self.input.refuse(self._problem)


def _name(row: FieldRow) -> str:
    """What a row is headed by: what leads to it is seen from where it stands."""
    own_id, name = str(row.field["id"]), str(row.field.get("name") or "")
    is_part = row.depth and not row.defined_in
    return f"{own_id} {name}" if is_part and name not in ("", own_id) else name or own_id


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
