"""Frames on the wire, of the two forms that there are.

From ZMTP 2.0 on a frame is flags, size in one or eight bytes, body. In 1.0 it is a size that
counts the flags, in one byte or in nine that begin with 255, then flags, body.

Source: ZeroMQ RFC 13/ZMTP, "Framing"; ZeroMQ RFC 15/ZMTP, "Framing"; ZeroMQ RFC 23/ZMTP,
"Framing".
"""

from __future__ import annotations

import struct
from typing import cast

import msgspec

MORE, LONG, COMMAND = 1, 2, 4

_SHORT = struct.Struct(">BB")
_LONG_SIZE = struct.Struct(">BQ")
_OLD_LONG = struct.Struct(">BQB")
_SHORTEST_LONG = 256
_OLD_LONG_MARK = 255


class ProtocolError(Exception):
    """What ends a connection; `kind` is why, in one word that can be counted."""

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(problem)
        self.kind = kind


#: A longer body is not copied out of what has come, which would take milliseconds.
_COPIED = 1024 * 1024
#: What is kept of each end of a body that is given up.
_END = 1024


class Cut(bytes):
    """Both ends of a body that was given up before it was complete, for want of room."""


#: The body of a frame that is to be sent, in pieces that need not be copied together.
Pieces = tuple[bytes, ...]


def size_of(frame: bytes | Pieces) -> int:
    """How many bytes there are to send."""
    return sum(map(len, frame)) if isinstance(frame, tuple) else len(frame)


class Frame(msgspec.Struct, frozen=True):
    """A frame as it came; a long `body` is a bytearray that nobody else holds."""

    flags: int
    body: bytes


def header(size: int, flags: int, old: bool = False) -> bytes:
    """What stands in front of a body of `size` bytes."""
    if old:
        if size + 1 < _OLD_LONG_MARK:
            return _SHORT.pack(size + 1, flags)
        return _OLD_LONG.pack(_OLD_LONG_MARK, size + 1, flags)
    if size < _SHORTEST_LONG:
        return _SHORT.pack(flags, size)
    return _LONG_SIZE.pack(flags | LONG, size)


class FrameReader:
    """Cuts a stream of bytes into frames of at most `longest` bytes, which may change.

    One that says that more follow has at most `longest_of_more` bytes, a command `longest_command`.
    """

    def __init__(self, longest: int, old: bool = False) -> None:
        self.longest = longest
        self.longest_of_more = longest
        self.longest_command = longest
        self.old = old
        # The bytes as they came while there is nothing before them, else a bytearray that grows.
        self._data: bytes | bytearray = b""
        self._start = 0
        self._given_up: _GivenUp | None = None

    @property
    def waiting(self) -> int:
        """How many bytes have come that are no whole frame yet, or were not asked for."""
        return len(self._data) - self._start

    def feed(self, data: bytes | memoryview) -> None:
        """Take bytes as they come; they are copied."""
        if self._given_up is not None:
            data = self._given_up.rest_of(data)
        if self._start == len(self._data) and len(data) <= _COPIED:
            self._data, self._start = bytes(data), 0
            return
        if isinstance(self._data, bytearray):
            del self._data[: self._start]
        else:
            self._data = bytearray(self._data[self._start :])
        self._start = 0
        self._data += data

    def peek(self, count: int) -> bytes | None:
        """The next bytes, which stay, None while there are not so many."""
        if self.waiting < count:
            return None
        return bytes(self._data[self._start : self._start + count])

    def take(self, count: int) -> bytes | None:
        """The next bytes as they are, None while there are not so many."""
        taken = self.peek(count)
        if taken is not None:
            self._start += count
        return taken

    def next(self) -> Frame | None:
        """The next frame, None while it is not complete.

        Raises ProtocolError as soon as the head of a frame announces too long a one.
        """
        if self._given_up is not None:
            return self._next_given_up(self._given_up)
        data, start = self._data, self._start
        if len(data) < start + 2:
            return None
        flags, size, body = data[start], data[start + 1], start + 2
        if self.old or flags & LONG:
            head = self._old_head(data, start) if self.old else self._long_head(data, start)
            if head is None:
                return None
            flags, size, body = head
        if size > self.longest:
            raise ProtocolError("size", f"a frame of {size} bytes, {self.longest} are allowed")
        if flags & MORE and size > self.longest_of_more:
            raise ProtocolError("envelope", f"a frame of {size} bytes in an envelope")
        if flags & COMMAND and size > self.longest_command:
            raise ProtocolError("size", f"a command of {size} bytes")
        end = body + size
        if len(data) < end:
            return None
        if isinstance(data, bytes):
            self._start = end
            return Frame(flags, data[body:end])
        if size > _COPIED:
            return Frame(flags, cast(bytes, self._cut_out(data, body, end)))
        self._start = end
        with memoryview(data) as view:
            return Frame(flags, bytes(view[body:end]))

    def give_up(self) -> int:
        """Keep but the ends of a long body that is not complete; how many bytes less are held.

        Its frame comes when all of it would have come, with a `Cut` as its body.
        """
        data, start = self._data, self._start
        if self._given_up is not None or len(data) - start <= _COPIED:
            return 0
        if not self.old and not data[start] & LONG:
            return 0
        head = self._old_head(data, start) if self.old else self._long_head(data, start)
        if head is None:
            return 0
        flags, size, body = head
        missing = body + size - len(data)
        if missing <= 0 or flags & (MORE | COMMAND):
            return 0
        beginning = bytes(data[body : body + _END])
        self._given_up = _GivenUp(flags, beginning, bytes(data[-_END:]), missing)
        self._data, self._start = b"", 0
        return len(data) - start

    def _next_given_up(self, given_up: _GivenUp) -> Frame | None:
        if given_up.missing:
            return None
        self._given_up = None
        return Frame(given_up.flags, Cut(given_up.beginning + given_up.end))

    def _cut_out(self, data: bytearray, start: int, end: int) -> bytearray:
        """Hand over what has come itself, and keep a copy of the little behind it."""
        self._data, self._start = data[end:], 0
        del data[end:]
        del data[:start]
        return data

    @staticmethod
    def _long_head(data: bytes | bytearray, start: int) -> tuple[int, int, int] | None:
        """Flags, size of the body, and where it begins, None while not all of that has come."""
        if len(data) < start + _LONG_SIZE.size:
            return None
        flags, size = _LONG_SIZE.unpack_from(data, start)
        return flags, size, start + _LONG_SIZE.size

    @staticmethod
    def _old_head(data: bytes | bytearray, start: int) -> tuple[int, int, int] | None:
        size = data[start]
        if size == _OLD_LONG_MARK:
            if len(data) < start + _OLD_LONG.size:
                return None
            _, size, flags = _OLD_LONG.unpack_from(data, start)
            body = start + _OLD_LONG.size
        else:
            flags, body = data[start + 1], start + 2
        if size == 0:
            raise ProtocolError("handshake", "a frame without flags")
        return flags & MORE, size - 1, body


class _GivenUp:
    """A body of which no more than its ends are kept, and the number of bytes still to come."""

    def __init__(self, flags: int, beginning: bytes, end: bytes, missing: int) -> None:
        self.flags = flags
        self.beginning = beginning
        self.end = end
        self.missing = missing

    def rest_of(self, data: bytes | memoryview) -> bytes | memoryview:
        """What of this comes after the body."""
        own = data[: self.missing]
        self.missing -= len(own)
        self.end = (self.end + bytes(own[-_END:]))[-_END:]
        return data[len(own) :]
