"""Both sides of what each protocol begins with. The samples are those of its RFC."""

from __future__ import annotations

import pytest

from scapy_server.packet.loading.looks import is_ipv6, is_quic, is_rpc, is_rtp, is_stun

CALL = bytes(4) + b"\0\0\0\x01" + b"\0\0\0\0" + b"\0\0\0\x02"
STUN = bytes.fromhex("000100002112a442b7e7a701bc34d686fa87dfae")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (CALL, True),
        (CALL[:11] + b"\x01" + bytes(4), True),  # a reply, which names no version
        (CALL[:15] + b"\x03", False),
        (CALL[:15], False),
        (b"x" * 90, False),
    ],
)
def test_rpc(record: bytes, expected: bool) -> None:
    assert is_rpc(record) is expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [(b"\x80" + bytes(11), True), (b"\x80" + bytes(10), False), (b"\x40" + bytes(11), False)],
)
def test_rtp(payload: bytes, expected: bool) -> None:
    assert is_rtp(payload) is expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [(b"\x60" + bytes(39), True), (b"\x60" + bytes(38), False), (bytes(40), False)],
)
def test_ipv6(payload: bytes, expected: bool) -> None:
    assert is_ipv6(payload) is expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\xc0\0\0\0\x01", True),
        (b"\xc0\x6b\x33\x43\xcf", True),
        (b"\xc0\0\0\0\x03", False),
        (b"\x40\0\0\0\x01", False),
    ],
)
def test_quic(payload: bytes, expected: bool) -> None:
    assert is_quic(payload) is expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [(STUN, True), (STUN + b"\0", False), (STUN[:4] + bytes(16), False), (b"@" + STUN[1:], False)],
)
def test_stun(payload: bytes, expected: bool) -> None:
    assert is_stun(payload) is expected
