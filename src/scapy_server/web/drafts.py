"""Unsaved changes, kept in the directory of templates through closed browsers and restarts."""

from __future__ import annotations

import io
import logging
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from scapy_server.captures.copying import Origin
from scapy_server.captures.reading import Capture
from scapy_server.captures.records import PacketRecord
from scapy_server.desk.document import Document
from scapy_server.desk.drafts import draft_name, read_draft, write_draft
from scapy_server.desk.errors import DeskError
from scapy_server.errors import ScapyServerError
from scapy_server.web.shelf import Opened

#: Hears how much is done, and of how much.
Told = Callable[[int, int], None]
#: After so many packets.
_TOLD_EVERY = 500
_LOG = logging.getLogger(__name__)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")


class Drafts:
    """Keeps drafts as `ID.draft`, and the captures that they came from as `ID.capture`.

    Files are written beside and moved into place, so that a crash leaves the one before.
    A directory that cannot be written is said in the log, and nothing is kept.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def beside(self, name: str) -> Drafts:
        """Others, in a directory within this one."""
        return Drafts(self._directory / name)

    def keep_capture(self, document_id: str, content: bytes) -> None:
        """Keep the file that a document came from, as long as it is open."""
        self._write(self._path(document_id, "capture"), content)

    def origin(self, document_id: str) -> Origin:
        """Opens the file that a document came from, as long as it is kept."""
        path = self._path(document_id, "capture")

        def opened() -> BinaryIO | None:
            try:
                return path.open("rb")
            except OSError:
                return None

        return opened

    def keep(self, opened: Opened) -> None:
        """Keep a document's changes, or forget the draft if it has none."""
        path = self._path(opened.id, "draft")
        if opened.document.history.changed:
            self._write(path, write_draft(opened.document))
        else:
            self._remove(path)

    def put_away(self, opened: Opened, beside: Drafts) -> None:
        """Keep a document that is closed, with the capture that it came from `beside`."""
        self._write(self._path(opened.id, "draft"), write_draft(opened.document))
        capture = beside._path(opened.id, "capture")
        try:
            if capture.exists():
                capture.replace(self._path(opened.id, "capture"))
        except OSError as error:
            _LOG.warning("the capture of %s cannot be kept: %s", opened.document.name, error)

    def read(self, document_id: str, told: Told = lambda done, total: None) -> Document:
        """A document that is kept; DeskError where it cannot be read.

        `told` hears how many bytes of its capture are read, and of how many; what it raises
        ends the reading.
        """
        try:
            draft = self._path(document_id, "draft").read_bytes()
            return read_draft(draft, self._records(document_id, told))
        except OSError as error:
            raise DeskError(f"what was kept cannot be read: {error.strerror}") from None
        except ScapyServerError as error:
            raise DeskError(f"what was kept cannot be read: {error}") from None

    def give_back(self, document_id: str, beside: Drafts) -> None:
        """Move a document's capture to others, and forget the document here."""
        capture = self._path(document_id, "capture")
        try:
            if capture.exists():
                capture.replace(beside._path(document_id, "capture"))
        except OSError as error:
            _LOG.warning("the capture %s cannot be moved: %s", capture, error)
        self.forget(document_id)

    def names(self) -> list[tuple[str, str]]:
        """The ids and names of all that are kept, those of the latest first."""
        found = []
        for path in sorted(self._directory.glob("*.draft"), key=_age):
            try:
                found.append((path.stem, draft_name(path.read_bytes())))
            except (OSError, DeskError) as error:
                _LOG.warning("the draft %s cannot be read: %s", path, error)
        return found

    def forget(self, document_id: str) -> None:
        """Throw away what is kept of a document."""
        for kind in ("draft", "capture"):
            self._remove(self._path(document_id, kind))

    def load(self) -> Iterator[tuple[str, Document]]:
        """Every document that is kept, with its id. One that cannot be read is left alone."""
        for path in sorted(self._directory.glob("*.draft")):
            try:
                records = self._records(path.stem)
                yield path.stem, read_draft(path.read_bytes(), records)
            except (OSError, DeskError, ScapyServerError) as error:
                _LOG.warning("the draft %s cannot be taken up: %s", path, error)

    def _records(
        self, document_id: str, told: Told = lambda done, total: None
    ) -> dict[int, PacketRecord]:
        path = self._path(document_id, "capture")
        if not path.exists():
            return {}
        content = io.BytesIO(path.read_bytes())
        total = content.getbuffer().nbytes
        records: dict[int, PacketRecord] = {}
        for key, record in enumerate(Capture(content).records()):
            records[key] = record
            if key % _TOLD_EVERY == 0:
                told(min(content.tell(), total), total)
        return records

    def _path(self, document_id: str, kind: str) -> Path:
        if not _NAME.match(document_id):
            raise DeskError(f"{document_id!r} names no document")
        return self._directory / f"{document_id}.{kind}"

    def _write(self, path: Path, content: bytes) -> None:
        beside = path.with_name(f"{path.name}.new")
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside.write_bytes(content)
            os.replace(beside, path)  # noqa: PTH105 - over the one before, in one step
        except OSError as error:
            _LOG.warning("unsaved changes cannot be kept in %s: %s", self._directory, error)

    def _remove(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            _LOG.warning("%s cannot be removed: %s", path, error)


def _age(path: Path) -> float:
    """The later a file was written, the smaller."""
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0
