"""`fe preview`: what changes from packet to packet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scapy_server.console.answers import Answer, Table
from scapy_server.console.commands.fe.action import Action
from scapy_server.console.commands.fe.compile_program import print_warnings
from scapy_server.console.output import Output
from scapy_server.console.seat import Seat
from scapy_server.console.view import value_text
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import field_rows
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.desk.programs import played

_FEW = 10
_LONGEST_CELL = 40


@dataclass(frozen=True)
class Preview:
    """Packets of the stream: a row for each, a column for each field that any of them changes."""

    packet: Packet
    rendered: JsonObject

    def print(self, out: Output) -> None:
        table = self._table()
        if len(table.heads) > 1:
            table.print(out)
        else:
            out.line("No field changes in these packets.")
        out.line(self._repeats())
        print_warnings(out, self.rendered.get("warnings") or ())

    def to_json(self) -> Any:
        return self.rendered

    def _table(self) -> Table:
        packets = self.rendered["packets"]
        cells = [
            {f"{each['layer']}.{each['field']}": str(each["hvalue"]) for each in packet["changes"]}
            for packet in packets
        ]
        changing = list(dict.fromkeys(path for row in cells for path in row))
        template = {row.path: row.field for row in field_rows(self.packet.layers)}
        trims = len({packet["length"] for packet in packets}) > 1
        rows = [
            (
                str(packet["index"]),
                *([str(packet["length"])] if trims else []),
                *(self._cell(row, path, template) for path in changing),
            )
            for packet, row in zip(packets, cells, strict=True)
        ]
        heads = ("packet", *(["length"] if trims else []), *changing)
        return Table(heads, rows, self.rendered["packets"])

    def _cell(self, row: dict[str, str], path: str, template: dict[str, JsonObject]) -> str:
        if path in row:
            return row[path][:_LONGEST_CELL]
        return value_text(template[path])[:_LONGEST_CELL] if path in template else ""

    def _repeats(self) -> str:
        period, lead = self.rendered.get("period"), self.rendered.get("lead")
        if period is None:
            return "Nobody can tell when the packets repeat."
        if period == 1 and not lead:
            return "All packets are equal."
        after = f", after the first {lead}" if lead else ""
        return f"The packets repeat every {period}{after}."


def preview(seat: Seat, rest: str) -> Answer:
    """Ten packets of the stream from the first, or N from packet K on, counted from 0."""
    words = rest.split()
    if len(words) > 2 or not all(word.isascii() and word.isdigit() for word in words):
        raise DeskError("write fe preview, or fe preview 1000 5 for 5 packets from number 1000 on")
    numbers = [int(word[:20]) for word in words]
    start, count = (*numbers, *(0, _FEW)[len(numbers) :])
    packet = seat.session.packet
    program = seat.session.document.program
    return Preview(packet, seat.ask(played(packet, program, start, count)))


ACTION = Action("preview", preview, "[K [N]]")
