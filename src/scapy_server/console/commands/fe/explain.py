"""`fe explain`: what the program does, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scapy_server.console.answers import Answer
from scapy_server.console.commands.fe.action import Action
from scapy_server.console.commands.fe.compile_program import print_warnings
from scapy_server.console.output import Output
from scapy_server.console.seat import Seat
from scapy_server.desk.packet import JsonObject
from scapy_server.desk.programs import explained
from scapy_server.wording import printable


@dataclass(frozen=True)
class Explained:
    """A program in sentences, as `explain_program` tells it."""

    told: JsonObject

    def print(self, out: Output) -> None:
        for each in self.told.get("instructions") or ():
            out.line(printable(f"{each['instruction']:>3} {each['text']}"))
        out.line(printable(str(self.told["summary"])))
        print_warnings(out, self.told.get("warnings") or ())

    def to_json(self) -> Any:
        return self.told


def explain(seat: Seat, rest: str) -> Answer:
    """What the program of the packet at hand does."""
    return Explained(seat.ask(explained(seat.session.packet, seat.session.document.program)))


ACTION = Action("explain", explain)
