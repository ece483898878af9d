"""What the engine changes in a stream's packet before its program runs: marks and addresses.

Packets that are counted carry a number in the IP identification (of IPv6, the flow label)
and the lowest bit of the type of service; packets that are not must not look so. Then MAC
addresses are those of the port, unless the stream keeps its own.

Source: docs/profiles.md, "Marks"; RFC 1624, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

from scapy_server.streams.headers import inner_frame, read_headers
from scapy_server.streams.stream import Stream

#: The identification of packets that are measured for latency.
LATENCY_IP_ID = 0xFFFF
_UNRESERVED = 0xEFFF
_LABEL = 0xFFFFF


@dataclass(frozen=True)
class PortAddresses:
    """The MAC addresses that a port puts into packets, 6 bytes each."""

    destination: bytes
    source: bytes


def marked_frame(
    stream: Stream, addresses: PortAddresses | None, ip_id: int | None, reserved: int
) -> bytes:
    """The stream's packet as its program finds it.

    `ip_id` is the mark, None for a stream that is not counted; identifications from
    `reserved` on are kept for marks. `addresses` None leaves all MAC addresses alone.
    """
    frame = bytearray(stream.template)
    vxlan = stream.marked is not None and stream.marked.vxlan
    mark(frame, ip_id, reserved, (inner_frame(bytes(frame)) or 0) if vxlan else 0)
    if addresses is not None:
        keeps_destination, keeps_source = stream.keeps_macs
        if not keeps_destination:
            frame[0:6] = addresses.destination
        if not keeps_source:
            frame[6:12] = addresses.source
    return bytes(frame)


def mark(frame: bytearray, ip_id: int | None, reserved: int, start: int = 0) -> None:
    """Put a mark into the frame that begins at an offset, or free it of what looks like one."""
    headers = read_headers(bytes(frame), start)
    ip = headers.l3
    if headers.version == 4:
        known = int.from_bytes(frame[ip + 4 : ip + 6], "big")
        if ip_id is not None:
            _replace(frame, ip, ip + 4, ip_id)
            _replace(frame, ip, ip, int.from_bytes(frame[ip : ip + 2], "big") | 1)
        elif known >= reserved:
            _replace(frame, ip, ip + 4, known & _UNRESERVED)
    elif headers.version == 6:
        word = int.from_bytes(frame[ip : ip + 4], "big")
        label = word & _LABEL
        if ip_id is not None:
            word = word - label + ip_id | 1 << 20
        elif label >= reserved:
            word = word - label + (label & _UNRESERVED)
        frame[ip : ip + 4] = word.to_bytes(4, "big")


def _replace(frame: bytearray, header: int, at: int, value: int) -> None:
    """Change a word of an IPv4 header, and its checksum by as much (RFC 1624, equation 3)."""
    old = int.from_bytes(frame[at : at + 2], "big")
    checksum = int.from_bytes(frame[header + 10 : header + 12], "big")
    total = (checksum ^ 0xFFFF) + (old ^ 0xFFFF) + value
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    frame[at : at + 2] = value.to_bytes(2, "big")
    frame[header + 10 : header + 12] = (total ^ 0xFFFF).to_bytes(2, "big")
