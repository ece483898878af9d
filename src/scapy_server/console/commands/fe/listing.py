"""`fe list`: the program, instruction by instruction, as it is typed."""

from __future__ import annotations

import json
import shlex
from typing import Any

from scapy_server.console.answers import Answer, Listed
from scapy_server.console.commands.fe.action import Action
from scapy_server.console.seat import Seat
from scapy_server.desk.packet import Program


def list_program(seat: Seat, rest: str) -> Answer:
    """The program of the packet at hand."""
    _ = seat.session.packet
    return listed(seat.session.document.program)


def listed(program: Program) -> Answer:
    """A program, its instructions numbered from 0 as the server counts them."""
    return Listed(
        program, [f"{number:>3} {_typed(each)}" for number, each in enumerate(program.instructions)]
    )


def _typed(instruction: Any) -> str:
    parameters = (instruction.get("parameters") or {}).items()
    words = [f"{name}={_value(value)}" for name, value in parameters]
    return " ".join([str(instruction.get("id")), *words])


def _value(value: Any) -> str:
    if isinstance(value, dict) and value.get("vtype") == "EXPRESSION":
        value = value.get("expr")
    text = value if isinstance(value, str) else json.dumps(value)
    return shlex.quote(text) if text else "''"


ACTION = Action("list", list_program)
