"""`fe add`: one more instruction, checked by the server before it is taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scapy_server.console.answers import Answer
from scapy_server.console.catalogue import Catalogue
from scapy_server.console.command import Choice, matching
from scapy_server.console.commands.fe.action import Action
from scapy_server.console.commands.fe.assignments import assignments, words_of
from scapy_server.console.commands.fe.listing import listed
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError
from scapy_server.desk.models import is_instruction
from scapy_server.desk.programs import with_instruction
from scapy_server.desk.typed import from_json


def add(seat: Seat, rest: str) -> Answer:
    """Put an instruction at the end; DeskError says what is wrong with it."""
    packet, document = seat.session.packet, seat.session.document
    instruction = _instruction(rest)
    program = seat.ask(with_instruction(packet, document.program, instruction))
    seat.session.set_program(program, f"fe add {instruction['id']}")
    return listed(program)


def _instruction(text: str) -> dict[str, Any]:
    if text.startswith("{"):
        instruction = from_json(text)
        if not is_instruction(instruction):
            raise DeskError('an instruction has an "id", a text, and "parameters", an object')
        return {"id": instruction["id"], "parameters": instruction.get("parameters") or {}}
    words = words_of(text)
    if not words or "=" in words[0]:
        raise DeskError("add which instruction? Write fe add STLVmFlowVar name=ttl size=1")
    return {"id": words[0], "parameters": assignments(words[1:])}


def _complete(catalogue: Catalogue, typed: str) -> Iterator[Choice]:
    instruction, blank, parameters = typed.partition(" ")
    known = catalogue.instructions()
    if not blank:
        yield from matching(list(known), instruction)
        return
    last = parameters.rpartition(" ")[2]
    names = [f"{name}=" for name in known.get(instruction, ()) if f"{name}=" not in typed]
    yield from matching(names, last)


ACTION = Action("add", add, "ID NAME=VALUE ...", _complete)
