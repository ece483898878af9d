"""pcapng: any sections and interfaces, all kinds of packet blocks; other blocks pass through.

Source: pcapng specification, sections 3 and 4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from scapy_server import limits
from scapy_server.captures import layouts
from scapy_server.captures.records import OtherPiece, PacketRecord, Piece, length_problem
from scapy_server.captures.source import DamagedCapture, Source
from scapy_server.errors import RefusedError, shown

_NS = 1_000_000_000
#: The link type of a packet whose interface is not described: none that means anything.
UNDESCRIBED = 0xFFFF
_PACKETS = (
    layouts.ENHANCED_PACKET_BLOCK,
    layouts.SIMPLE_PACKET_BLOCK,
    layouts.OBSOLETE_PACKET_BLOCK,
)
_HEADS = {
    layouts.ENHANCED_PACKET_BLOCK: layouts.ENHANCED_BODY,
    layouts.OBSOLETE_PACKET_BLOCK: layouts.OBSOLETE_BODY,
    layouts.SIMPLE_PACKET_BLOCK: layouts.SIMPLE_BODY,
}
_HIGHEST_EXPONENT = 63


@dataclass(frozen=True, slots=True)
class _Interface:
    """What an interface block says: `per_second` counts of a time stamp are a second."""

    link_type: int
    snaplen: int = 0
    name: str | None = None
    per_second: int = 1_000_000
    offset_seconds: int = 0

    def time_ns(self, count: int) -> int:
        """The time of a stamp, to the nanosecond."""
        return self.offset_seconds * _NS + count * _NS // self.per_second

    def stamp(self, time_ns: int) -> int:
        """The stamp of a time; RefusedError for one that it cannot hold."""
        count = (time_ns - self.offset_seconds * _NS) * self.per_second // _NS
        if not 0 <= count < 1 << 64:
            raise RefusedError(f"the interface's time stamps cannot hold {time_ns} ns")
        return count


@dataclass(slots=True)
class _Section:
    """What a section says for the blocks in it."""

    order: str
    interfaces: list[_Interface] = field(default_factory=list)


class PcapngPiece(msgspec.Struct, frozen=True, gc=False):
    """A packet block."""

    raw: bytes
    record: PacketRecord
    kind: int
    order: str
    interface: _Interface

    def rewritten(self, changed: PacketRecord) -> bytes:
        """The block with another packet, time, length or comment; all else in it stays."""
        layout, old = self.order + _HEADS[self.kind], self.record
        start = 8 + struct.calcsize(layout)
        head, growth = self._head(changed, layout), len(changed.data) - len(old.data)
        behind = self.raw[start + len(old.data) :]
        if not growth and changed.comment == old.comment:
            return self.raw[:8] + head + changed.data + behind
        (length,) = struct.unpack_from(self.order + "I", self.raw, 4)
        if len(self.raw) < length:  # the file's end cuts it: there is nothing behind the packet
            length += layouts.padded(growth)
            return struct.pack(self.order + "II", self.kind, length) + head + changed.data
        options = behind[-len(old.data) % 4 : -4]
        if changed.comment != old.comment:
            options = _commented(options, changed.comment, self.order)
        body = head + changed.data + bytes(-len(changed.data) % 4) + options
        return layouts.block(self.kind, body, self.order)

    def _head(self, changed: PacketRecord, layout: str) -> bytes:
        """What stands before the packet; as many bytes are lacking as before."""
        head, old = list(struct.unpack_from(layout, self.raw, 8)), self.record
        if self.kind == layouts.SIMPLE_PACKET_BLOCK:
            self._check_simple(changed)
            return struct.pack(layout, changed.original_length)
        if changed.time_ns != old.time_ns:
            stamp = self.interface.stamp(changed.time_ns or 0)
            head[-4:-2] = stamp >> 32, stamp & 0xFFFFFFFF
        head[-2:] = len(changed.data) + old.lacking, changed.original_length
        return struct.pack(layout, *head)

    def _check_simple(self, changed: PacketRecord) -> None:
        captured = min(changed.original_length, self.interface.snaplen or changed.original_length)
        whole = captured == len(changed.data) + self.record.lacking
        if changed.time_ns is not None or changed.comment or not whole:
            raise RefusedError(
                "a simple packet block holds no time, no comment and no packet that is cut "
                "other than by the snap length"
            )


def read_pcapng(source: Source) -> Iterator[Piece]:
    """The pieces of a pcapng file: its blocks; raises RefusedError and DamagedCapture."""
    section = _Section("<")
    number = 0
    while source.peek(1):
        where = f"packet {number + 1}, at byte {source.position}"
        raw = _block(source, section, where)
        (kind,) = struct.unpack_from(section.order + "I", raw)
        if kind not in _PACKETS:
            _describe(kind, raw, section, where)
            yield OtherPiece(raw)
            continue
        number += 1
        yield _packet(number, kind, raw, section, where)


def _block(source: Source, section: _Section, where: str) -> bytes:
    """The next block; where a section begins, `section` is made anew."""
    head = source.take(8)
    if head.startswith(layouts.SECTION_MAGIC):
        head += source.take(4)
        _begin(section, head[8:12], where, head)
    if len(head) < 8:
        raise DamagedCapture(f"{where}: the capture ends within a block", head)
    (length,) = struct.unpack_from(section.order + "I", head, 4)
    if length < layouts.BLOCK_FRAME:
        raise DamagedCapture(f"{where}: the block's length is {length}; it is at least 12", head)
    if length > limits.CAPTURE_BLOCK_BYTES:
        raise DamagedCapture(
            f"{where}: the block's length is {length}; "
            f"it may be at most {int(limits.CAPTURE_BLOCK_BYTES)}",
            head,
        )
    raw = head + source.take(layouts.padded(length) - len(head))
    if len(raw) < length and not _holds_packet_bytes(section.order, raw):
        raise DamagedCapture(
            f"{where}: the capture ends within a block, after {len(raw)} of {length} bytes", raw
        )
    return raw


def _begin(section: _Section, magic: bytes, where: str, taken: bytes) -> None:
    order = layouts.BYTE_ORDERS.get(magic)
    if order is None:
        raise DamagedCapture(
            f"{where}: the section's byte-order magic is {shown(magic)}, neither order "
            "of 0x1a2b3c4d",
            taken,
        )
    section.order = order
    section.interfaces.clear()


def _holds_packet_bytes(order: str, raw: bytes) -> bool:
    """Whether a block that the file's end cuts still holds some of a packet."""
    (kind,) = struct.unpack_from(order + "I", raw)
    head = _HEADS.get(kind)
    return head is not None and len(raw) > 8 + struct.calcsize(order + head)


def _describe(kind: int, raw: bytes, section: _Section, where: str) -> None:
    """Take what a block that is no packet says of those that follow."""
    body = raw[8:-4]
    if kind == layouts.SECTION_BLOCK:
        _, major, minor, _ = _unpacked(section.order + layouts.SECTION_BODY, body, where, raw)
        if major != 1:
            raise DamagedCapture(
                f"{where}: pcapng version {major}.{minor} is not known, only 1.x", raw
            )
    elif kind == layouts.INTERFACE_BLOCK:
        layout = section.order + layouts.INTERFACE_BODY
        link_type, _, snaplen = _unpacked(layout, body, where, raw)
        options = dict(_options(body[struct.calcsize(layout) :], section.order))
        section.interfaces.append(_interface(link_type, snaplen, options, section.order))


def _unpacked(layout: str, body: bytes, where: str, raw: bytes) -> tuple[int, ...]:
    size = struct.calcsize(layout)
    if len(body) < size:
        raise DamagedCapture(f"{where}: the block's body has {len(body)} bytes, not {size}", raw)
    return struct.unpack_from(layout, body)


def _interface(link_type: int, snaplen: int, options: dict[int, bytes], order: str) -> _Interface:
    name = options.get(layouts.INTERFACE_NAME) or options.get(layouts.INTERFACE_DESCRIPTION)
    unit = options.get(layouts.INTERFACE_TIME_UNIT, b"\x06")[:1] or b"\x06"
    base, exponent = (2, unit[0] & 0x7F) if unit[0] & 0x80 else (10, unit[0])
    offset = options.get(layouts.INTERFACE_TIME_OFFSET, b"").ljust(8, b"\0")
    return _Interface(
        link_type,
        snaplen,
        _text(name or b"") or None,
        base ** min(exponent, _HIGHEST_EXPONENT),
        struct.unpack_from(order + "q", offset)[0],
    )


def _packet(number: int, kind: int, raw: bytes, section: _Section, where: str) -> PcapngPiece:
    layout = section.order + _HEADS[kind]
    room = struct.calcsize(layout)
    # A block that the file's end cuts has no length behind it.
    cut = len(raw) < struct.unpack_from(section.order + "I", raw, 4)[0]
    body = raw[8:] if cut else raw[8:-4]
    head = _unpacked(layout, body, where, raw)
    index = 0 if kind == layouts.SIMPLE_PACKET_BLOCK else head[0]
    described = index < len(section.interfaces)
    interface = section.interfaces[index] if described else _Interface(UNDESCRIBED)
    original, stamp = head[-1], None
    if kind == layouts.SIMPLE_PACKET_BLOCK:
        captured = min(original, interface.snaplen or original)
    else:
        captured, stamp = head[-2], head[-4] << 32 | head[-3]
    data = body[room : room + captured]
    problem = length_problem(captured, original) if captured != original or not captured else None
    if not described:
        count = len(section.interfaces)
        problem = f"it is of interface {index}, but {count} are described before it"
    elif len(data) < captured:
        problem = f"it claims {captured} bytes, but its block holds {len(data)}"
    comments = [
        _text(value)
        for code, value in _options(body[room + layouts.padded(captured) :], section.order)
        if code == layouts.COMMENT_OPTION
    ]
    record = PacketRecord(
        number,
        data,
        interface.link_type,
        None if stamp is None else interface.time_ns(stamp),
        original,
        interface.name,
        "\n".join(comments) or None,
        problem,
        captured - len(data),
    )
    return PcapngPiece(raw, record, kind, section.order, interface)


def _options(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Code and value of each option, as far as they are whole."""
    place = 0
    while place + 4 <= len(data):
        code, length = struct.unpack_from(order + "HH", data, place)
        value = data[place + 4 : place + 4 + length]
        if code == layouts.END_OF_OPTIONS or len(value) < length:
            return
        yield code, value
        place += 4 + layouts.padded(length)


def _commented(options: bytes, comment: str | None, order: str) -> bytes:
    """The options with another comment, which stands first."""
    kept = [item for item in _options(options, order) if item[0] != layouts.COMMENT_OPTION]
    if comment:
        kept.insert(0, (layouts.COMMENT_OPTION, comment.encode()))
    written = b"".join(layouts.option(code, value, order) for code, value in kept)
    return written + layouts.option(layouts.END_OF_OPTIONS, b"", order) if kept else b""


def _text(value: bytes) -> str:
    return value.rstrip(b"\0").decode("utf-8", "replace")
