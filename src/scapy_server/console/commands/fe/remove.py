"""`fe remove`: one instruction, or all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scapy_server.console.answers import Answer
from scapy_server.console.catalogue import Catalogue
from scapy_server.console.command import Choice, matching
from scapy_server.console.commands.fe.action import Action
from scapy_server.console.commands.fe.listing import listed
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Program


def remove(seat: Seat, rest: str) -> Answer:
    """Take an instruction out by its number, or all."""
    _ = seat.session.packet
    program = _without(seat.session.document.program, rest)
    seat.session.set_program(program, f"fe remove {rest}")
    return listed(program)


def _without(program: Program, which: str) -> Program:
    if which == "all":
        return replace(program, instructions=())
    count = len(program.instructions)
    if not (which.isascii() and which.isdigit() and int(which[:9]) < count):
        numbers = f"has the instructions 0 to {count - 1}" if count else "has no instructions"
        raise DeskError(f"remove which one? The program {numbers}; fe remove all is for all")
    position = int(which)
    kept = program.instructions[:position] + program.instructions[position + 1 :]
    return replace(program, instructions=kept)


def _complete(catalogue: Catalogue, typed: str) -> Iterator[Choice]:
    yield from matching(["all"], typed)


ACTION = Action("remove", remove, "N|all", _complete)
