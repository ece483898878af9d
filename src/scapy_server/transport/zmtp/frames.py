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

    One that says that more follow has at most `longest_of_more` bytes.
    """

    def __init__(self, longest: int, old: bool = False) -> None:
        self.longest = longest
        self.longest_of_more = longest
        self.old = old
        # The bytes as they came while there is nothing before them, else a bytearray that grows.
        self._data: bytes | bytearray = b""
        self._start = 0

    @property
    def waiting(self) -> int:
        """How many bytes have come that are no whole frame yet, or were not asked for."""
        return len(self._data) - self._start

    def feed(self, data: bytes) -> None:
        """Take bytes as they come."""
        if self._start == len(self._data) and len(data) <= _COPIED:
            self._data, self._start = data, 0
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
