"""`fe compile`: the program as the traffic engine takes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scapy_server.console.answers import Answer
from scapy_server.console.commands.fe.action import Action
from scapy_server.console.output import Output
from scapy_server.console.seat import Seat
from scapy_server.desk.packet import JsonObject
from scapy_server.desk.programs import compiled
from scapy_server.wording import printable


@dataclass(frozen=True)
class Vm:
    """A compiled program, and what is to be minded about it."""

    vm: JsonObject
    warnings: Sequence[JsonObject]

    def print(self, out: Output) -> None:
        out.json(self.vm)
        print_warnings(out, self.warnings)
        out.line("[SUCCESS]", "green")

    def to_json(self) -> Any:
        return {"vm": self.vm, "warnings": list(self.warnings)}


def print_warnings(out: Output, warnings: Sequence[JsonObject]) -> None:
    """A line for each."""
    for sentence in _sentences(warnings):
        out.line(f"warning: {sentence}", "yellow")


def _sentences(warnings: Sequence[JsonObject]) -> Iterator[str]:
    return (printable(str(each["message"])) for each in warnings)


def compile_program(seat: Seat, rest: str) -> Answer:
    """Compile the program of the packet at hand."""
    packet = seat.session.packet
    outcome = seat.ask(compiled(packet, seat.session.document.program))
    return Vm(outcome["instructions"], tuple(outcome.get("warnings") or ()))


ACTION = Action("compile", compile_program)
