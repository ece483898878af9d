"""The box in which a part is typed that is to be put into a list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from scapy_server.desk import parts
from scapy_server.desk.names import FieldRow

#: Puts a typed part into the list at a path at an index; the sentence if it is refused.
Put = Callable[[str, int, str], Awaitable[str | None]]


class PartDialog:
    """Asks for a part, and before which it goes; made when it is needed."""

    def __init__(self, row: FieldRow, offered: Sequence[str], put: Put) -> None:
        self._path = row.path
        self._put = put
        with (
            ui.dialog().props('position=top transition-duration=0 aria-label="Add a part"') as box,
            ui.card().classes("palette"),
        ):
            ui.label(f"Add a part to {row.path}").classes("pane-title")
            self._text = ui.input(
                value=offered[0] if offered else "", autocomplete=list(offered)
            ).props('dense outlined autofocus aria-label="Part" input-class=mono')
            self._text.classes("w-full").on("keydown.enter", self._add)
            count = parts.count(row)
            self._index = ui.number("before part", value=count, min=0, max=count, precision=0)
            self._index.props("dense outlined").on("keydown.enter", self._add)
            ui.button("Add", on_click=self._add).props("outline no-caps")
            self._problem = ui.label().classes("field-problem").props("role=alert")
        self._box = box

    def open(self) -> None:
        """Ask."""
        self._box.open()

    async def _add(self) -> None:
        problem = await self._put(self._path, int(self._index.value or 0), str(self._text.value))
        if problem is None:
            self._box.close()
            self._box.delete()
        else:
            self._problem.set_text(problem)
