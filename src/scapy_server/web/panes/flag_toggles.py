"""The named bits of a field, each a switch beside the field's control."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from nicegui import ui

from scapy_server.desk.packet import JsonObject
from scapy_server.web.panes.field_text import bits_of


class FlagToggles:
    """A switch for each group of bits; `take` is given the field's new value."""

    def __init__(self, groups: Sequence[JsonObject], take: Callable[[int], Awaitable[Any]]) -> None:
        self._groups = groups
        self._take = take
        self._value: int | None = None
        with ui.element("div").classes("flags").props('role=group aria-label="Bits"'):
            self._switches = [self._switch(group) for group in groups]

    def show(self, value: object) -> None:
        """Show which bits are set."""
        now = value if isinstance(value, int) else 0
        if now == self._value:
            return
        self._value = now
        for switch, (group, named) in zip(self._switches, bits_of(now, self._groups), strict=True):
            is_set = bool(now & group["mask"])
            switch.props(f"aria-checked={str(is_set).lower()}")
            switch.classes(add="set" if is_set else "", remove="" if is_set else "set")
            switch.props["title"] = "" if named is None else str(named["name"])

    def _switch(self, group: JsonObject) -> ui.element:
        switch = ui.element("button").classes("flag").on("click", partial(self._turn, group))
        switch.props("type=button role=checkbox aria-checked=false tabindex=-1")
        switch.props["aria-label"] = str(group["name"])
        with switch:
            ui.label(str(group["name"]))
        return switch

    async def _turn(self, group: JsonObject) -> None:
        """Have the next of the group's values stand in its bits."""
        value = self._value or 0
        values = [int(each["value"]) for each in group["values"]]
        now = value & group["mask"]
        after = values[(values.index(now) + 1) % len(values)] if now in values else values[0]
        await self._take(value & ~group["mask"] | after)
