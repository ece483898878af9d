"""Where the console prints: colours at a terminal, plain text everywhere else, or JSON."""

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

from scapy_server.wording import printable

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

    @property
    def bytes_a_line(self) -> int:
        """How many bytes stand in a line of a dump: fewer at a narrow terminal."""
        return 8 if self.interactive and self._out.width < _WIDTH_OF_A_DUMP else 16

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
        """One line; texts of packets are to be made `printable` before."""
        self._out.print(text, style=style if self.coloured else None)

    def space(self) -> None:
        """An empty line between commands, in a conversation."""
        if self.interactive:
            self.line()

    def failure(self, problem: str) -> None:
        """What is wrong, as one line, on standard error when not interactive."""
        text = printable(" ".join(problem.split()))
        self._err.print(f"[FAILED] {text}", style="bold red" if self.coloured else None)

    def json(self, value: Any) -> None:
        """A value as indented JSON, escaped to ASCII so that no text steers the terminal."""
        self.line(self._shown(value))

    def value(self, value: Any) -> None:
        """A value as JSON in one line, for programs."""
        self.line(json.dumps(value))

    def message(self, title: str, message: Any) -> None:
        """A message on the wire, as the documents show it."""
        for text in (Text(f"[verbose] {title}:", "bold"), "", self._shown(message), ""):
            self.line(text)

    def message_aside(self, title: str, message: Any) -> None:
        """A message on the wire where standard output is for something else."""
        self._err.print(f"[verbose] {title}: {json.dumps(message)}")

    def lines(self, lines: Iterable[str | Text]) -> None:
        """Several lines."""
        for line in lines:
            self.line(line)

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

    def _shown(self, value: Any) -> Text:
        text = Text(json.dumps(value, indent=1))
        if self._out.color_system:
            self._json.highlight(text)
        return text
