"""The documents that are open: found by their ids, and live for all who look at them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator, Sequence

from scapy_server import limits
from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.desk.past.history import Step
from scapy_server.web.work import Works


class Opened:
    """A document that is open.

    `edits` is held while an edit waits for its answer, so that edits of all pages are done
    in the order in which they came. Whoever shows the document listens to its changes.
    """

    def __init__(self, document_id: str, document: Document) -> None:
        self.id = document_id
        self.document = document
        self.edits = asyncio.Lock()
        self.note: str | None = None  # what is to be known of the file it came from
        self.is_kept = True  # the draft holds all changes
        self.works = Works()
        self.saved_at: str | None = None  # the time of day, once it has been saved
        self._listeners: list[Callable[[], None]] = []

    def saved(self, time_of_day: str, past: Sequence[Step]) -> None:
        """What was there after these steps is what a file holds, since that time."""
        self.document.history.saved(past)
        self.saved_at = time_of_day
        self.changed()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Be told of every change; what it returns ends that, however often it is called."""
        return _listen(self._listeners, listener)

    def changed(self) -> None:
        """Tell everyone who shows the document."""
        self.is_kept = False
        for listener in list(self._listeners):
            listener()


class Shelf:
    """All open documents, in the order of their tabs."""

    def __init__(self) -> None:
        self._opened: dict[str, Opened] = {}
        self._listeners: list[Callable[[], None]] = []

    def __iter__(self) -> Iterator[Opened]:
        return iter(list(self._opened.values()))

    def __len__(self) -> int:
        return len(self._opened)

    def put(self, document: Document, document_id: str | None = None) -> Opened:
        """Take up a document; DeskError where too many are open."""
        if len(self._opened) >= limits.EDITOR_DOCUMENTS:
            raise DeskError(
                f"{limits.EDITOR_DOCUMENTS} documents are open; close one of them first"
            )
        opened = Opened(document_id or secrets.token_urlsafe(8), document)
        self._opened[opened.id] = opened
        self._tell()
        return opened

    def find(self, document_id: str) -> Opened | None:
        """The document with this id."""
        return self._opened.get(document_id)

    def close(self, document_id: str) -> None:
        """Put a document away."""
        self._opened.pop(document_id, None)
        self._tell()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Be told when documents come and go; what it returns ends that."""
        return _listen(self._listeners, listener)

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener()


def _listen(
    listeners: list[Callable[[], None]], listener: Callable[[], None]
) -> Callable[[], None]:
    listeners.append(listener)

    def stop() -> None:
        if listener in listeners:
            listeners.remove(listener)

    return stop
