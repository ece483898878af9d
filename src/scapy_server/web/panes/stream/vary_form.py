"""Varying a field of the packet at hand: a variable, its write and the checksums in one step."""

from __future__ import annotations

from nicegui import ui

from scapy_server.desk.varying import variable_fields
from scapy_server.web.seat import Seat

_OPERATIONS = {"inc": "counting up", "dec": "counting down", "random": "at random"}
_COUNT = 256


class VaryForm:
    """Asks which field is to go through how many values, and in which way."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        with ui.row().classes("vary"):
            self._field = ui.select([], with_input=True, label="field to vary").props(
                'dense outlined options-dense aria-label="Field to vary"'
            )
            self._how = ui.select(_OPERATIONS, value="inc", label="how").props(
                'dense outlined options-dense aria-label="How it varies"'
            )
            self._count = ui.number("values", value=_COUNT, min=2, precision=0)
            self._count.props("dense").classes("vary-count")
            ui.button("Vary this field", icon="shuffle", on_click=self._vary).props("flat no-caps")

    def show(self) -> None:
        """Offer the fields of the packet at hand."""
        document = self._seat.document
        paths = variable_fields(document.packet) if len(document) else []
        if paths != self._field.options:
            kept = self._field.value if self._field.value in paths else None
            self._field.set_options(paths, value=kept)

    async def _vary(self) -> None:
        if not self._field.value:
            self._seat.failed("choose the field that is to vary, such as IP.src")
            return
        count = max(2, int(self._count.value or _COUNT))
        problem = await self._seat.vary(str(self._field.value), count, str(self._how.value))
        if problem:
            self._seat.failed(problem)
