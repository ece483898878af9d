"""What a command answers: as lines for a person, or as one JSON value for a program.

Source: docs/console.md, "As JSON".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from scapy_server.console.output import Output
from scapy_server.console.view import (
    changed_lines,
    dump_lines,
    remarks,
    size_text,
    title,
    tree_lines,
)
from scapy_server.desk.comparing import changed_fields, differing_bytes
from scapy_server.desk.document import Document
from scapy_server.desk.packet import JsonObject, Packet, Program
from scapy_server.wording import base64_text, printable

#: So many bytes of a packet are dumped where nobody asks for more.
_MOST_DUMPED = 4096


class Answer(Protocol):
    """What a command answers."""

    def print(self, out: Output) -> None:
        """Print it for a person."""

    def to_json(self) -> Any:
        """The same as a JSON value."""


@dataclass(frozen=True)
class Said:
    """Sentences, and what a program is told instead. `style` is the colour of the text."""

    text: str
    value: Any
    style: str | None = None

    def print(self, out: Output) -> None:
        for line in self.text.splitlines():
            out.line(line, self.style)

    def to_json(self) -> Any:
        return self.value


@dataclass(frozen=True)
class Value:
    """A JSON value, for people in several lines."""

    value: Any

    def print(self, out: Output) -> None:
        out.json(self.value)

    def to_json(self) -> Any:
        return self.value


@dataclass(frozen=True)
class Table:
    """Rows of texts under `heads`, which are printed or not; `values` are the rows as JSON."""

    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    values: Sequence[JsonObject]
    headed: bool = True

    def print(self, out: Output) -> None:
        rows = [self.heads, *self.rows] if self.headed else self.rows
        if rows:
            out.columns([tuple(printable(cell) for cell in row) for row in rows])

    def to_json(self) -> Any:
        return list(self.values)


@dataclass(frozen=True)
class Shown:
    """A packet with all its fields and bytes; `number` of `count` in its capture, or None."""

    packet: Packet
    program: Program = field(default_factory=Program)
    number: int | None = None
    count: int = 0
    notes: Sequence[str] = ()

    @classmethod
    def of(cls, document: Document, *notes: str) -> Shown:
        """The packet at hand of a document."""
        many = document.is_capture or document.is_profile
        number = document.position + 1 if many else None
        return cls(document.packet, document.program, number, len(document), notes)

    def print(self, out: Output) -> None:
        place = "" if self.number is None else f"packet {self.number} of {self.count}"
        out.line(title(self.packet, place), "bold")
        for note in (*map(printable, self.notes), *remarks(self.packet)):
            out.line(note, "yellow")
        out.lines(tree_lines(self.packet))
        out.line()
        out.lines(dump_lines(self.packet, _MOST_DUMPED, out.bytes_a_line))
        if self.program.instructions:
            count = len(self.program.instructions)
            word = "instruction" if count == 1 else "instructions"
            out.line()
            out.line(f"varied by {count} Field Engine {word}; fe lists them", "dim")

    def to_json(self) -> Any:
        place: dict[str, Any] = {}
        if self.number is not None:
            place = {"number": self.number, "of": self.count}
        record = self.packet.record
        if record is not None:
            place |= {"time_ns": record.time_ns, "link_type": record.link_type}
        notes = [*self.notes, *remarks(self.packet)]
        varied = {"field_engine": self.program.to_json()} if self.program.instructions else {}
        return {
            **place,
            "binary": base64_text(self.packet.frame),
            "data": list(self.packet.layers),
            **varied,
            **({"notes": notes} if notes else {}),
        }


@dataclass(frozen=True)
class Dump:
    """All bytes of a packet."""

    packet: Packet

    def print(self, out: Output) -> None:
        out.lines(dump_lines(self.packet, len(self.packet.frame), out.bytes_a_line))

    def to_json(self) -> Any:
        return {"binary": base64_text(self.packet.frame)}


@dataclass(frozen=True)
class Edited:
    """What an edit changed: fields and bytes, and nothing else."""

    before: Packet
    after: Packet

    def print(self, out: Output) -> None:
        if self.before.frame == self.after.frame and self.before.layers == self.after.layers:
            out.line("nothing changed")
            return
        size = size_text(8 * len(self.after.frame))
        if len(self.before.frame) != len(self.after.frame):
            size += f", before {size_text(8 * len(self.before.frame))}"
        out.line(size, "bold")
        out.lines(changed_lines(self.before, self.after, out.bytes_a_line))

    def to_json(self) -> Any:
        fields = [
            {
                "field": change.row.path,
                **({} if change.before is None else {"before": change.before.field["value"]}),
                **({} if change.after is None else {"after": change.after.field["value"]}),
            }
            for change in changed_fields(self.before, self.after)
        ]
        length = len(self.after.frame)
        return {"length": length, "fields": fields, "bytes": list(self._bytes())}

    def _bytes(self) -> Iterator[JsonObject]:
        """The runs of bytes that differ, each as hexadecimal before and after."""
        runs: list[list[int]] = []
        for at in differing_bytes(self.before.frame, self.after.frame):
            if runs and runs[-1][1] == at:
                runs[-1][1] = at + 1
            else:
                runs.append([at, at + 1])
        for start, stop in runs:
            before, after = self.before.frame[start:stop], self.after.frame[start:stop]
            yield {"offset": start, "before": before.hex(), "after": after.hex()}


@dataclass(frozen=True)
class Listed:
    """A program, instruction by instruction; `lines` shows them as they are typed."""

    program: Program
    lines: Sequence[str]

    def print(self, out: Output) -> None:
        for line in self.lines or ["no instructions"]:
            out.line(printable(line))
        parameters: Mapping[str, str] = self.program.global_parameters
        if parameters:
            shown = " ".join(f"{name}={value}" for name, value in parameters.items())
            out.line(printable(f"    global {shown}"), "dim")

    def to_json(self) -> Any:
        return self.program.to_json()
