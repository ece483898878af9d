"""Addresses as text: taken only when they are exactly that, never reduced or looked up."""

from __future__ import annotations

import ipaddress
import re

from scapy_server.errors import RefusedError, shown

_MAC = re.compile(r"[0-9A-Fa-f]{2}([:-])[0-9A-Fa-f]{2}(?:\1[0-9A-Fa-f]{2}){4}")


def ipv4(value: object) -> str:
    """The dotted text of an IPv4 address given as text or as its 4 bytes."""
    if isinstance(value, str | bytes) and (isinstance(value, str) or len(value) == 4):
        try:
            return str(ipaddress.IPv4Address(value))
        except ValueError:
            pass
    raise RefusedError(f'{shown(value)} is not an IPv4 address such as "16.0.0.1"')


def ipv6(value: object) -> str:
    """The shortest text of an IPv6 address given as text or as its 16 bytes."""
    if isinstance(value, str | bytes) and (isinstance(value, str) or len(value) == 16):
        try:
            address = ipaddress.IPv6Address(value)
        except ValueError:
            pass
        else:
            if address.scope_id is None:
                return str(address)
    raise RefusedError(f'{shown(value)} is not an IPv6 address such as "2001:db8::1"')


def ipv6_bytes(text: str) -> bytes:
    """The 16 bytes of an IPv6 address; raises RefusedError for other text."""
    return ipaddress.IPv6Address(ipv6(text)).packed


def mac_bytes(text: str) -> bytes | None:
    """The 6 bytes of a MAC address with colons or dashes, None for other text."""
    return bytes.fromhex(text.replace(text[2], "")) if _MAC.fullmatch(text) else None


def address_number(text: str) -> int | None:
    """The number that an IPv4 or MAC address stands for, None for other text."""
    octets = mac_bytes(text)
    if octets is not None:
        return int.from_bytes(octets, "big")
    try:
        return int(ipaddress.IPv4Address(text))
    except ValueError:
        return None


def mac(value: object) -> str:
    """The lower-case text with colons of a MAC address given as text or as its 6 bytes."""
    if isinstance(value, bytes) and len(value) == 6:
        return value.hex(":")
    octets = mac_bytes(value) if isinstance(value, str) else None
    if octets is not None:
        return octets.hex(":")
    raise RefusedError(f'{shown(value)} is not a MAC address such as "00:00:00:01:00:00"')
