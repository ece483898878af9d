"""How documents come: new, from files, texts and templates; and how they are handed out."""

from __future__ import annotations

import asyncio
import io
from contextlib import closing
from pathlib import PurePath

from nicegui import background_tasks

from scapy_server import limits
from scapy_server.client import ClientError
from scapy_server.desk import editing, opening, profiles, saving
from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.desk.questions import answered_later
from scapy_server.web.drafts import Drafts
from scapy_server.web.link import Link
from scapy_server.web.own_templates import OwnTemplates
from scapy_server.web.seat import sentence_of
from scapy_server.web.shelf import Opened, Shelf
from scapy_server.web.work import Works

#: So many packets are taken up at a time.
FIRST_PACKETS = 2000
#: So many packets are written before others have their turns.
_WRITTEN_AT_ONCE = 1000


class Documents:
    """Opens documents onto the shelf. Raises DeskError and ClientError."""

    def __init__(self, shelf: Shelf, link: Link, own: OwnTemplates, drafts: Drafts) -> None:
        self.shelf = shelf
        self.own = own
        self._link = link
        self._drafts = drafts
        self._put_away = drafts.beside("closed")
        self.closed: list[tuple[str, str]] = self._put_away.names()[
            : limits.EDITOR_CLOSED_DOCUMENTS
        ]

    async def new(self) -> Opened:
        """A document with one Ethernet header."""
        document = Document(self._free_name("Untitled"))
        packet = await answered_later(editing.built([{"id": "Ether"}]), self._link.answer)
        document.replace(packet, "new packet")
        return self._put(document)

    async def from_text(self, name: str, text: str) -> Opened:
        """A document from hexadecimal, an expression, or JSON."""
        if len(text) > limits.EDITOR_TEXT_CHARACTERS:
            raise DeskError(f"{name} has more than {limits.EDITOR_TEXT_CHARACTERS} characters")
        document = profiles.read_profile(name, text)
        if document is None:
            document = await answered_later(opening.open_text(name, text), self._link.answer)
        return self._put(document)

    async def from_file(self, name: str, content: bytes) -> Opened:
        """A document from the content of a file; the rest of a long capture comes later."""
        if len(content) > limits.EDITOR_FILE_BYTES:
            raise DeskError(f"{name} has more than {limits.EDITOR_FILE_BYTES} bytes")
        safe = PurePath(name.replace("\\", "/")).name[:100] or "file"
        if opening.is_text(content):
            return await self._from_text_file(safe, content.decode("utf-8", "replace"))
        reading = opening.Reading(safe, io.BytesIO(content), limits.EDITOR_FILE_BYTES)
        opened = self.shelf.put(reading.begin(FIRST_PACKETS))
        self._drafts.keep_capture(opened.id, content)
        opened.document.origin = self._drafts.origin(opened.id)
        background_tasks.create(_read_on(opened, reading))
        return opened

    async def _from_text_file(self, name: str, text: str) -> Opened:
        try:
            return await self.from_text(name, text)
        except Failure as error:
            raise DeskError(
                f"{name} is no capture but a text, and not one of a packet: {sentence_of(error)}"
            ) from error

    async def from_template(self, template_id: str) -> Opened:
        """A document from a template of the server."""
        document = await answered_later(opening.open_template(template_id), self._link.answer)
        return self._put(document)

    async def from_own_template(self, name: str) -> Opened:
        """A document from a template in the person's own directory."""
        return await self.from_text(name, self.own.read(name))

    def restore(self) -> None:
        """Take up every draft that is kept."""
        for document_id, document in self._drafts.load():
            document.origin = self._drafts.origin(document_id)
            self.shelf.put(document, document_id)

    def keep(self) -> None:
        """Keep the changes of every document as drafts, where there are new ones."""
        for opened in self.shelf:
            if not opened.is_kept:
                self._drafts.keep(opened)
                opened.is_kept = True

    def close(self, opened: Opened) -> None:
        """Put a document away; the last few that were closed can be opened again."""
        self.shelf.close(opened.id)
        if len(opened.document):
            self._put_away.put_away(opened, self._drafts)
            closed = [(opened.id, opened.document.name), *self.closed]
            self.closed = closed[: limits.EDITOR_CLOSED_DOCUMENTS]
            for document_id, _ in closed[limits.EDITOR_CLOSED_DOCUMENTS :]:
                self._put_away.forget(document_id)
        self._drafts.forget(opened.id)

    async def reopen(self, document_id: str, works: Works) -> Opened:
        """Open a document again that was closed, as it was then; its capture is read anew, which
        is among the `works` and can be cancelled."""
        name = dict(self.closed).get(document_id, document_id)
        with works.begin(f"Reopening {name}, bytes read") as work:
            document = await asyncio.to_thread(self._put_away.read, document_id, work.tell)
        self.closed = [each for each in self.closed if each[0] != document_id]
        self._put_away.give_back(document_id, self._drafts)
        document.origin = self._drafts.origin(document_id)
        opened = self.shelf.put(document, document_id)
        opened.is_kept = False
        return opened

    async def content(self, opened: Opened, ending: str, profile: bool = False) -> saving.Saved:
        """The document as the bytes of a file, of a `profile` where that is asked for.

        It can be cancelled, which is a DeskError too.
        """
        document = opened.document
        text = f"Saving {document.name}"
        if profile or (document.is_profile and ending in profiles.ENDINGS):
            command = profiles.save_profile(document, ending)
        elif ending in saving.CAPTURES and len(document):
            return await _written(opened, text, saving.Writing(document, ending))
        else:
            command = saving.save(document, ending)
        return await opened.works.wait(text, answered_later(command, self._link.answer))

    def _put(self, document: Document) -> Opened:
        """Onto the shelf, as it came: there is nothing to take back yet."""
        document.history.begin()
        return self.shelf.put(document)

    def _free_name(self, base: str) -> str:
        taken = {opened.document.name for opened in self.shelf}
        names = (base if number == 1 else f"{base} {number}" for number in range(1, 10_000))
        return next(name for name in names if name not in taken)


async def _written(opened: Opened, text: str, writing: saving.Writing) -> saving.Saved:
    """The capture, written a part at a time; DeskError where it is cancelled."""
    with closing(writing), opened.works.begin(text, len(writing)) as work:
        while writing.go_on(_WRITTEN_AT_ONCE):
            if not await work.step(_WRITTEN_AT_ONCE):
                raise DeskError(f"{text}: cancelled")
    return writing.saved()


async def _read_on(opened: Opened, reading: opening.Reading) -> None:
    """Take up the rest of a capture, a part at a time, so that others have their turns."""
    document = opened.document
    with opened.works.begin(f"Reading {document.name}") as work:
        while reading.go_on(document, FIRST_PACKETS):
            full = len(document) >= limits.EDITOR_PACKETS
            if full or not await work.step(FIRST_PACKETS):
                opened.note = (
                    f"only the first {len(document):,} packets of {document.name} are here"
                )
                break
    if reading.damage:
        opened.note = f"{document.name} ends early: {reading.damage}"
    opened.changed()


Failure = (DeskError, ClientError)
