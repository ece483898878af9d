"""What a port answers by itself: ARP requests, ICMP echo, neighbour solicitations.

Only questions for the port's own addresses, with the VLAN tags that the port has.

Source: RFC 826, "Packet Reception"; RFC 792, "Echo or Echo Reply Message"; RFC 4861, sections
4.3 and 4.4; RFC 4443, sections 4.1 and 4.2.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from scapy_server.services.ports.frames.headers import (
    ETHERNET_BYTES,
    ICMP,
    ICMPV6,
    IPV4,
    IPV6,
    Headers,
    read_headers,
)

ARP = 0x0806
_SHORTEST = 60
_TTL = 128
_ECHO_REQUEST_4, _ECHO_REPLY_4 = 8, 0
_ECHO_REQUEST_6, _ECHO_REPLY_6 = 128, 129
_SOLICITATION, _ADVERTISEMENT = 135, 136
_ALL_NODES = bytes.fromhex("ff020000000000000000000000000001")


@dataclass(frozen=True)
class Host:
    """Who answers: a MAC address, and addresses that it has. `ipv6` are 16 bytes each."""

    mac: bytes
    ipv4: bytes | None = None
    ipv6: tuple[bytes, ...] = ()
    vlans: tuple[int, ...] = ()

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing it could answer for."""
        return self.ipv4 is None and not self.ipv6


def link_local(mac: bytes) -> bytes:
    """The IPv6 address that a MAC address makes (RFC 4291, appendix A)."""
    return b"\xfe\x80" + bytes(6) + bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]


def packed(address: str) -> bytes:
    """The bytes of an address; ValueError if it is none."""
    return ipaddress.ip_address(address).packed


def may_matter(frame: bytes) -> bool:
    """Whether a frame is of a kind that is answered."""
    headers = read_headers(frame)
    if headers.ether_type == ARP:
        return True
    return (headers.version == 4 and headers.protocol == ICMP) or headers.protocol == ICMPV6


def reply_to(frame: bytes, host: Host) -> bytes | None:
    """The answer to a frame; None if there is none. Never raises."""
    headers = read_headers(frame)
    if host.is_silent or _tags(frame, headers) != host.vlans:
        return None
    if not (frame[0] & 1 or frame[:6] == host.mac):
        return None
    if headers.ether_type == ARP:
        return _arp(frame, headers, host)
    if headers.version == 4 and headers.protocol == ICMP:
        return _echo4(frame, headers, host)
    if headers.version == 6 and headers.protocol == ICMPV6:
        return _icmp6(frame, headers, host)
    return None


def announcement(host: Host) -> bytes:
    """A gratuitous ARP of a host with an IPv4 address."""
    assert host.ipv4 is not None
    body = bytes.fromhex("0001080006040001") + host.mac + host.ipv4 + bytes(6) + host.ipv4
    return _framed(b"\xff" * 6, host, ARP, body)


def _tags(frame: bytes, headers: Headers) -> tuple[int, ...]:
    count = (headers.network - ETHERNET_BYTES) // 4
    return tuple(_word(frame, ETHERNET_BYTES + 4 * i) & 0xFFF for i in range(count))


def _arp(frame: bytes, headers: Headers, host: Host) -> bytes | None:
    body = frame[headers.network : headers.network + 28]
    if host.ipv4 is None or len(body) < 28 or body[:8] != bytes.fromhex("0001080006040001"):
        return None
    if body[24:28] != host.ipv4 or body[14:18] == host.ipv4:
        return None
    asker = body[8:14]
    answer = body[:6] + b"\0\2" + host.mac + host.ipv4 + asker + body[14:18]
    return _framed(asker, host, ARP, answer)


def _echo4(frame: bytes, headers: Headers, host: Host) -> bytes | None:
    start, at = headers.network, headers.transport
    end = start + _word(frame, start + 2)
    if frame[start + 16 : start + 20] != host.ipv4 or not at + 8 <= end <= len(frame):
        return None
    if frame[at] != _ECHO_REQUEST_4 or _word(frame, start + 6) & 0x3FFF:
        return None
    asker = frame[start + 12 : start + 16]
    header = b"\x45\0" + (20 + end - at).to_bytes(2, "big") + frame[start + 4 : start + 6]
    header += b"\0\0" + bytes([_TTL, ICMP]) + b"\0\0" + host.ipv4 + asker
    header = header[:10] + _checksum(header) + header[12:]
    message = bytes([_ECHO_REPLY_4, 0]) + b"\0\0" + frame[at + 4 : end]
    message = message[:2] + _checksum(message) + message[4:]
    return _framed(frame[6:12], host, IPV4, header + message)


def _icmp6(frame: bytes, headers: Headers, host: Host) -> bytes | None:
    start, at = headers.network, headers.transport
    end = start + 40 + _word(frame, start + 4)
    if not host.ipv6 or not at + 8 <= end <= len(frame):
        return None
    asker, asked = frame[start + 8 : start + 24], frame[start + 24 : start + 40]
    if frame[at] == _ECHO_REQUEST_6:
        is_ours = asked in host.ipv6 or asked == _ALL_NODES
        if not is_ours:
            return None
        own = asked if asked in host.ipv6 else host.ipv6[0]
        message = bytes([_ECHO_REPLY_6, 0, 0, 0]) + frame[at + 4 : end]
        return _icmp6_framed(frame[6:12], host, own, asker, message)
    if frame[at] == _SOLICITATION and frame[at + 8 : at + 24] in host.ipv6:
        own = frame[at + 8 : at + 24]
        flags = b"\x60\0\0\0"  # solicited, override
        message = bytes([_ADVERTISEMENT, 0, 0, 0]) + flags + own + b"\2\1" + host.mac
        return _icmp6_framed(frame[6:12], host, own, asker, message)
    return None


def _icmp6_framed(
    destination: bytes, host: Host, source: bytes, target: bytes, message: bytes
) -> bytes:
    length = len(message).to_bytes(2, "big")
    pseudo = source + target + b"\0\0" + length + bytes([0, 0, 0, ICMPV6])
    message = message[:2] + _checksum(pseudo + message) + message[4:]
    header = b"\x60\0\0\0" + length + bytes([ICMPV6, 255]) + source + target
    return _framed(destination, host, IPV6, header + message)


def _framed(destination: bytes, host: Host, ether_type: int, body: bytes) -> bytes:
    tags = b"".join(b"\x81\x00" + tag.to_bytes(2, "big") for tag in host.vlans)
    if len(host.vlans) > 1:
        tags = b"\x88\xa8" + tags[2:]
    frame = destination + host.mac + tags + ether_type.to_bytes(2, "big") + body
    return frame.ljust(_SHORTEST, b"\0")


def _word(frame: bytes, place: int) -> int:
    return int.from_bytes(frame[place : place + 2], "big")


def _checksum(data: bytes) -> bytes:
    total = sum(
        int.from_bytes(data[i : i + 2].ljust(2, b"\0"), "big") for i in range(0, len(data), 2)
    )
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return (~total & 0xFFFF).to_bytes(2, "big")
