"""Captures: a pcap or pcapng file's bytes become frames, and frames become a pcap file.

Read are classic pcap of either byte order, with microseconds or nanoseconds and in the
variants of Kuznetzov's patched libpcap and of IXIA, pcapng with any sections and
interfaces, and each of these in gzip. Nothing is guessed and nothing is short: a frame
that was not captured whole, like any other damage, is a RefusedError that names the
packet (counted from 1, as capture tools do) and the byte where its record starts.

Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng, RFC 1952.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scapy_server import limits
from scapy_server.captures.link_types import ETHERNET
from scapy_server.errors import RefusedError, located, shown

SNAPLEN = 65535
_MICROSECONDS_PER_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class CapturedFrame:
    """A frame as it was on the wire and the link type number of where it was captured."""

    data: bytes
    link_type: int


def read_capture(data: bytes) -> list[CapturedFrame]:
    """The frames of a capture file, in order; none if the file holds only its header.

    Raises RefusedError for anything that is not a whole and honest capture.
    """
    limits.CAPTURE_BYTES.check(len(data))
    if not data.startswith(_GZIP_MAGIC):
        return list(_frames(data))
    plain = _decompressed(data)
    with located("in the decompressed capture"):
        return list(_frames(plain))


def first_frame(data: bytes) -> CapturedFrame:
    """The first frame of a capture, which is read no further; RefusedError as `read_capture`."""
    if data.startswith(_GZIP_MAGIC):
        data = _decompressed(data)
    frame = next(_frames(data), None)
    if frame is None:
        raise RefusedError("the capture holds no packet")
    return frame


def write_capture(frames: Sequence[bytes], link_type: int = ETHERNET) -> bytes:
    """A little-endian pcap 2.4 file of the frames; no frames make the 24 bytes of its header.

    Packet k, counted from 0, is stamped k microseconds after 1970-01-01: equal frames make
    equal files, and the order shows. The snap length is 65535, or that of the longest
    frame if longer. Raises RefusedError for an empty frame and for what is out of bounds.
    """
    limits.CAPTURE_PACKETS.check(len(frames))
    if not 0 <= link_type <= _LINK_TYPE_MASK:
        raise RefusedError(f"a link type is a number from 0 to {_LINK_TYPE_MASK}, not {link_type}")
    snaplen = max(SNAPLEN, *map(len, frames)) if frames else SNAPLEN
    parts = [_FILE_HEADER.pack(_MICROSECOND_MAGIC, 2, 4, 0, 0, snaplen, link_type)]
    for index, frame in enumerate(frames):
        with located(f"packet {index + 1}"):
            _check_lengths(len(frame), len(frame), snaplen)
        stamp = divmod(index, _MICROSECONDS_PER_SECOND)
        parts += (_RECORD_HEADER.pack(*stamp, len(frame), len(frame)), frame)
    limits.CAPTURE_BYTES.check(sum(map(len, parts)))
    return b"".join(parts)


def _frames(data: bytes) -> Iterator[CapturedFrame]:
    if not data:
        raise RefusedError("the capture is empty: not even a file header is there")
    magic = data[:4]
    if magic in _CLASSIC_FORMATS:
        return _read_classic(data, _CLASSIC_FORMATS[magic])
    if magic == _SECTION_MAGIC:
        return _read_pcapng(data)
    if magic.startswith(_GZIP_MAGIC):
        raise RefusedError("it is compressed once more; give a capture compressed once")
    raise RefusedError(
        f"this is not a pcap or pcapng capture, nor one in gzip: it begins with {shown(magic)}"
    )


def _check_lengths(captured: int, original: int, snaplen: int) -> None:
    """Refuse a frame that is not there as it was on the wire; snaplen 0 is no bound."""
    limits.FRAME_BYTES.check(max(captured, original))
    if captured < original:
        raise RefusedError(
            f"only {captured} of its {original} bytes were captured; "
            "capture it again without a snap length"
        )
    if captured > original:
        raise RefusedError(f"it claims {captured} captured bytes of a packet of {original}")
    if snaplen and captured > snaplen:
        raise RefusedError(
            f"it claims {captured} bytes, but the capture's snap length is {snaplen}"
        )
    if not captured:
        raise RefusedError("it is empty; a packet has at least one byte")


# --- gzip

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_FORMAT = 31  # zlib's window bits for "with gzip header and check sum"
_CHUNK = 64 * 1024


def _decompressed(data: bytes) -> bytes:
    """The contents of all members of a gzip file; no more is unpacked than a capture may be."""
    parts: list[bytes] = []
    room = int(limits.CAPTURE_BYTES)
    position = members = 0
    # Zeros may pad the last member.
    while position < len(data) and (data[position] or data[position:].strip(b"\0")):
        members += 1
        limits.CAPTURE_GZIP_MEMBERS.check(members)
        member = zlib.decompressobj(_GZIP_FORMAT)
        while not member.eof:
            chunk = data[position : position + _CHUNK]
            if not chunk:
                raise RefusedError(f"the gzip file is cut short at byte {len(data)}")
            try:
                part = member.decompress(chunk, room + 1)
            except zlib.error as error:
                raise RefusedError(
                    f"the gzip file is damaged near byte {position}: {error}"
                ) from None
            room -= len(part)
            if room < 0:
                raise RefusedError(
                    f"the decompressed capture is longer than {int(limits.CAPTURE_BYTES)} bytes"
                )
            parts.append(part)
            position += len(chunk) - len(member.unused_data) - len(member.unconsumed_tail)
    return b"".join(parts)


# --- classic pcap


@dataclass(frozen=True, slots=True)
class _ClassicFormat:
    """Byte order and header sizes of one of the formats that share pcap's layout."""

    order: str
    file_header: int
    record_header: int


_MICROSECOND_MAGIC = 0xA1B2C3D4
_FILE_HEADER = struct.Struct("<IHHiIII")
_RECORD_HEADER = struct.Struct("<IIII")
_LINK_TYPE_MASK = 0xFFFF  # the bits above say how long a frame check sequence is

_CLASSIC_FORMATS: Mapping[bytes, _ClassicFormat] = {
    struct.pack(order + "I", magic): _ClassicFormat(order, file_header, record_header)
    for magic, file_header, record_header in (
        (_MICROSECOND_MAGIC, 24, 16),
        (0xA1B23C4D, 24, 16),  # nanoseconds
        (0xA1B2CD34, 24, 24),  # Kuznetzov: interface, protocol and direction after each header
        (0x1C0001AC, 28, 16),  # IXIA hardware and software: the file's length after its header
        (0x1C0001AB, 28, 16),
    )
    for order in "<>"
}


def _read_classic(data: bytes, form: _ClassicFormat) -> Iterator[CapturedFrame]:
    if len(data) < form.file_header:
        raise RefusedError(
            f"the capture's header is cut short: {len(data)} of {form.file_header} bytes are there"
        )
    _, major, minor, _, _, snaplen, link = struct.unpack_from(form.order + "IHHiIII", data)
    if major != 2:
        raise RefusedError(f"pcap version {major}.{minor} is not known, only 2.x")
    offset, packet = form.file_header, 0
    while offset < len(data):
        packet += 1
        limits.CAPTURE_PACKETS.check(packet)
        with located(f"packet {packet}, at byte {offset}"):
            rest = len(data) - offset - form.record_header
            if rest < 0:
                raise RefusedError(
                    f"the capture ends within the packet's header, after "
                    f"{len(data) - offset} of {form.record_header} bytes"
                )
            captured, original = struct.unpack_from(form.order + "II", data, offset + 8)
            _check_lengths(captured, original, snaplen)
            if captured > rest:
                raise RefusedError(
                    f"the capture ends within the packet, after {rest} of {captured} bytes"
                )
        offset += form.record_header
        yield CapturedFrame(data[offset : offset + captured], link & _LINK_TYPE_MASK)
        offset += captured


# --- pcapng

_SECTION_MAGIC = b"\n\r\r\n"
_BYTE_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_SECTION = 0x0A0D0D0A
_INTERFACE = 1
_OBSOLETE_PACKET = 2
_SIMPLE_PACKET = 3
_ENHANCED_PACKET = 6
_PACKETS = (_OBSOLETE_PACKET, _SIMPLE_PACKET, _ENHANCED_PACKET)
_BLOCK_FRAME = 12  # type and length before the body, length once more after it


@dataclass(frozen=True, slots=True)
class _Section:
    """What a pcapng section says for the blocks in it: interfaces as (link type, snap length)."""

    order: str
    interfaces: list[tuple[int, int]] = field(default_factory=list)

    def unpack(self, layout: str, body: bytes) -> tuple[int, ...]:
        size = struct.calcsize(self.order + layout)
        if len(body) < size:
            raise RefusedError(f"the block's body has {len(body)} bytes, it needs {size}")
        return struct.unpack_from(self.order + layout, body)


def _read_pcapng(data: bytes) -> Iterator[CapturedFrame]:
    section = _Section("<")
    offset = blocks = packets = 0
    while offset < len(data):
        blocks += 1
        limits.CAPTURE_BLOCKS.check(blocks)
        frame = None
        with located(f"packet {packets + 1}, at byte {offset}"):
            if len(data) - offset < _BLOCK_FRAME:
                raise RefusedError(
                    f"the capture ends within a block, after {len(data) - offset} bytes"
                )
            if data.startswith(_SECTION_MAGIC, offset):
                section = _Section(_byte_order(data[offset + 8 : offset + 12]))
            kind, body = _block(data, offset, section)
            if kind == _SECTION:
                _, major, minor = section.unpack("IHHq", body)[:3]
                if major != 1:
                    raise RefusedError(f"pcapng version {major}.{minor} is not known, only 1.x")
            elif kind == _INTERFACE:
                link_type, _, snaplen = section.unpack("HHI", body)
                section.interfaces.append((link_type, snaplen))
            elif kind in _PACKETS:
                frame = _packet_block(kind, body, section)
        offset += _BLOCK_FRAME + len(body)
        if frame is not None:
            packets += 1
            limits.CAPTURE_PACKETS.check(packets)
            yield frame


def _byte_order(magic: bytes) -> str:
    try:
        return _BYTE_ORDERS[magic]
    except KeyError:
        raise RefusedError(
            f"the section's byte-order magic is {shown(magic)}, neither order of 0x1a2b3c4d"
        ) from None


def _block(data: bytes, offset: int, section: _Section) -> tuple[int, bytes]:
    """Type and body of the block at `offset`."""
    rest = len(data) - offset
    kind, length = struct.unpack_from(section.order + "II", data, offset)
    if length < _BLOCK_FRAME or length % 4:
        raise RefusedError(
            f"the block's length is {length}; it must be a multiple of 4 and at least 12"
        )
    if length > rest:
        raise RefusedError(f"the capture ends within a block, after {rest} of {length} bytes")
    end = offset + length - 4
    (repeated,) = struct.unpack_from(section.order + "I", data, end)
    if repeated != length:
        raise RefusedError(f"the block's length is {length} at its start, {repeated} at its end")
    return kind, data[offset + 8 : end]


def _packet_block(kind: int, body: bytes, section: _Section) -> CapturedFrame:
    if kind == _ENHANCED_PACKET:
        header, (index, _, _, captured, original) = 20, section.unpack("IIIII", body)
    elif kind == _OBSOLETE_PACKET:
        header, (index, _, _, _, captured, original) = 20, section.unpack("HHIIII", body)
    else:
        header, index, (original,) = 4, 0, section.unpack("I", body)
        captured = original
    if index >= len(section.interfaces):
        raise RefusedError(
            f"it is of interface {index}, but {len(section.interfaces)} are described before it"
        )
    link_type, snaplen = section.interfaces[index]
    room = len(body) - header
    if kind == _SIMPLE_PACKET:  # it tells only the original length
        captured = min(original, snaplen or original)
        if room - captured not in range(4):
            raise RefusedError(f"it claims {captured} bytes, but its block holds {room}")
    _check_lengths(captured, original, snaplen)
    if captured > room:
        raise RefusedError(f"it claims {captured} bytes, but its block holds {room}")
    return CapturedFrame(body[header : header + captured], link_type)
