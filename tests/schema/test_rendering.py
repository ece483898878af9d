"""Rendered packets as they go over the wire."""

from __future__ import annotations

import msgspec

from scapy_server.schema.rendering import Change, RenderedPacket, RenderResult


def test_bytes_are_base64_and_come_back() -> None:
    packet = RenderedPacket(7, b"\xff\0", 2)
    text = msgspec.json.encode(packet)
    assert text == b'{"index":7,"binary":"/wA=","length":2}'
    assert msgspec.json.decode(text, type=RenderedPacket) == packet


def test_changes_come_back() -> None:
    changed = RenderedPacket(0, b"", 0, changes=[Change("IP", "ttl", 22, 5, "5")])
    result = RenderResult([changed], 0, str(2**64), [])
    assert msgspec.json.decode(msgspec.json.encode(result), type=RenderResult) == result
