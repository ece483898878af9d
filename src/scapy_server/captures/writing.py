"""Packets with all that is known of them, written as a capture.

One pcap file where it can hold them; else pcapng, with an interface for each link type and
name. What pcap cannot hold: comments, names of interfaces, link types that differ, and times
before 1970 or after 2106, or none.

Source: docs/captures.md, "Writing".
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from scapy_server import limits
from scapy_server.captures import layouts
from scapy_server.captures.link_types import ETHERNET
from scapy_server.captures.pcap import pcap_stamp
from scapy_server.captures.records import PacketRecord
from scapy_server.errors import RefusedError, located

_NS_PER_UNIT = {True: 1, False: 1000}
_LAST_PCAP_NS = (1 << 32) * 1_000_000_000
_LONGEST_OPTION = 0xFFFF


class RecordWriter(Protocol):
    """Turns packets into the bytes of a capture file, one after the other."""

    def begin(self) -> bytes:
        """What the file begins with."""
        ...

    def written(self, record: PacketRecord) -> bytes:
        """The bytes of a packet, and of what it needs before it.

        Raises RefusedError for what the format cannot hold.
        """
        ...


@dataclass(frozen=True)
class PcapWriter:
    """Little-endian pcap 2.4 of one link type, in nanoseconds or microseconds."""

    link_type: int = ETHERNET
    nano: bool = False
    snaplen: int = layouts.SNAPLEN

    def begin(self) -> bytes:
        """The file header."""
        return layouts.pcap_file_header(self.nano, self.snaplen, self.link_type)

    def written(self, record: PacketRecord) -> bytes:
        """A record; its comment and interface have no place here."""
        if record.link_type != self.link_type:
            raise RefusedError(
                f"a pcap file has one link type, {self.link_type}, not {record.link_type} too; "
                "pcapng has several"
            )
        stamp = pcap_stamp(_time(record), _NS_PER_UNIT[self.nano])
        header = struct.pack("<IIII", *stamp, len(record.data), record.original_length)
        return header + record.data


@dataclass
class PcapngWriter:
    """pcapng; interfaces are described before their first packet.

    Of packets only simple blocks have no time, and these are of the first interface of their
    section: where that is another one, or its snap length says more than was captured, a
    section begins.
    """

    nano: bool = True
    snaplen: int = 0
    #: The interfaces of the section: link type, name and snap length.
    _interfaces: dict[tuple[int, str | None, int], int] = field(default_factory=dict)

    def begin(self) -> bytes:
        """The section header."""
        return layouts.section_block()

    def written(self, record: PacketRecord) -> bytes:
        """A block of the packet, and before it what describes its interface.

        What has no time, and has no simple block either, as it has a comment, gets time 0.
        """
        if record.time_ns is None and not record.comment:
            snaplen = self._simple_snaplen(record)
            if snaplen is not None:
                return self._simple(record, snaplen)
        described, number = self._described(record, self.snaplen)
        stamp = _time(record) // _NS_PER_UNIT[self.nano]
        if not 0 <= stamp < 1 << 64:
            raise RefusedError(f"a time of {record.time_ns} ns is not one that a capture can hold")
        head = struct.pack(
            "<" + layouts.ENHANCED_BODY,
            number,
            stamp >> 32,
            stamp & 0xFFFFFFFF,
            len(record.data),
            record.original_length,
        )
        body = head + record.data + bytes(-len(record.data) % 4) + _comment(record)
        return described + layouts.block(layouts.ENHANCED_PACKET_BLOCK, body)

    def _simple(self, record: PacketRecord, snaplen: int) -> bytes:
        begun = b""
        if self._interfaces and self._interfaces.get(_key(record, snaplen)) != 0:
            self._interfaces.clear()
            begun = layouts.section_block()
        described, _ = self._described(record, snaplen)
        body = struct.pack("<" + layouts.SIMPLE_BODY, record.original_length) + record.data
        return begun + described + layouts.block(layouts.SIMPLE_PACKET_BLOCK, body)

    def _described(self, record: PacketRecord, snaplen: int) -> tuple[bytes, int]:
        """The block that describes a packet's interface, if it is new, and its number."""
        key = _key(record, snaplen)
        number = self._interfaces.get(key)
        if number is not None:
            return b"", number
        if record.interface is not None:
            _check_text(record.interface, "the name of an interface")
        self._interfaces[key] = number = len(self._interfaces)
        block = layouts.interface_block(record.link_type, snaplen, self.nano, record.interface)
        return block, number

    def _simple_snaplen(self, record: PacketRecord) -> int | None:
        """The snap length that makes a simple block hold the packet, None if none does."""
        size, original = len(record.data), record.original_length
        if size == min(original, self.snaplen or original):
            return self.snaplen
        if size == original:
            return 0
        return size if 0 < size < original else None


def write_records(records: Sequence[PacketRecord], writer: RecordWriter | None = None) -> bytes:
    """The capture of these packets by a writer, else pcap where it can hold all, or pcapng.

    No packets make the 24 bytes of a pcap header. Raises RefusedError, located, for what no
    capture can hold and for what is out of bounds.
    """
    limits.WRITTEN_PACKETS.check(len(records))
    writer = writer or writer_for(records)
    parts = [writer.begin()]
    for number, record in enumerate(records, 1):
        with located(f"packet {number}"):
            limits.FRAME_BYTES.check(len(record.data))
            parts.append(writer.written(record))
    limits.CAPTURE_BYTES.check(sum(map(len, parts)))
    return b"".join(parts)


def write_capture(frames: Sequence[bytes], link_type: int = ETHERNET) -> bytes:
    """The capture of frames of which nothing else is known; raises as `write_records`."""
    return write_records([plain_record(k, frame, link_type) for k, frame in enumerate(frames)])


def plain_record(index: int, frame: bytes, link_type: int) -> PacketRecord:
    """A frame of which nothing else is known, `index` counted from 0.

    It is stamped so many microseconds after 1970-01-01: equal frames make equal files, and
    the order shows.
    """
    return PacketRecord(index + 1, frame, link_type, 1000 * index, len(frame))


def writer_for(records: Iterable[PacketRecord]) -> RecordWriter:
    """The plainest writer that can hold these packets with all that is known of them."""
    link_types: set[int] = set()
    plain, nano, longest = True, False, 0
    for record in records:
        link_types.add(record.link_type)
        time_ns = record.time_ns
        nano = nano or bool(time_ns and time_ns % 1000)
        longest = max(longest, len(record.data))
        plain = plain and not (record.comment or record.interface)
        plain = plain and time_ns is not None and 0 <= time_ns < _LAST_PCAP_NS
    if not plain or len(link_types) > 1:
        return PcapngWriter(nano)
    return PcapWriter(min(link_types, default=ETHERNET), nano, max(layouts.SNAPLEN, longest))


def pcap_writer(records: Sequence[PacketRecord]) -> PcapWriter:
    """A writer of the pcap file of these packets, which holds none of another link type."""
    return PcapWriter(
        records[0].link_type if records else ETHERNET,
        any((record.time_ns or 0) % 1000 for record in records),
        max([layouts.SNAPLEN, *(len(record.data) for record in records)]),
    )


def _key(record: PacketRecord, snaplen: int) -> tuple[int, str | None, int]:
    return record.link_type, record.interface, snaplen


def _time(record: PacketRecord) -> int:
    return record.time_ns or 0


def _comment(record: PacketRecord) -> bytes:
    if not record.comment:
        return b""
    _check_text(record.comment, "a comment")
    return layouts.option(layouts.COMMENT_OPTION, record.comment.encode()) + layouts.option(
        layouts.END_OF_OPTIONS, b""
    )


def _check_text(text: str, what: str) -> None:
    size = len(text.encode())
    if size > _LONGEST_OPTION:
        raise RefusedError(f"{what} may be at most {_LONGEST_OPTION} bytes, this is {size}")
