"""One page at one document: what is selected on it, and its edits, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from scapy_server.client import ClientError
from scapy_server.desk import editing
from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import find_row
from scapy_server.desk.packet import Packet, Program
from scapy_server.desk.profiles import with_program
from scapy_server.desk.questions import Asking, answered_later
from scapy_server.desk.varying import values_from, vary
from scapy_server.web.link import Link
from scapy_server.web.panes.field_text import Bases
from scapy_server.web.shelf import Opened

T = TypeVar("T")


class Seat:
    """A page at a document. `selected` is the path of the field that is selected.

    `bases` says how it shows numbers, `hex_offsets` places. `failed` is told the sentence of
    what cannot be done where nobody else shows it.
    """

    def __init__(self, opened: Opened, link: Link) -> None:
        self.opened = opened
        self.link = link
        self.selected: str | None = None
        self.changed_bytes: frozenset[int] = frozenset()
        self.bases = Bases()
        self.hex_offsets = False
        self.failed: Callable[[str], None] = lambda sentence: None

    @property
    def document(self) -> Document:
        """The document that the page shows."""
        return self.opened.document

    async def ask(self, command: Asking[T]) -> T:
        """What a command of the desk returns; raises DeskError and ClientError."""
        return await answered_later(command, self.link.answer)

    async def edit(
        self, label: str, command: Callable[[Packet], Asking[Packet]], joined: bool = False
    ) -> str | None:
        """Make the packet at hand what the command returns; the sentence if it cannot be.

        Edits wait for one another, so each begins with what the one before it left. One that
        is `joined` is taken back together with the one before it.
        """
        async with self.opened.edits:
            try:
                before = self.document.packet
                packet = await self.opened.works.wait(label, self.ask(command(before)))
            except (DeskError, ClientError) as error:
                return sentence_of(error)
            self.changed_bytes = differing(before.frame, packet.frame)
            self.document.replace(packet, label, joined=joined)
        self.opened.changed()
        return None

    async def take(
        self, label: str, command: Asking[Packet], program: Program | None = None
    ) -> bool:
        """Make the packet at hand another one altogether; whether that could be done."""
        async with self.opened.edits:
            try:
                packet = await self.opened.works.wait(label, self.ask(command))
            except (DeskError, ClientError) as error:
                self.failed(sentence_of(error))
                return False
            self.document.replace(packet, label, program)
        self.opened.changed()
        return True

    async def do(self, act: Callable[[Document], object]) -> str | None:
        """Change the document in another way, in its turn; the sentence if that cannot be."""
        async with self.opened.edits:
            try:
                act(self.document)
            except DeskError as error:
                return sentence_of(error)
            await self._take_up()
        self.opened.changed()
        return None

    async def settled(self) -> None:
        """Return when what was asked for so far is done."""
        async with self.opened.edits:
            pass

    async def vary(self, path: str, count: int = 256, operation: str = "inc") -> str | None:
        """Vary a field in the stream, from its value on; the sentence if it cannot be."""

        def act(document: Document) -> None:
            packet = document.packet
            row = find_row(packet.layers, path)
            values = replace(values_from(packet, row, count), operation=operation)
            program = vary(packet, document.program, row, values)
            document.set_program(program, f"vary {path}")

        return await self.do(act)

    async def go_to(self, position: int) -> None:
        """Take up another packet, dissected; the one before stays where people do not wait."""
        async with self.opened.edits:
            before = self.document.position
            self.document.go_to(position)
            if not await self._take_up():
                self.document.go_to(before)
        self.opened.changed()

    async def _take_up(self) -> bool:
        """Have the packet at hand dissected; whether people waited for that."""
        if not len(self.document):
            return True
        position = self.document.position
        reading = self.dissect(position)
        try:
            await self.opened.works.wait(f"Reading packet {position + 1:,}", reading)
        except DeskError as error:
            self.failed(sentence_of(error))
            return False
        return True

    async def dissect(self, position: int) -> Packet:
        """The packet at a place with its layers, which are held for whoever looks next; with a
        problem if it has none."""
        packet = await self.look(position)
        self.document.dissect(position, packet)
        return packet

    async def look(self, position: int) -> Packet:
        """As `dissect`, for a look at one of many packets: nothing is held."""
        packet = self.document.at(position)
        if packet.layers or not packet.frame:
            return packet
        try:
            packet = await self.ask(editing.looked_at(packet))
        except (DeskError, ClientError) as error:
            packet = replace(packet, problem=sentence_of(error))
        try:
            packet = await self.ask(with_program(packet))
        except (DeskError, ClientError) as error:
            packet = replace(packet, problem=f"its program: {sentence_of(error)}")
        return packet

    async def undo(self) -> None:
        """Take the last step back."""
        await self._step(self.document.undo)

    async def redo(self) -> None:
        """Take a step again that was taken back."""
        await self._step(self.document.redo)

    async def _step(self, step: Callable[[], object]) -> None:
        async with self.opened.edits:
            before = self.document.packet.frame if len(self.document) else b""
            try:
                step()
            except DeskError as error:
                self.failed(sentence_of(error))
                return
            await self._take_up()
            if len(self.document):
                self.changed_bytes = differing(before, self.document.packet.frame)
        self.opened.changed()


def sentence_of(error: DeskError | ClientError) -> str:
    """What went wrong, as it is shown to a person."""
    return str(error).removeprefix("Scapy Server: ")


def differing(before: bytes, after: bytes) -> frozenset[int]:
    """The offsets of `after` whose bytes are others than before, or new."""
    return frozenset(at for at in range(len(after)) if after[at : at + 1] != before[at : at + 1])
