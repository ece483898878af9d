"""What a word behind `fe` is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scapy_server.console.answers import Answer
from scapy_server.console.catalogue import Catalogue
from scapy_server.console.command import Choice
from scapy_server.console.seat import Seat


@dataclass(frozen=True)
class Action:
    """`run` gets what stands behind the word; `complete` the same as far as it is typed."""

    name: str
    run: Callable[[Seat, str], Answer]
    parameters: str = ""
    complete: Callable[[Catalogue, str], Iterator[Choice]] | None = None

    @property
    def usage(self) -> str:
        """The word with its parameters."""
        return f"{self.name} {self.parameters}".strip()
