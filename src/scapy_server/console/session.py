"""What a person works on: the document at hand, those before it, and the way back.

Nothing here talks to a server or a terminal. Undo goes back through the steps of a document,
and from its beginning to the document that was at hand before it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Packet, Program

#: So many documents are kept at most, and of captures that are no longer at hand so many bytes.
MOST_DOCUMENTS = 1000
MOST_BYTES = 256 * 1024 * 1024


class Session:
    """The documents of a conversation, in the order in which they were taken up.

    `current` is the packet at hand, a snapshot that completion may read beside the commands.
    """

    def __init__(self) -> None:
        self.current: Packet | None = None
        self._documents: list[Document] = []
        self._sizes: list[int] = []
        self._at = -1

    @property
    def document(self) -> Document:
        """The document at hand; DeskError if there is none."""
        if self._at < 0:
            raise DeskError("there is no packet; build, open or hex one, or load a template")
        return self._documents[self._at]

    @property
    def packet(self) -> Packet:
        """The packet at hand; DeskError if there is none."""
        return self.document.packet

    @property
    def unsaved(self) -> Sequence[Document]:
        """The documents with changes that are in no file."""
        return [each for each in self._documents if each.history.changed]

    def take_up(self, document: Document) -> None:
        """Have another document at hand; what was undone before is gone."""
        if self._at >= 0:
            self.document.history.forget_undone()
        self._forget_undone()
        self._documents.append(document)
        self._sizes.append(sum(len(packet.frame) for packet in document.packets()))
        self._put_away()
        self._at = len(self._documents) - 1
        self.refresh()

    def replace(self, packet: Packet, label: str) -> None:
        """The packet at hand becomes this one."""
        self.document.replace(packet, label)
        self._forget_undone()
        self.refresh()

    def set_program(self, program: Program, label: str) -> None:
        """The program of the packet at hand becomes this one."""
        self.document.set_program(program, label)
        self._forget_undone()
        self.refresh()

    def go_to(self, position: int) -> None:
        """Take up another packet of a capture; DeskError if it is not there."""
        if self._at < 0 or not self.document.is_capture:
            raise DeskError("no capture is open")
        self.document.go_to(position)
        self.refresh()

    def undo(self) -> None:
        """Take the last step back; DeskError if there is none."""
        if self._at < 0:
            raise DeskError("there is nothing to undo")
        self._step(self.document.undo, -1)

    def redo(self) -> None:
        """Take a step again that was undone; DeskError if there is none."""
        if self._at < 0:
            raise DeskError("there is nothing to redo")
        self._step(self.document.redo, 1)

    def refresh(self) -> None:
        """Have the packet at hand as its document has it now."""
        self.current = self.packet

    def _step(self, within: Callable[[], object], beyond: int) -> None:
        history = self.document.history
        # How a document began is no step within it: there is no packet before.
        steps = len(history.past) - _beginnings(self.document) if beyond < 0 else history.future
        if not steps and 0 <= self._at + beyond < len(self._documents):
            self._at += beyond
        elif not steps:
            raise DeskError(f"there is nothing to {'undo' if beyond < 0 else 'redo'}")
        else:
            within()
        self.refresh()

    def _forget_undone(self) -> None:
        """The documents behind that at hand are gone once something else is done."""
        del self._documents[self._at + 1 :], self._sizes[self._at + 1 :]

    def _put_away(self) -> None:
        """Forget the oldest documents where there are too many, never the newest."""
        while len(self._documents) > 1 and (
            len(self._documents) > MOST_DOCUMENTS or sum(self._sizes) > MOST_BYTES
        ):
            del self._documents[0], self._sizes[0]


def _beginnings(document: Document) -> int:
    """How many steps of a document brought its first packets."""
    return 0 if document.is_capture else 1
