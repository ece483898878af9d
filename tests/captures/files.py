"""Capture files made by hand, in every format, for the tests of the room."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Sequence

FRAMES = [b"one", b"the second", bytes(60)]

#: Captured length, original length, and bytes.
Record = tuple[int, int, bytes]


def whole(frame: bytes) -> Record:
    return len(frame), len(frame), frame


def classic(
    *records: Record,
    order: str = "<",
    magic: int = 0xA1B2C3D4,
    version: tuple[int, int] = (2, 4),
    snaplen: int = 65535,
    link: int = 1,
    after_header: bytes = b"",
    after_record: bytes = b"",
    stamp: tuple[int, int] = (7, 8),
) -> bytes:
    """A classic pcap."""
    file = struct.pack(order + "IHHiIII", magic, *version, 0, 0, snaplen, link) + after_header
    for captured, original, frame in records:
        file += struct.pack(order + "IIII", *stamp, captured, original) + after_record + frame
    return file


class Pcapng:
    """Builds pcapng blocks in one byte order."""

    def __init__(self, order: str) -> None:
        self.order = order

    def block(self, kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        length = struct.pack(self.order + "I", len(body) + 12)
        return struct.pack(self.order + "I", kind) + length + body + length

    def options(self, *options: tuple[int, bytes]) -> bytes:
        written = b"".join(
            struct.pack(self.order + "HH", code, len(value)) + value + bytes(-len(value) % 4)
            for code, value in options
        )
        return written + bytes(4)

    def section(self, major: int = 1, options: bytes = b"") -> bytes:
        magic = struct.pack(self.order + "IHHq", 0x1A2B3C4D, major, 0, -1)
        return self.block(0x0A0D0D0A, magic + options)

    def interface(self, link_type: int = 1, snaplen: int = 0, options: bytes = b"") -> bytes:
        return self.block(1, struct.pack(self.order + "HHI", link_type, 0, snaplen) + options)

    def enhanced(
        self,
        frame: bytes,
        interface: int = 0,
        original: int | None = None,
        options: bytes = b"",
        stamp: int = 5 << 32 | 6,
    ) -> bytes:
        original = len(frame) if original is None else original
        header = struct.pack(
            self.order + "IIIII", interface, stamp >> 32, stamp & 0xFFFFFFFF, len(frame), original
        )
        return self.block(6, header + frame + bytes(-len(frame) % 4) + options)

    def simple(self, frame: bytes, original: int | None = None) -> bytes:
        original = len(frame) if original is None else original
        return self.block(3, struct.pack(self.order + "I", original) + frame)

    def obsolete(self, frame: bytes, interface: int = 0) -> bytes:
        header = struct.pack(self.order + "HHIIII", interface, 9, 5, 6, len(frame), len(frame))
        return self.block(2, header + frame)


LITTLE = Pcapng("<")
BIG = Pcapng(">")


def erf(
    frame: bytes,
    *,
    kind: int = 2,
    flags: int = 4,
    wire: int | None = None,
    before: bytes = bytes(2),
    after: bytes = b"",
    stamp: int = 1_700_000_000 << 32 | 1 << 31,
) -> bytes:
    """A record of ERF: an Ethernet one unless said otherwise."""
    body = before + frame + after
    wire = len(frame) if wire is None else wire
    head = struct.pack(">BBHHH", kind, flags, 16 + len(body), 0, wire)
    return struct.pack("<Q", stamp) + head + body


def erf_file(frames: Sequence[bytes]) -> bytes:
    return b"".join(map(erf, frames))


def compressed(data: bytes) -> bytes:
    """A gzip file without the time it was made, so that every test process names cases alike."""
    return gzip.compress(data, 1, mtime=0)
