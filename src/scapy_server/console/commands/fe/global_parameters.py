"""`fe global`: the parameters of the whole program."""

from __future__ import annotations

from dataclasses import replace

from scapy_server.console.answers import Answer
from scapy_server.console.commands.fe.action import Action
from scapy_server.console.commands.fe.assignments import assignments, words_of
from scapy_server.console.commands.fe.listing import listed
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError
from scapy_server.desk.programs import compiled


def set_global(seat: Seat, rest: str) -> Answer:
    """Set parameters of the program; DeskError says what is wrong with them."""
    packet, program = seat.session.packet, seat.session.document.program
    given = assignments(words_of(rest))
    if not given:
        raise DeskError("which parameter? Write fe global cache_size=1000")
    changed = replace(program, global_parameters={**program.global_parameters, **given})
    seat.ask(compiled(packet, changed))
    seat.session.set_program(changed, "fe global")
    return listed(changed)


ACTION = Action("global", set_global, "NAME=VALUE")
