"""An IP packet in fragments that fit a link.

Bytes in, bytes out: options that are copied into every fragment are, the headers' lengths and
IPv4's checksum are right, and fragments of a fragment keep its place in the whole.

Source: RFC 791, sections 2.3 and 3.1; RFC 8200, section 4.5.
"""

from __future__ import annotations

from collections.abc import Iterator

from scapy_server.errors import RefusedError

_UNIT = 8
_IPV4_HEADER, _IPV6_HEADER, _FRAGMENT_HEADER = 20, 40, 8
_MORE = 0x2000
_OFFSET = 0x1FFF
_COPIED = 0x80
_END_OF_OPTIONS, _NO_OPERATION = 0, 1
_HOP_BY_HOP, _DESTINATION, _ROUTING, _FRAGMENT = 0, 60, 43, 44


def fragmented(packet: bytes, mtu: int, identification: int) -> list[bytes]:
    """The packets, each of at most `mtu` bytes, that a receiver puts together to this one.

    It begins with an IPv4 or IPv6 header; what lies behind its length is left out. One that
    fits is the only one. `identification` marks the fragments of IPv6 packets, IPv4's have
    their own. Raises RefusedError for what is cut or no IP packet, and for an MTU that has no
    room.
    """
    version = packet[0] >> 4 if packet else 0
    if version == 4:
        return _ipv4(packet, mtu)
    if version == 6:
        return _ipv6(packet, mtu, identification)
    raise RefusedError("only IPv4 and IPv6 packets can be fragmented")


def _ipv4(packet: bytes, mtu: int) -> list[bytes]:
    header_size = 4 * (packet[0] & 0x0F)
    total = int.from_bytes(packet[2:4], "big")
    if not _IPV4_HEADER <= header_size <= total <= len(packet):
        raise RefusedError("its IP header's lengths do not fit the bytes that are there")
    if total <= mtu:
        return [packet[:total]]
    first, data = packet[:header_size], packet[header_size:total]
    later = first[:_IPV4_HEADER] + _copied(first[_IPV4_HEADER:])
    word = int.from_bytes(packet[6:8], "big")
    flags, begin = word & ~(_MORE | _OFFSET), word & _OFFSET
    pieces = list(_cut(data, mtu - len(first), mtu - len(later), mtu))
    if begin + (len(data) - 1) // _UNIT > _OFFSET:
        raise RefusedError("its fragments would lie beyond the greatest offset")
    return [
        _ipv4_fragment(
            later if place else first,
            flags | (begin + place // _UNIT) | (_MORE if number < len(pieces) else word & _MORE),
            piece,
        )
        for number, (place, piece) in enumerate(pieces, 1)
    ]


def _ipv4_fragment(header: bytes, word: int, data: bytes) -> bytes:
    head = bytearray(header)
    head[0] = 0x40 | len(header) // 4
    head[2:4] = (len(header) + len(data)).to_bytes(2, "big")
    head[6:8] = word.to_bytes(2, "big")
    head[10:12] = b"\0\0"
    words = sum(int.from_bytes(head[at : at + 2], "big") for at in range(0, len(head), 2))
    head[10:12] = (-words % 0xFFFF).to_bytes(2, "big")
    return bytes(head) + data


def _copied(options: bytes) -> bytes:
    """The options that stand in every fragment, filled up to whole words."""
    kept, place = b"", 0
    while place < len(options) and options[place] != _END_OF_OPTIONS:
        if options[place] == _NO_OPERATION:
            place += 1
            continue
        size = options[place + 1] if place + 1 < len(options) else 0
        if size < 2:
            break
        if options[place] & _COPIED:
            kept += options[place : place + size]
        place += size
    return kept + bytes(-len(kept) % 4)


def _ipv6(packet: bytes, mtu: int, identification: int) -> list[bytes]:
    length = int.from_bytes(packet[4:6], "big")
    total = _IPV6_HEADER + length
    if len(packet) < _IPV6_HEADER or total > len(packet) or not length:
        raise RefusedError("its IPv6 header's length does not fit the bytes that are there")
    if total <= mtu:
        return [packet[:total]]
    names, start = _before_fragments(packet[:total])
    if start == total:
        raise RefusedError("it has extension headers alone, which go into every fragment")
    kind = packet[names]
    begin, last_word = 0, 0
    data = packet[start:total]
    if kind == _FRAGMENT:  # a fragment is cut further, under its own mark
        kind, word = data[0], int.from_bytes(data[2:4], "big")
        begin, last_word = word & ~0b111, word & 1
        identification = int.from_bytes(data[4:8], "big")
        data = data[_FRAGMENT_HEADER:]
    room = mtu - start - _FRAGMENT_HEADER
    pieces = list(_cut(data, room, room, mtu))
    head = bytearray(packet[:start])
    head[names] = _FRAGMENT
    fragments = []
    for number, (place, piece) in enumerate(pieces, 1):
        if begin + place > _OFFSET * _UNIT:
            raise RefusedError("its fragments would lie beyond the greatest offset")
        word = begin + place | (1 if number < len(pieces) else last_word)
        fragment = bytes([kind, 0]) + word.to_bytes(2, "big") + identification.to_bytes(4, "big")
        head[4:6] = (start - _IPV6_HEADER + _FRAGMENT_HEADER + len(piece)).to_bytes(2, "big")
        fragments.append(bytes(head) + fragment + piece)
    return fragments


def _before_fragments(packet: bytes) -> tuple[int, int]:
    """The place that names the first header of the part that is cut, and where that begins.

    Hop-by-hop options, a routing header and what stands before it go into every fragment.
    """
    names, place = 6, _IPV6_HEADER
    found = names, place
    while packet[names] in (_HOP_BY_HOP, _DESTINATION, _ROUTING):
        if place + 2 > len(packet):
            raise RefusedError("its extension headers are not all there")
        kind, size = packet[names], 8 * (packet[place + 1] + 1)
        names, place = place, place + size
        if place > len(packet):
            raise RefusedError("its extension headers are not all there")
        if kind != _DESTINATION:
            found = names, place
    if packet[names] == _FRAGMENT and place + _FRAGMENT_HEADER <= len(packet):
        return names, place
    return found


def _cut(data: bytes, first: int, later: int, mtu: int) -> Iterator[tuple[int, bytes]]:
    """Pieces with their places, all but the last of whole units."""
    place, room = 0, first
    while place < len(data):
        if len(data) - place > room:
            room = room // _UNIT * _UNIT
        if room < 1:
            raise RefusedError(f"an MTU of {mtu} bytes has no room for a header and 8 bytes more")
        yield place, data[place : place + room]
        place, room = place + room, later
