"""What a command is: an entry of the list from which help and completion are derived."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from scapy_server.console.answers import Answer
from scapy_server.console.catalogue import Catalogue
from scapy_server.console.seat import Seat
from scapy_server.desk.packet import Packet


@dataclass(frozen=True)
class Choice:
    """A completion: `text` takes the place of the last `replaces` characters typed."""

    text: str
    replaces: int
    note: str = ""


#: Gets the packet at hand, if there is one, and the line as far as it is typed.
Completer = Callable[[Catalogue, Packet | None, str], Iterator[Choice]]


@dataclass(frozen=True)
class Command:
    """A command of the console.

    `run` gets what stands behind the name, and says what it has to say. `parameters` is how
    help writes it, `help` is a sentence, `examples` are whole lines. `complete` gets the same
    text as far as it is typed, or is the tuple of words to choose from.
    """

    name: str
    run: Callable[[Seat, str], Answer]
    help: str
    parameters: str = ""
    examples: tuple[str, ...] = ()
    complete: Completer | tuple[str, ...] = ()
    files: bool = False

    @property
    def usage(self) -> str:
        """The name with its parameters."""
        return f"{self.name} {self.parameters}".strip()

    @property
    def summary(self) -> str:
        """The first part of the help."""
        return re.split(r"[.:;](?:\s|$)", self.help)[0]


def matching(words: Sequence[str], typed: str, note: str = "") -> Iterator[Choice]:
    """The words that go on from what is typed: itself first, those in another case last."""
    lower = typed.lower()
    if typed in words:
        yield Choice(typed, len(typed), note)
    for word in words:
        if word.startswith(typed) and word != typed:
            yield Choice(word, len(typed), note)
    for word in words:
        if not word.startswith(typed) and word.lower().startswith(lower):
            yield Choice(word, len(typed), note)
