"""Capture files in gzip, read as they come: any number of members, damaged ones as far as
they go."""

from __future__ import annotations

import zlib

from scapy_server import limits
from scapy_server.captures.source import Readable

_WITH_HEADER = 31  # zlib's window bits for "with gzip header and check sum"
_CHUNK = 64 * 1024


class Inflated:
    """The contents of a gzip file, read forwards.

    At most `bound` bytes are unpacked. `damage` says why there is no more, where that is
    not the end of the file.
    """

    def __init__(self, file: Readable, start: bytes = b"", bound: int | None = None) -> None:
        self._file = file
        self._packed = start
        self._place = 0  # of the next byte to unpack
        self._room = bound
        self._members = 0
        self._member: zlib._Decompress | None = None
        self._ready = bytearray()
        self.damage: str | None = None

    def read(self, count: int) -> bytes:
        """The next `count` bytes, fewer at the end."""
        while len(self._ready) < count and self._unpack():
            pass
        data = bytes(self._ready[:count])
        del self._ready[:count]
        return data

    def _unpack(self) -> bool:
        """Unpack some more; False at the end."""
        if self.damage:
            return False
        if not self._packed:
            self._packed = self._file.read(_CHUNK)
        if self._member is None and not self._begins():
            return False
        assert self._member is not None
        if not self._packed:
            self.damage = f"the gzip file is cut short at byte {self._place}"
            return False
        try:
            data = self._member.decompress(self._packed, _CHUNK)
        except zlib.error as error:
            self.damage = f"the gzip file is damaged near byte {self._place}: {error}"
            return False
        left = self._member.unconsumed_tail or self._member.unused_data
        self._place += len(self._packed) - len(left)
        self._packed = left
        if self._member.eof:
            self._member = None
        return self._keep(data)

    def _begins(self) -> bool:
        """Begin the next member; zeros may pad the last one."""
        while self._packed and not self._packed.strip(b"\0"):
            self._place += len(self._packed)
            self._packed = self._file.read(_CHUNK)
        if not self._packed:
            return False
        self._members += 1
        if self._members > limits.CAPTURE_GZIP_MEMBERS:
            self.damage = f"the gzip file has over {int(limits.CAPTURE_GZIP_MEMBERS)} members"
            return False
        self._member = zlib.decompressobj(_WITH_HEADER)
        return True

    def _keep(self, data: bytes) -> bool:
        if self._room is not None:
            self._room -= len(data)
            if self._room < 0:
                self.damage = "the decompressed capture is longer than a capture may be"
                data = data[: self._room]
        self._ready += data
        return True
