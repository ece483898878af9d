"""Where the console prints: colours at a terminal, plain text everywhere else."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any, TextIO

from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.text import Text

from scapy_server.console.session import PacketState
from scapy_server.console.view import dump_lines, size_text, tree_lines
from scapy_server.wording import printable

_MOST_DUMPED = 4096
_WIDTH_OF_A_DUMP = 74
_NARROWEST_COLUMN = 20


class Output:
    """Prints lines of text. `interactive` output is spaced as in a conversation."""

    def __init__(self, interactive: bool, out: TextIO | None = None, err: TextIO | None = None):
        self.interactive = interactive
        self.coloured = not os.environ.get("NO_COLOR")
        self._out = self._console(out or sys.stdout)
        self._err = self._out if interactive else self._console(err or sys.stderr)
        self._json = JSONHighlighter()

    def _console(self, stream: TextIO) -> Console:
        return Console(
            file=stream,
            color_system="auto" if self.coloured else None,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
        )

    def line(self, text: str | Text = "", style: str | None = None) -> None:
        """One line; texts of packets are to be made `plain` before."""
        self._out.print(text, style=style if self.coloured else None)

    def space(self) -> None:
        """An empty line between commands, in a conversation."""
        if self.interactive:
            self.line()

    def success(self) -> None:
        """The word with which the documents end a command."""
        self.line("[SUCCESS]", "green")

    def failure(self, problem: str) -> None:
        """What is wrong, as one line, on standard error when not interactive."""
        text = printable(" ".join(problem.split()))
        self._err.print(f"[FAILED] {text}", style="bold red" if self.coloured else None)

    def json(self, value: Any) -> None:
        """A value as indented JSON, escaped to ASCII so that no text steers the terminal."""
        text = Text(json.dumps(value, indent=1))
        if self._out.color_system:
            self._json.highlight(text)
        self.line(text)

    def message(self, title: str, message: Any) -> None:
        """A message on the wire, as the documents show it."""
        self.line(f"[verbose] {title}:", "bold")
        self.line()
        self.json(message)
        self.line()

    def lines(self, lines: Iterable[str | Text]) -> None:
        """Several lines."""
        for line in lines:
            self.line(line)

    def packet(self, packet: PacketState, captured: int = 0) -> None:
        """The field tree and the dump; `captured` is how many packets the capture has."""
        title = size_text(8 * len(packet.frame))
        if packet.position is not None:
            title = f"packet {packet.position + 1} of {captured}, {title}"
        self.line(title, "bold")
        self.lines(tree_lines(packet))
        self.line()
        self._dump(packet, _MOST_DUMPED)
        if packet.program.instructions:
            count = len(packet.program.instructions)
            self.line()
            word = "instruction" if count == 1 else "instructions"
            self.line(f"varied by {count} Field Engine {word}; fe lists them", "dim")

    def dump(self, packet: PacketState) -> None:
        """The whole hex dump."""
        self._dump(packet, len(packet.frame))

    def _dump(self, packet: PacketState, most_bytes: int) -> None:
        narrow = self.interactive and self._out.width < _WIDTH_OF_A_DUMP
        self.lines(dump_lines(packet, most_bytes, 8 if narrow else 16))

    def columns(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Rows as columns of texts; in a conversation, the last one is folded to fit."""
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        indent = sum(width + 2 for width in widths[:-1])
        room = max(self._out.width - indent, _NARROWEST_COLUMN)
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths[:-1], strict=True)]
            last = wrap(row[-1], room) if self.interactive else [row[-1]]
            self.line("  ".join([*cells, *last[:1]]).rstrip())
            for more in last[1:]:
                self.line(" " * indent + more)
