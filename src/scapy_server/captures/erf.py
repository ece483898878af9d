"""ERF, the Extensible Record Format of Endace's capture cards, which TRex writes too.

Source: docs/captures.md, "ERF".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import msgspec

from scapy_server.captures.link_types import ETHERNET
from scapy_server.captures.records import OtherPiece, PacketRecord, Piece, length_problem
from scapy_server.captures.source import DamagedCapture, Source
from scapy_server.errors import RefusedError

_HEADER = 16
_LONGEST = 0xFFFF
_NS = 1_000_000_000
_FLAGS, _INTERFACE = 9, 3
_MORE = 0x80
#: Records about the card, and padding.
_NO_PACKETS = frozenset((27, 48))
_TYPES = frozenset((*range(1, 28), 48))
_ETHERNET_TYPES = frozenset((2, 11, 16, 20))
_ETHERNET_PADDING = 2
#: Link types of packets that stand in a record as they were on the wire, by its type.
_PLAIN_TYPES = {21: 247, 22: 228, 23: 229}
#: HDLC: Cisco's, PPP's, or else frame relay, by how the packet begins.
_HDLC = 1
_HDLC_STARTS = ((b"\x0f", 104), (b"\x8f", 104), (b"\xff\x03", 50))
_FRAME_RELAY = 107
#: Any other record is given as a whole: the link type of ERF itself.
_ERF = 197
#: So many records are looked at to tell whether a file is of this format, which has no magic.
_TELLING = 4


class ErfPiece(msgspec.Struct, frozen=True, gc=False):
    """A record with a packet; `head` bytes stand before the packet, `tail` bytes after it."""

    raw: bytes
    record: PacketRecord
    head: int

    @property
    def interface(self) -> int:
        """The number of the card's interface that captured the packet."""
        return self.raw[_FLAGS] & _INTERFACE

    def rewritten(self, changed: PacketRecord) -> bytes:
        """The record with another packet, time or length."""
        old = self.record
        if not self.head:
            return changed.data  # the record itself is what was edited
        raw = bytearray(self.raw[: self.head])
        if changed.time_ns != old.time_ns:
            raw[:8] = struct.pack("<Q", _stamp(changed.time_ns or 0))
        tail = self.raw[self.head + len(old.data) :]
        if changed.original_length > len(changed.data):
            tail = b""  # padding behind a packet that was cut would be read as more of it
        length = self.head + len(changed.data) + len(tail) + old.lacking
        if max(length, changed.original_length) > _LONGEST:
            raise RefusedError(f"an ERF record holds at most {_LONGEST} bytes")
        struct.pack_into(">H", raw, 10, length)
        struct.pack_into(">H", raw, 14, changed.original_length)
        return bytes(raw) + changed.data + tail


def is_erf(start: bytes) -> bool:
    """Whether a file that begins so is a chain of ERF records, or one that is cut."""
    place = 0
    for found in range(_TELLING):
        head = start[place : place + _HEADER]
        if len(head) < _HEADER:
            return found > 1 or place == len(start) > 0
        kind, length = head[8] & 0x7F, int.from_bytes(head[10:12], "big")
        if kind not in _TYPES or length < _HEADER:
            return False
        place += length
    return True


def read_erf(source: Source) -> Iterator[Piece]:
    """The pieces of an ERF file; raises DamagedCapture."""
    number = 0
    while True:
        where = f"packet {number + 1}, at byte {source.position}"
        head = source.take(_HEADER)
        if not head:
            return
        length = int.from_bytes(head[10:12], "big")
        if len(head) < _HEADER or length < _HEADER:
            raise DamagedCapture(f"{where}: there is no whole record header", head)
        raw = head + source.take(length - _HEADER)
        if raw[8] & 0x7F in _NO_PACKETS:
            yield OtherPiece(raw)
            continue
        number += 1
        yield _piece(number, raw, length)


def _piece(number: int, raw: bytes, length: int) -> ErfPiece:
    kind = raw[8] & 0x7F
    wire = int.from_bytes(raw[14:16], "big")
    head = _after_extensions(raw)
    if kind in _ETHERNET_TYPES:
        link_type, head = ETHERNET, head + _ETHERNET_PADDING
    elif kind == _HDLC:
        starts = (link for start, link in _HDLC_STARTS if raw.startswith(start, head))
        link_type = next(starts, _FRAME_RELAY)
    else:
        link_type = _PLAIN_TYPES.get(kind, _ERF)
    if link_type == _ERF:
        head, wire = 0, length
    # Records are padded: what is beyond the length on the wire is no packet.
    data = raw[head : head + wire]
    problem = length_problem(len(data), wire)
    if len(raw) < length:
        problem = f"the capture ends within the packet, after {len(raw)} of {length} bytes"
    lacking = length - len(raw)
    record = PacketRecord(
        number, data, link_type, _time_ns(raw), wire, problem=problem, lacking=lacking
    )
    return ErfPiece(raw, record, head)


def _after_extensions(raw: bytes) -> int:
    place, more = _HEADER, raw[8] & _MORE
    while more and place < len(raw):
        more = raw[place] & _MORE
        place += 8
    return place


def _time_ns(raw: bytes) -> int:
    stamp = int.from_bytes(raw[:8], "little")
    return ((stamp & 0xFFFFFFFF) * _NS >> 32) + (stamp >> 32) * _NS


def _stamp(time_ns: int) -> int:
    """The stamp that is read as this time: the least one, as stamps are finer."""
    stamp = -(-(time_ns << 32) // _NS)
    if not 0 <= stamp < 1 << 64:
        raise RefusedError(f"ERF holds times of 2**32 seconds from 1970 on, not {time_ns} ns")
    return stamp
