"""The tab "Stream": the program that varies the packet, and the packets that it will send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nicegui import background_tasks, ui

from scapy_server.client import ClientError
from scapy_server.desk.editing import whole_model
from scapy_server.desk.packet import JsonObject, Program
from scapy_server.desk.questions import ask
from scapy_server.web.known import Known
from scapy_server.web.seat import Seat, sentence_of

_PREVIEWED = 10


class StreamTab:
    """Instructions as cards with forms, what they do in words, and the next packets."""

    def __init__(self, seat: Seat, known: Known) -> None:
        self._seat = seat
        self._known = known
        self._shown: Program | None = None
        with ui.row().classes("w-full"):
            self._which = ui.select([], with_input=True).props(
                'dense outlined aria-label="Instruction to add"'
            )
            ui.button("Add instruction", icon="add", on_click=self._add).props("flat no-caps")
        self._cards = ui.element("div").classes("cards")
        self._words = ui.label().classes("stream-words").props("role=status")
        with ui.element("section").props('role=region aria-label="Preview"').classes("preview"):
            with ui.row().classes("pane-head"):
                ui.label("Preview").classes("pane-title")
                self._start = ui.input("from packet", value="0").props("dense")
                self._start.on("keydown.enter", self._refresh)
                ui.button("Show", on_click=self._refresh).props("flat dense no-caps")
            self._table = ui.element("div").classes("preview-rows")

    def show(self) -> None:
        """Show the program, if it has changed, and what it does."""
        program = self._seat.document.program
        if program is not self._shown:
            self._shown = program
            self._build(program)
        self._refresh()

    def _build(self, program: Program) -> None:
        self._which.set_options([str(each["id"]) for each in self._known.instructions])
        self._cards.clear()
        with self._cards:
            for number, instruction in enumerate(program.instructions):
                self._card(number, instruction)

    def _card(self, number: int, instruction: JsonObject) -> None:
        with ui.expansion(words_of(instruction)).classes("card w-full"):
            parameters: Mapping[str, Any] = instruction.get("parameters") or {}
            for name in self._parameters(instruction):
                value = parameters.get(name, "")
                text = value.get("expr", "") if isinstance(value, dict) else str(value)
                field = ui.input(name, value=str(text)).props("dense")
                field.on(
                    "keydown.enter",
                    lambda name=name, field=field: self._set(number, name, str(field.value)),
                )
            with ui.row():
                ui.button("Remove", on_click=lambda: self._remove(number)).props("flat no-caps")

    def _parameters(self, instruction: JsonObject) -> list[str]:
        for known in self._known.instructions:
            if known["id"] == instruction["id"]:
                return [str(name) for name in known["parameters"]]
        return list(instruction.get("parameters") or {})

    def _add(self) -> None:
        if self._which.value:
            program = self._seat.document.program
            added = {"id": str(self._which.value), "parameters": {}}
            self._take(
                replace(program, instructions=(*program.instructions, added)),
                f"add {self._which.value}",
            )

    def _remove(self, number: int) -> None:
        program = self._seat.document.program
        kept = program.instructions[:number] + program.instructions[number + 1 :]
        self._take(replace(program, instructions=kept), f"remove instruction {number}")

    def _set(self, number: int, name: str, text: str) -> None:
        program = self._seat.document.program
        old = program.instructions[number]
        parameters = dict(old.get("parameters") or {})
        if text:
            parameters[name] = {"vtype": "EXPRESSION", "expr": text} if text[:1] == "[" else text
        else:
            parameters.pop(name, None)
        changed = {**old, "parameters": parameters}
        instructions = (
            *program.instructions[:number],
            changed,
            *program.instructions[number + 1 :],
        )
        self._take(
            replace(program, instructions=instructions), f"instruction {number}: {name} = {text}"
        )

    def _take(self, program: Program, label: str) -> None:
        self._seat.document.set_program(program, label)
        self._seat.opened.changed()

    def _refresh(self) -> None:
        background_tasks.create(self._explain())

    async def _explain(self) -> None:
        document = self._seat.document
        if not len(document) or not document.program.instructions:
            self._words.set_text("Every packet is the same: there are no instructions.")
            self._table.clear()
            return
        model = whole_model(document.packet)
        extra = {"field_engine": document.program.to_json()}
        try:
            explained = await self._seat.ask(ask("explain_program", model, extra))
            text = str(explained.get("error") or explained.get("summary") or "")
            self._words.set_text(text)
            if explained.get("error"):
                self._table.clear()
                return
            start = int(str(self._start.value or "0"))
            rendered = await self._seat.ask(
                ask(
                    "render_packets",
                    model,
                    extra,
                    {"start": start, "count": _PREVIEWED, "detail": "changes"},
                )
            )
        except ClientError as error:
            self._words.set_text(sentence_of(error))
            return
        except ValueError:
            self._words.set_text(f"{self._start.value!r} is no packet number")
            return
        self._show_packets(start, rendered)

    def _show_packets(self, start: int, rendered: JsonObject) -> None:
        self._table.clear()
        with self._table:
            for index, packet in enumerate(rendered.get("packets", ())):
                changes = packet.get("changes") or ()
                text = "  ".join(
                    f"{each.get('layer')}.{each.get('field')} = {each.get('hvalue')}"
                    for each in changes
                )
                ui.label(f"{start + index}: {text}").classes("mono preview-row")


def words_of(instruction: JsonObject) -> str:
    """An instruction in one line."""
    parameters: Mapping[str, Any] = instruction.get("parameters") or {}
    shown = ", ".join(f"{name} {value}" for name, value in parameters.items() if value != "")
    return f"{instruction['id']}: {shown}" if shown else str(instruction["id"])
