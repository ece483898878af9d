"""A connection of a client: its socket, what came by it and what still has to go."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import TypeGuard

from scapy_server import limits
from scapy_server.transport.admission import place_of
from scapy_server.transport.zmtp.peer import Peer, Piece, Sealed, Stage

#: What is taken from a socket at once. More would hold up others, less would cost calls.
CHUNK = 256 * 1024
#: A message of fewer bytes is copied together to be sent, which costs less than its pieces do.
_FEW = 16 * 1024
_PIECES_AT_ONCE = 64  # that are handed to the kernel, which takes up to 1024, sendmsg(2)

#: Whether a piece is the last one of a reply, and whether of another answer.
_Ends = tuple[bool, bool]
_NOTHING = (False, False)


class Connection:
    """Owned by a router, which alone reads, writes and ends it.

    `number` is never used again. `born` and `active` are monotonic times, `place` is what
    of the address counts as one client's. What is unread was accepted for sending and is
    not with the kernel yet.
    """

    def __init__(
        self, number: int, its: socket.socket, address: str, peer: Peer, now: float
    ) -> None:
        self.number = number
        self.socket = its
        self.descriptor = its.fileno()
        self.address = address
        self.place = place_of(address)
        self.peer = peer
        self.born = now
        self.active = now
        self.unread_bytes = 0
        self.unread_replies = 0
        self.unread_answers = 0  # to what the protocol itself asks, such as PING
        self.counted_bytes = 0  # of those unread, by the router that holds it
        self.polled = 0  # for which events, by the router that holds it
        self.happened = 0  # of these, and not seen to yet
        self.is_hungry = True  # as all messages that have come were handed on
        self.is_eager = False  # as it did not wait for an answer, when it was last read
        self._unsent: deque[tuple[memoryview | Sealed, _Ends]] = deque()

    @property
    def owner(self) -> str:
        """Who shares what there is with others: a key, or else a place."""
        return self.place if self.peer.key is None else self.peer.key.hex()

    @property
    def ready(self) -> bool:
        """Whether it has shaken hands."""
        return self.peer.stage is Stage.READY

    @property
    def is_behind(self) -> bool:
        """Whether it has so much to read that nothing more is taken from it until it has."""
        return self.unread_bytes > limits.UNREAD_BYTES_WHILE_ASKING

    @property
    def has_something_to_send(self) -> bool:
        """Whether it can send more as soon as there is room."""
        if not self._unsent:
            return False
        piece, _ = self._unsent[0]
        return not isinstance(piece, Sealed) or piece.data.done()

    @property
    def waiting(self) -> int:
        """How many bytes have come and were not handed on."""
        return self.peer.waiting

    def read(self, buffer: memoryview) -> int | None:
        """Take what has come, as much as the buffer takes: how much; None at the end."""
        try:
            size = self.socket.recv_into(buffer)
        except BlockingIOError:
            return 0
        except OSError:
            return None
        self.peer.feed(buffer[:size])
        return size or None

    def say(self, pieces: Sequence[Piece], is_reply: bool) -> bool:
        """Send these bytes, at once or when there is room; False if the connection is gone."""
        sent = 0
        if _are_ready(pieces):
            size = sum(map(len, pieces))
            if size < _FEW:
                pieces = (b"".join(pieces),)
            taken = 0 if self._unsent else self._sent(pieces[:_PIECES_AT_ONCE])
            if taken is None:
                return False
            if taken == size:  # as nearly always
                return True
            sent = taken
        self._keep([piece for piece in pieces if piece], is_reply)
        if sent:
            self._forget_sent(self._ready_views(), sent)
        return self.flush()

    def _keep(self, pieces: Sequence[Piece], is_reply: bool) -> None:
        for position, piece in enumerate(pieces):
            last = position == len(pieces) - 1
            view = piece if isinstance(piece, Sealed) else memoryview(piece)
            self._unsent.append((view, (is_reply, not is_reply) if last else _NOTHING))
            self.unread_bytes += _size(view)
        self.unread_replies += is_reply
        self.unread_answers += not is_reply

    def close(self) -> None:
        """End it. What is done aside for it, and was not begun, is not done any more."""
        self.peer.close()
        for piece, _ in self._unsent:
            if isinstance(piece, Sealed):
                piece.data.cancel()
        self.socket.close()

    def _sent(self, pieces: Sequence[bytes | memoryview]) -> int | None:
        """How many of these bytes there was room for; None if the connection is gone."""
        try:
            return self.socket.send(pieces[0]) if len(pieces) == 1 else self.socket.sendmsg(pieces)
        except BlockingIOError:
            return 0
        except OSError:
            return None

    def flush(self) -> bool:
        """Send as much as there is room for; False if the connection is gone."""
        while views := self._ready_views():
            sent = self._sent(views)
            if sent is None:
                return False
            if not sent:
                return True
            self._forget_sent(views, sent)
        return True

    def _ready_views(self) -> list[memoryview]:
        """What can be sent next."""
        views: list[memoryview] = []
        for position, (piece, ends) in enumerate(islice(self._unsent, _PIECES_AT_ONCE)):
            if not isinstance(piece, Sealed):
                views.append(piece)
            elif piece.data.done():
                views.append(self._take_sealed(piece))
                self._unsent[position] = views[-1], ends
            else:
                break
        return views

    def _forget_sent(self, views: Sequence[memoryview], sent: int) -> None:
        """Of what was to be sent so much has gone."""
        self.unread_bytes -= sent
        for view in views:
            _, ends = self._unsent[0]
            if sent < len(view):
                self._unsent[0] = view[sent:], ends
                return
            sent -= len(view)
            self._unsent.popleft()
            self.unread_replies -= ends[0]
            self.unread_answers -= ends[1]

    def _take_sealed(self, sealed: Sealed) -> memoryview:
        data = sealed.data.result()
        self.unread_bytes += len(data) - sealed.size
        return memoryview(data)


def _are_ready(pieces: Sequence[Piece]) -> TypeGuard[Sequence[bytes]]:
    return Sealed not in map(type, pieces)


def _size(piece: memoryview | Sealed) -> int:
    return piece.size if isinstance(piece, Sealed) else len(piece)
