"""Where headers are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scapy_server.services.ports.frames.headers import (
    identification,
    inner_frame,
    read_headers,
)
from tests.services.ports.rig import frame

TAG = bytes.fromhex("8100000a")


def test_ipv4() -> None:
    headers = read_headers(frame())
    assert (headers.version, headers.network, headers.protocol, headers.transport) == (
        4,
        14,
        17,
        34,
    )
    assert identification(frame(), headers) == 1
    assert inner_frame(headers) == 50


def test_tags_are_skipped() -> None:
    tagged = frame()[:12] + TAG + TAG + frame()[12:]
    assert read_headers(tagged).network == 22


def test_ipv6_with_extensions() -> None:
    hop_by_hop = bytes([17, 0]) + bytes(6)
    packet = bytes(12) + bytes.fromhex("86dd600abcde00100040") + bytes(32) + hop_by_hop + bytes(16)
    headers = read_headers(packet)
    assert (headers.version, headers.protocol, headers.transport) == (6, 17, 62)
    assert identification(packet, headers) == 0xABCDE


@given(st.binary())
def test_no_frame_fails(data: bytes) -> None:
    headers = read_headers(data)
    if not headers.version:
        assert identification(data, headers) is None
