"""Blocks of packets laid out as the records of a capture file.

A `RecordBlock` owns one buffer in which headers, template and padding stand once; for each
block of packets only what varies is written, and the buffer is the file's next bytes.

Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from scapy_server.captures import layouts
from scapy_server.captures.link_types import ETHERNET
from scapy_server.captures.pace import MICROSECONDS, NANOSECONDS, Pace
from scapy_server.engine.core import Lengths
from scapy_server.engine.renderer import Renderer
from scapy_server.engine.writes import Rows, field
from scapy_server.errors import RefusedError

_RECORD = "<" + layouts.RECORD_HEADER
_BLOCK = "<II" + layouts.ENHANCED_BODY
_BLOCK_END = 4  # bytes: its length once more
#: Blocks that stay within a core's second-level cache are the fastest.
BLOCK_BYTES = 768 * 1024
LARGEST_BLOCK, SMALLEST_BLOCK = 8192, 64
WORD = 8
LONG_RECORD = 256
_LAST_SECOND = 0xFFFFFFFF


class Layout(ABC):
    """A file format: what stands around each packet; `header` are the bytes before it."""

    header: ClassVar[int] = 0

    @property
    def prefix(self) -> bytes:
        """What the file begins with."""
        return b""

    def record_size(self, length: int) -> int:
        """The bytes of the record of a packet of that length."""
        return self.header + length

    def prepare(self, records: Rows, length: int) -> None:  # noqa: B027, raw packets have nothing
        """Write what is the same in every record of a packet of that length."""

    def stamp(self, records: Rows, start: int, pace: Pace) -> None:  # noqa: B027, see above
        """Write when the packets are sent, `start` being the number of the first one."""

    def packed(self, records: Rows, lengths: Lengths) -> memoryview:
        """The records one behind the other, with their packets cut to `lengths`."""
        return _joined(records, lengths.astype(np.int64) + self.header)

    @abstractmethod
    def size_at(self, data: memoryview, place: int) -> int:
        """The bytes of the record that begins at that place of some records."""

    def whole(self, data: memoryview) -> tuple[int, int]:
        """(packets, bytes) of the whole records at the start of some records."""
        packets = place = 0
        while place + self.header <= len(data):
            size = self.size_at(data, place)
            if place + size > len(data):
                break
            place += size
            packets += 1
        return packets, place


@dataclass(frozen=True)
class Pcap(Layout):
    """Classic pcap 2.4, little-endian."""

    nano: bool = False
    header: ClassVar[int] = struct.calcsize(_RECORD)

    @property
    def prefix(self) -> bytes:
        return layouts.pcap_file_header(self.nano, layouts.SNAPLEN, ETHERNET)

    def prepare(self, records: Rows, length: int) -> None:
        records[:, : self.header] = np.frombuffer(
            struct.pack(_RECORD, 0, 0, length, length), np.uint8
        )

    def stamp(self, records: Rows, start: int, pace: Pace) -> None:
        per_second = NANOSECONDS if self.nano else MICROSECONDS
        base, ticks = pace.ticks(start, len(records), per_second)
        second, fraction = divmod(base, per_second)
        ticks += np.uint64(fraction)
        last = second + int(ticks[-1]) // per_second
        if last > _LAST_SECOND:
            raise RefusedError(
                f"packet {start + len(records) - 1} is sent {last} seconds after the first one, "
                "and a pcap file counts 2**32 seconds only; raise the rate or write pcapng"
            )
        seconds, fractions = (field(records, offset, 4, "<") for offset in (0, 4))
        if last == second:
            seconds[:] = second
        else:
            carried = ticks // np.uint64(per_second)
            ticks -= carried * np.uint64(per_second)
            np.copyto(seconds, carried + np.uint64(second), casting="unsafe")
        np.copyto(fractions, ticks, casting="unsafe")

    def packed(self, records: Rows, lengths: Lengths) -> memoryview:
        for offset in (8, 12):
            field(records, offset, 4, "<")[:] = lengths
        return super().packed(records, lengths)

    def size_at(self, data: memoryview, place: int) -> int:
        return self.header + int.from_bytes(data[place + 8 : place + 12], "little")


@dataclass(frozen=True)
class Pcapng(Layout):
    """pcapng with one section, one interface and enhanced packet blocks."""

    nano: bool = False
    header: ClassVar[int] = struct.calcsize(_BLOCK)

    @property
    def prefix(self) -> bytes:
        interface = layouts.interface_block(ETHERNET, layouts.SNAPLEN, self.nano)
        return layouts.section_block() + interface

    def record_size(self, length: int) -> int:
        return self.header + layouts.padded(length) + _BLOCK_END

    def prepare(self, records: Rows, length: int) -> None:
        size = self.record_size(length)
        head = struct.pack(_BLOCK, layouts.ENHANCED_PACKET_BLOCK, size, 0, 0, 0, length, length)
        records[:, : self.header] = np.frombuffer(head, np.uint8)
        records[:, self.header + length : -4] = 0
        records[:, -4:] = np.frombuffer(struct.pack("<I", size), np.uint8)

    def stamp(self, records: Rows, start: int, pace: Pace) -> None:
        base, ticks = pace.ticks(start, len(records), NANOSECONDS if self.nano else MICROSECONDS)
        if base + int(ticks[-1]) >= 1 << 64:
            raise RefusedError("the packets are sent too late for a capture's time stamps")
        ticks += np.uint64(base)
        np.copyto(field(records, 12, 4, "<"), ticks >> np.uint64(32), casting="unsafe")
        np.copyto(field(records, 16, 4, "<"), ticks, casting="unsafe")

    def packed(self, records: Rows, lengths: Lengths) -> memoryview:
        # On a copy: padding and the block's end move into what the template occupies.
        records = records.copy()
        data = lengths.astype(np.int64)
        padded = (data + 3) // 4 * 4
        sizes = padded + self.header + _BLOCK_END
        field(records, 4, 4, "<")[:] = sizes
        for offset in (20, 24):
            field(records, offset, 4, "<")[:] = lengths
        numbers = np.arange(len(records))
        for byte in range(3):
            inside = data + byte < padded
            records[numbers[inside], (self.header + data + byte)[inside]] = 0
        for byte in range(4):
            records[numbers, self.header + padded + byte] = sizes >> 8 * byte & 0xFF
        return _joined(records, sizes)

    def size_at(self, data: memoryview, place: int) -> int:
        return int.from_bytes(data[place + 4 : place + 8], "little")


@dataclass(frozen=True)
class Raw(Layout):
    """The packets' bytes and nothing else."""

    length: int

    def size_at(self, data: memoryview, place: int) -> int:
        return self.length


def _joined(records: Rows, sizes: NDArray[np.int64]) -> memoryview:
    """The first bytes of each record, one behind the other.

    Eight bytes of all records are placed at once, the last ones first: what a place writes
    past the end of its record lies in front of what is still to be written. Of long records
    there are too few in a block for that to pay.
    """
    count, width = records.shape
    if width > LONG_RECORD or int(sizes.min()) < WORD:
        data = records.reshape(-1).data
        places = range(0, count * width, width)
        whole = b"".join(
            [data[at : at + size] for at, size in zip(places, sizes.tolist(), strict=True)]
        )
        return memoryview(whole)
    starts = np.cumsum(sizes) - sizes
    packed = np.empty(count * width, np.uint8)
    words = np.ndarray((len(packed) - WORD + 1,), np.uint64, packed, strides=(1,))
    for place in (width - WORD, *reversed(range(0, width - WORD, WORD))):
        words[starts + place] = field(records, place, WORD, "=")
    return packed[: int(sizes.sum())].data


def block_size(renderer: Renderer, layout: Layout) -> int:
    """How many packets to lay out at once."""
    fitting = BLOCK_BYTES // layout.record_size(renderer.length)
    return max(SMALLEST_BLOCK, min(LARGEST_BLOCK, fitting))


class RecordBlock:
    """A reusable buffer of up to `size` records of a renderer's packets.

    `memory` is what to lay them out in, if they are to lie somewhere of the caller's.
    """

    def __init__(
        self,
        renderer: Renderer,
        layout: Layout,
        pace: Pace,
        size: int,
        memory: memoryview | None = None,
    ) -> None:
        self._renderer, self._layout, self._pace = renderer, layout, pace
        record = layout.record_size(renderer.length)
        if memory is None:
            self._records = np.empty((size, record), np.uint8)
        else:
            self._records = np.frombuffer(memory, np.uint8, size * record).reshape(size, record)
        self._rows = self._records[:, layout.header : layout.header + renderer.length]
        layout.prepare(self._records, renderer.length)
        renderer.prepare(self._rows)

    def render(self, start: int, count: int) -> memoryview:
        """The file's bytes for `count` packets from `start` on; valid until the next call."""
        records = self._records[:count]
        lengths = self._renderer.fill(self._rows[:count], start)
        self._layout.stamp(records, start, self._pace)
        if lengths is None:
            return records.reshape(-1).data
        return self._layout.packed(records, lengths)
