"""Pages whose commands are run: what to do, in order, and what the page says that comes of it.

A block of `console` holds commands behind `$ `, each followed by what it prints; `…` stands for
any text, in a line of its own for any lines. A block of `json title="x.json"` is a file. A block
of `python` is a program, and what it prints is in the next block behind "prints".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BLOCK = re.compile(r"^```(\w*)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class File:
    """A file to be there from now on."""

    name: str
    content: str


@dataclass(frozen=True)
class Command:
    """A command of the shell, and what it prints."""

    text: str
    expected: str

    @property
    def stays(self) -> bool:
        """Whether it is left running."""
        return self.text.endswith(" &")


@dataclass(frozen=True)
class Program:
    """A Python program, and what it prints."""

    text: str
    expected: str


Step = File | Command | Program


def steps(page: str) -> Iterator[Step]:
    """What a page does, in its order."""
    blocks = list(_BLOCK.finditer(page))
    for number, block in enumerate(blocks):
        kind, title, text = block.groups()
        if title:
            yield File(title, text)
        elif kind == "console":
            yield from _commands(text)
        elif kind == "python":
            yield Program(text, _printed(page, block, blocks[number + 1 : number + 2]))


def _commands(text: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        first, _, rest = part.partition("\n")
        command, expected = first, rest
        ending = re.search(r"<<'(\w+)'$", first)
        if ending:
            lines, _, expected = rest.partition(f"\n{ending[1]}\n")
            command = f"{first}\n{lines}\n{ending[1]}"
        yield Command(command, expected)


def _printed(page: str, block: re.Match[str], following: list[re.Match[str]]) -> str:
    for after in following:
        if page[block.end() : after.start()].strip().endswith("prints"):
            return after[3]
    return ""


def matches(expected: str, printed: str) -> bool:
    """Whether what was printed is what the page says; blanks at the ends of lines do not count."""
    wanted = "\n".join(line.rstrip() for line in expected.rstrip().splitlines())
    given = "\n".join(line.rstrip() for line in printed.rstrip().splitlines())
    pattern = re.escape(wanted).replace("…", "(?:.|\n)*")
    return re.fullmatch(pattern, given) is not None
