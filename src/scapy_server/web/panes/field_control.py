"""The control in which a field's value is edited where it stands."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from scapy_server.desk.names import FieldRow
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.desk.typed import bytes_value, value_of

#: Sets a text as the value of the field at a path; the sentence if it is refused.
Commit = Callable[[str, str], Awaitable[str | None]]

_MOST_CHARACTERS = 400


class FieldControl:
    """An input named by the field's path. Enter commits, Escape restores; so does leaving it.

    A refused text stays, marked, with the server's sentence beside it, until it is mended.
    """

    def __init__(self, row: FieldRow, choices: Mapping[str, Any], commit: Commit) -> None:
        self.path = row.path
        self._commit = commit
        self._committed = shown(row.field)
        self._busy = False
        self.input = (
            ui.input(value=self._committed, autocomplete=list(choices))
            .props(f'dense borderless input-class="mono field-input" aria-label="{row.path}"')
            .classes("field-control")
            .on("keydown.enter", self._enter)
            .on("keydown.escape", self._restore)
            .on("blur", self._enter)
        )
        self._problem: ui.label | None = None

    def say_below(self) -> None:
        """Make the place for refusals here, at the end of the field's row."""
        self._problem = ui.label().classes("field-problem").props("role=alert")
        self._problem.set_visibility(False)

    def show(self, row: FieldRow) -> None:
        """Show another value, unless a person has begun to change this one."""
        begun = self.input.value != self._committed
        self._committed = shown(row.field)
        if not begun:
            self.input.set_value(self._committed)

    async def _enter(self) -> None:
        text = str(self.input.value or "")
        if text == self._committed or self._busy:
            return
        self._busy = True
        try:
            problem = await self._commit(self.path, text)
        finally:
            self._busy = False
        if problem is None:
            self._committed = text if self._committed == text else self._committed
            self.input.set_value(self._committed)
        self._say(problem)

    def _restore(self) -> None:
        self.input.set_value(self._committed)
        self._say(None)

    def _say(self, problem: str | None) -> None:
        if self._problem is None:
            return
        if problem is None:
            self.input.props(remove="aria-invalid aria-describedby")
        else:
            self.input.props(f"aria-invalid=true aria-describedby={self._problem.html_id}")
        self._problem.set_text(problem or "")
        self._problem.set_visibility(problem is not None)


def shown(field: JsonObject) -> str:
    """A field's value as it is read and typed."""
    value = field.get("value")
    if isinstance(value, dict) and value.get("vtype") == "BYTES":
        return _bytes_text(value)
    return str(field.get("hvalue", value))


def typed(field: JsonObject, text: str) -> Any:
    """The value of a model for a text that was typed over what `shown` gives."""
    value = field.get("value")
    if isinstance(value, dict) and value.get("vtype") == "BYTES" and text[:2] not in ("b'", 'b"'):
        digits = text.replace(" ", "").removeprefix("0x")
        if len(digits) % 2 == 0 and all(digit in "0123456789abcdefABCDEF" for digit in digits):
            return bytes_value(bytes.fromhex(digits))
    return value_of(text)


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


def _bytes_text(value: JsonObject) -> str:
    try:
        data = base64.b64decode(str(value.get("base64", "")), validate=True)
    except (binascii.Error, ValueError):
        return ""
    if data and data.isascii() and data.decode().isprintable() and len(data) < _MOST_CHARACTERS:
        return repr(data)
    return data.hex()
