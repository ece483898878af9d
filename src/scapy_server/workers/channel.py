"""The private wire between the front and its processes.

A worker hears requests and says answers over a stream socket, both with their lengths in
front; the zygote hears orders and says reports, one JSON object per packet of a
SOCK_SEQPACKET socket. The sockets are pairs without a name, so nobody else can reach them.
Whoever keeps the zygote gives it one such socket per front, by another.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterable, Iterator
from enum import Enum

import msgspec

from scapy_server import limits
from scapy_server.workers import reply_file

_LENGTH = struct.Struct("<I")
_LENGTHS = struct.Struct("<III")
#: A longer reply goes as a file in memory.
_LONG = 256 * 1024
_LONGEST = 2 * limits.REPLY_BYTES
REPORT_BYTES = 128 * 1024
_DESCRIPTOR = struct.Struct("@i")


class Kind(str, Enum):
    """What a worker has to say."""

    READY = "ready"
    ANSWER = "answer"
    SPENT = "spent"  # an answer after which the worker must be replaced
    OUT_OF_MEMORY = "out of memory"


class Head(msgspec.Struct, array_like=True):
    """What a worker tells of an answer besides the reply itself; `memory` is in bytes.

    `file` is the size of a reply that comes as a file.
    """

    kind: Kind
    memory: int = 0
    method: str | None = None
    error: int | None = None
    shut_down: bool = False
    bug: str | None = None
    file: int = 0


class Answer(msgspec.Struct):
    """A worker's message: the head, the reply, and a note for the front's shortcut."""

    head: Head
    reply: bytes = b""
    note: bytes = b""


class Order(msgspec.Struct, omit_defaults=True):
    """To the zygote: fork a worker (its socket comes along) or kill one."""

    fork: int | None = None
    kill: int | None = None


class MethodFacts(msgspec.Struct, frozen=True):
    """What the pool needs to know of a method, as `rpc.Method` says it of itself."""

    name: str
    quick: bool = False
    repeatable: bool = True


class Report(msgspec.Struct, omit_defaults=True):
    """From the zygote: it is loaded, or why not; a worker was forked, or has ended."""

    methods: list[MethodFacts] | None = None
    failed: str | None = None
    forked: int | None = None
    pid: int = 0  # of the worker, or with `methods` of the zygote
    ended: int | None = None
    status: int = 0


class Task(msgspec.Struct):
    """The first packet to the zygote: what to load, how, and how much each worker may use."""

    load: str
    modules: list[str]
    definitions: list[str]
    templates: list[str]
    worker_memory: int


encode = msgspec.json.Encoder().encode
_head = msgspec.json.Decoder(Head)


class WireError(Exception):
    """The other side is gone, or said what it never says."""


def read_request(peer: socket.socket) -> bytes | None:
    """The next request, waited for; None when the front is gone."""
    length = _read(peer, _LENGTH.size)
    return None if length is None else _read(peer, _LENGTH.unpack(length)[0])


def write_answer(peer: socket.socket, answer: Answer) -> None:
    """Send an answer, however long that takes; OSError when the front is gone."""
    if len(answer.reply) <= _LONG:
        peer.sendall(_lengths_and_head(answer) + answer.reply + answer.note)
        return
    descriptor = reply_file.written(answer.reply)
    try:
        answer.head.file = len(answer.reply)
        answer.reply = b""
        start = _lengths_and_head(answer)
        sent = socket.send_fds(peer, [start], [descriptor])
        peer.sendall(start[sent:] + answer.note)
    finally:
        os.close(descriptor)


def _lengths_and_head(answer: Answer) -> bytes:
    head = encode(answer.head)
    return _LENGTHS.pack(len(head), len(answer.reply), len(answer.note)) + head


def _files(others: Iterable[tuple[int, int, bytes]]) -> Iterator[int]:
    """The descriptors that have come along."""
    for level, kind, data in others:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            for (descriptor,) in _DESCRIPTOR.iter_unpack(data):
                yield descriptor


def _read(peer: socket.socket, size: int) -> bytes | None:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        count = peer.recv_into(view)
        if not count:
            return None
        view = view[count:]
    return bytes(data)


class Channel:
    """The front's end of the wire to a worker; it never waits."""

    #: For what comes, of all channels, as none waits: memory for each time would cost more.
    _buffer = memoryview(bytearray(_LONG))

    def __init__(self, peer: socket.socket) -> None:
        peer.setblocking(False)
        self._peer = peer
        self._outgoing: list[memoryview] = []
        self._incoming = bytearray()
        self._files: list[int] = []

    def fileno(self) -> int:
        return self._peer.fileno()

    def close(self) -> None:
        self._peer.close()
        while self._files:
            os.close(self._files.pop())

    @property
    def wants_to_write(self) -> bool:
        """Whether part of a request still waits to be taken."""
        return bool(self._outgoing)

    def send(self, request: bytes) -> None:
        """Begin to send a request; WireError when the worker is gone."""
        self._outgoing = [memoryview(_LENGTH.pack(len(request))), memoryview(request)]
        self.flush()

    def flush(self) -> None:
        """Send what can be sent now; WireError when the worker is gone."""
        try:
            while self._outgoing:
                self._sent(self._peer.sendmsg(self._outgoing))
        except BlockingIOError:
            pass
        except OSError as error:
            raise WireError(str(error)) from error

    def _sent(self, count: int) -> None:
        left = []
        for part in self._outgoing:
            if count < len(part):
                left.append(part[count:])
            count = max(0, count - len(part))
        self._outgoing = left

    def receive(self) -> Iterator[Answer]:
        """The answers that have come in full; WireError at the end of the wire."""
        while True:
            try:
                size, others, _, _ = self._peer.recvmsg_into(
                    [self._buffer], socket.CMSG_SPACE(_DESCRIPTOR.size)
                )
            except BlockingIOError:
                return
            except OSError as error:
                raise WireError(str(error)) from error
            if not size:
                raise WireError("the worker is gone")
            self._files += _files(others)
            self._incoming += self._buffer[:size]
            yield from self._complete()
            if size < len(self._buffer) and not self._incoming:
                return

    def _complete(self) -> Iterator[Answer]:
        while len(self._incoming) >= _LENGTHS.size:
            head_size, reply_size, note_size = _LENGTHS.unpack_from(self._incoming)
            start = _LENGTHS.size
            middle = start + head_size
            end = middle + reply_size
            if end + note_size > _LONGEST:
                raise WireError("the worker talks nonsense: an answer of endless length")
            if len(self._incoming) < end + note_size:
                return
            with memoryview(self._incoming) as view:
                head, reply = bytes(view[start:middle]), bytes(view[middle:end])
                note = bytes(view[end : end + note_size])
            del self._incoming[: end + note_size]
            yield self._answer(head, reply, note)

    def _answer(self, encoded: bytes, reply: bytes, note: bytes) -> Answer:
        try:
            head = _head.decode(encoded)
        except msgspec.DecodeError as error:
            raise WireError(f"the worker talks nonsense: {error}") from error
        if head.file:
            if not self._files or not 0 < head.file <= limits.REPLY_BYTES:
                raise WireError("the worker talks nonsense: no file, or one without an end")
            try:
                reply = reply_file.taken(self._files.pop(0), head.file)
            except ValueError as error:
                raise WireError(f"the worker talks nonsense: {error}") from error
        return Answer(head, reply, note)
