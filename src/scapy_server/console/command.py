"""What a command is: an entry of the list from which help and completion are derived."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from scapy_server.client.ports import PortsClient
from scapy_server.console.catalogue import Catalogue
from scapy_server.console.output import Output
from scapy_server.console.session import PacketState, Session
from scapy_server.console.wire import Wire
from scapy_server.desk.packet import JsonObject
from scapy_server.schema.results import PacketResult


@dataclass(frozen=True)
class Choice:
    """A completion: `text` takes the place of the last `replaces` characters typed."""

    text: str
    replaces: int
    note: str = ""


@dataclass
class Desk:
    """What commands work with. `done` says that the person wants to leave.

    `ports` is the client of a ports server, once one was asked for.
    """

    wire: Wire
    session: Session
    out: Output
    done: bool = False
    ports: PortsClient | None = None

    def show(self) -> None:
        """Print the packet at hand."""
        if self.session.current is None:
            self.out.line("no packet")
        else:
            self.out.packet(self.session.current, len(self.session.capture))

    def take(self, packet: PacketState | None) -> None:
        """Make it the packet at hand and print it."""
        self.session.become(packet)
        self.show()


Completer = Callable[[Catalogue, Session, str], Iterator[Choice]]


@dataclass(frozen=True)
class Command:
    """A command of the console.

    `run` gets what stands behind the name. `parameters` is how help writes it, `help` is a
    sentence, `examples` are whole lines. `complete` gets the same text as far as it is typed,
    or is the tuple of words to choose from.
    """

    name: str
    run: Callable[[Desk, str], None]
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


def layers_of(packet: PacketResult) -> tuple[JsonObject, ...]:
    """The layers of a field tree as JSON, which packets are edited in."""
    return tuple(msgspec.to_builtins(packet.data))
