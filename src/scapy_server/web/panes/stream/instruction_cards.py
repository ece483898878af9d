"""The instructions of a program as cards: in one line, and open with a form of parameters."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from nicegui import ui

from scapy_server.desk.packet import JsonObject, Program
from scapy_server.web.known import Known
from scapy_server.web.panes.folds import fold, rename
from scapy_server.web.panes.stream.instruction_help import read_help

Instructions = tuple[JsonObject, ...]
#: Makes a change of the program the document's; the text is what undo calls the step.
Take = Callable[[Callable[[Program], Program], str], Awaitable[None]]
_PLACE = re.compile(r"instruction (?P<number>\d+)(?: \([^)]*\))?, parameter (?P<name>\w+): ")


class InstructionCards:
    """A card per instruction; `program` is the one at hand, `take` changes it."""

    def __init__(self, known: Known, program: Callable[[], Program], take: Take) -> None:
        self._known = known
        self._program = program
        self._take = take
        self._shown: Program | None = None
        self._inputs: dict[tuple[int, str], ui.input] = {}
        self._folds: list[ui.expansion] = []
        self._dragged: int | None = None
        with ui.row().classes("vary"):
            self._which = ui.select([], with_input=True, label="instruction").props(
                'dense outlined aria-label="Instruction to add"'
            )
            ui.button("Add instruction", icon="add", on_click=self._add).props("flat no-caps")
        self._cards = ui.element("div").classes("cards")

    def show(self) -> None:
        """Show the program, if it has changed."""
        program, before = self._program(), self._shown
        if program is before:
            return
        self._shown = program
        if before is not None and _ids(before) == _ids(program):
            self._show_values(before, program)
            return
        self._which.set_options([str(each["id"]) for each in self._known.instructions])
        self._cards.clear()
        self._inputs.clear()
        self._folds.clear()
        with self._cards:
            for number, instruction in enumerate(program.instructions):
                self._card(number, instruction)

    def _show_values(self, before: Program, program: Program) -> None:
        """Show other parameters of the same instructions: cards that are open stay so."""
        for (number, name), control in self._inputs.items():
            was, now = (value_text(each.instructions[number], name) for each in (before, program))
            if was != now:
                control.set_value(now)

    def say(self, error: str | None) -> None:
        """Mark the parameter that an error names, and no other."""
        place = None if error is None else error_place(error)
        for key, control in self._inputs.items():
            if key == place:
                control.props("aria-invalid=true")
            else:
                control.props(remove="aria-invalid")

    def tell(self, words: Mapping[int, str]) -> None:
        """Head each card by what its instruction does, where that is known."""
        instructions = self._program().instructions
        if len(instructions) == len(self._folds):
            for number, card in enumerate(self._folds):
                rename(card, words.get(number) or words_of(instructions[number]))

    def _card(self, number: int, instruction: JsonObject) -> None:
        card = fold(words_of(instruction)).classes("card").props("draggable=true")
        card.props["caption"] = str(instruction["id"])
        self._folds.append(card)
        card.on("dragstart", lambda: self._drag(number))
        card.on("dragover.prevent", js_handler="() => {}")
        card.on("drop.prevent", lambda: self._drop(number))
        with card:
            told = read_help(str(self._known_instruction(instruction).get("help") or ""))
            if told.about:
                ui.label(told.about).classes("quiet")
            for name in self._parameters(instruction):
                with ui.row().classes("parameter"):
                    self._inputs[number, name] = self._input(number, name, instruction)
                    ui.label(told.parameters.get(name, "")).classes("quiet parameter-about")
            with ui.row():
                if number:
                    self._button("Move up", lambda: self._move(number, number - 1))
                self._button("Remove", lambda: self._remove(number))

    def _input(self, number: int, name: str, instruction: JsonObject) -> ui.input:
        control = ui.input(name, value=value_text(instruction, name)).props("dense")
        control.on("keydown.enter", lambda: self._set(number, name, str(control.value)))
        return control

    def _button(self, text: str, action: Callable[[], Awaitable[None]]) -> None:
        ui.button(text, on_click=action).props("flat no-caps")

    def _known_instruction(self, instruction: JsonObject) -> JsonObject:
        known = self._known.instructions
        return next((each for each in known if each["id"] == instruction["id"]), {})

    def _parameters(self, instruction: JsonObject) -> list[str]:
        names = self._known_instruction(instruction).get("parameters")
        return list(map(str, names or instruction.get("parameters") or {}))

    async def _change(self, label: str, change: Callable[[Instructions], Instructions]) -> None:
        await self._take(
            lambda program: replace(program, instructions=change(program.instructions)), label
        )

    async def _add(self) -> None:
        if self._which.value:
            added = {"id": str(self._which.value), "parameters": {}}
            await self._change(f"add {self._which.value}", lambda there: (*there, added))

    async def _remove(self, number: int) -> None:
        await self._change(
            f"remove instruction {number}", lambda there: there[:number] + there[number + 1 :]
        )

    def _drag(self, number: int) -> None:
        self._dragged = number

    async def _drop(self, target: int) -> None:
        dragged, self._dragged = self._dragged, None
        if dragged is not None and dragged != target:
            await self._move(dragged, target)

    async def _move(self, number: int, target: int) -> None:
        def change(there: Instructions) -> Instructions:
            instructions = list(there)
            instructions.insert(target, instructions.pop(number))
            return tuple(instructions)

        await self._change(f"move instruction {number}", change)

    async def _set(self, number: int, name: str, text: str) -> None:
        def change(there: Instructions) -> Instructions:
            old = there[number]
            parameters = dict(old.get("parameters") or {})
            if text:
                parameters[name] = (
                    {"vtype": "EXPRESSION", "expr": text} if text[:1] == "[" else text
                )
            else:
                parameters.pop(name, None)
            return (*there[:number], {**old, "parameters": parameters}, *there[number + 1 :])

        await self._change(f"instruction {number}: {name} = {text}", change)


def words_of(instruction: JsonObject) -> str:
    """An instruction in one line."""
    parameters: Mapping[str, Any] = instruction.get("parameters") or {}
    shown = ", ".join(f"{name} {value}" for name, value in parameters.items() if value != "")
    return f"{instruction['id']}: {shown}" if shown else str(instruction["id"])


def value_text(instruction: JsonObject, name: str) -> str:
    """A parameter's value as it is typed; empty where it is left to its default."""
    parameters: Mapping[str, Any] = instruction.get("parameters") or {}
    value = parameters.get(name, "")
    return str(value.get("expr", "") if isinstance(value, dict) else value)


def _ids(program: Program) -> list[str]:
    return [str(each["id"]) for each in program.instructions]


def error_place(error: str) -> tuple[int, str] | None:
    """The instruction and the parameter that an error names."""
    found = _PLACE.search(error)
    return None if found is None else (int(found["number"]), found["name"])
