"""Whether bytes look like what a port says that they are.

A port alone says little: what does not look like it stays Raw.
"""

from __future__ import annotations


def is_rpc(record: bytes) -> bool:
    """A call or a reply of RPC version 2 behind its record mark (RFC 5531, sections 9 and 11)."""
    if len(record) < 16:
        return False
    kind, version = (int.from_bytes(record[at : at + 4], "big") for at in (8, 12))
    return kind == 1 or (kind == 0 and version == 2)


def is_rtp(payload: bytes) -> bool:
    """A whole fixed header of version 2 (RFC 3550, section 5.1)."""
    return len(payload) >= 12 and payload[0] >> 6 == 2


def is_ipv6(payload: bytes) -> bool:
    """A whole header of version 6 (RFC 8200, section 3)."""
    return len(payload) >= 40 and payload[0] >> 4 == 6


def is_quic(payload: bytes) -> bool:
    """A long header of version 1 or 2 (RFC 9000, section 17.2; RFC 9369, section 3.1)."""
    return payload[0] >> 6 == 3 and payload[1:5] in (b"\0\0\0\1", b"\x6b\x33\x43\xcf")


def is_stun(payload: bytes) -> bool:
    """A whole message with the magic cookie (RFC 8489, section 5)."""
    length = int.from_bytes(payload[2:4], "big")
    return payload[0] < 0x40 and payload[4:8] == b"\x21\x12\xa4\x42" and length + 20 == len(payload)
