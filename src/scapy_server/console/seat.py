"""What commands work with: the session, the wire on which the desk's questions go, the output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from scapy_server.client import ClientError
from scapy_server.client.ports import PortsClient
from scapy_server.console.answers import Answer, Edited, Shown
from scapy_server.console.output import Output
from scapy_server.console.session import Session
from scapy_server.console.wire import Wire
from scapy_server.desk import editing
from scapy_server.desk.document import Document
from scapy_server.desk.packet import Packet
from scapy_server.desk.profiles import with_program
from scapy_server.desk.questions import Asking, Question, answered

T = TypeVar("T")

_UNKNOWN_METHOD = -32601


@dataclass
class Seat:
    """One person at the desk. `done` says that they want to leave, `sure` that nobody is to ask.

    `ports` is the client of a ports server, once one was asked for. With `as_json` each command
    prints one JSON value.
    """

    wire: Wire
    out: Output
    session: Session = field(default_factory=Session)
    as_json: bool = False
    done: bool = False
    sure: bool = False
    ports: PortsClient | None = None

    def ask(self, command: Asking[T]) -> T:
        """What a command of the desk returns; raises DeskError and ClientError."""
        return answered(command, self._answer)

    def edit(self, label: str, command: Callable[[Packet], Asking[Packet]]) -> Answer:
        """Make the packet at hand what the command returns, and tell what that changed."""
        before = self.session.packet
        after = self.ask(command(before))
        if after != before:
            self.session.replace(after, label)
        return Edited(before, after)

    def begin(self, packet: Packet, label: str) -> Answer:
        """Take up a packet as a document of its own."""
        document = Document("packet")
        document.replace(packet, label)
        document.history.saved()
        return self.take_up(document)

    def take_up(self, document: Document, *notes: str) -> Answer:
        """Have a document at hand, and show its packet."""
        self._look(document)
        self.session.take_up(document)
        return Shown.of(document, *notes)

    def go_to(self, position: int) -> Answer:
        """Take up another packet of the capture; without an answer the one at hand stays."""
        before = None if self.session.current is None else self.session.document.position
        self.session.go_to(position)
        try:
            self.look()
        except ClientError:
            self.session.go_to(before or 0)
            raise
        return Shown.of(self.session.document)

    def say(self, text: str) -> None:
        """Tell a person something while a command goes on."""
        if not self.as_json:
            self.out.line(text)

    def look(self) -> None:
        """Have the packet at hand with its fields, where the document keeps it without."""
        self._look(self.session.document)
        self.session.refresh()

    def _look(self, document: Document) -> None:
        packet = document.packet
        if packet.layers or not packet.frame:
            return
        try:
            packet = self.ask(editing.looked_at(packet))
            packet = self.ask(with_program(packet))
        except ClientError as error:
            if error.code is None:
                raise
            packet = replace(packet, problem=error.message)
        document.dissect(document.position, packet)

    def _answer(self, question: Question) -> object:
        try:
            return self.wire.send(question.method, list(question.params))
        except ClientError as error:
            if error.code != _UNKNOWN_METHOD:
                raise
            raise ClientError(
                error.code,
                f"the server does not know {question.method}; this needs a newer one",
            ) from error
