from __future__ import annotations

import pytest

from scapy_server.errors import RefusedError
from scapy_server.packet.frames.tracer import trace_layer
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.tree.part_places import PartPlaces

REQUEST = b"GET / HTTP/1.1\r\nX-Test: 12\r\n\r\n"
OPTIONS = bytes.fromhex("00350050 00000000 00000000 6002200000000000 020405b4")


def find(registry: Registry, layer_id: str, data: bytes, path: str) -> bytes | None:
    traced = trace_layer(registry.layer(layer_id).cls, data, 0, None)[0]
    place = PartPlaces(data, traced, registry).find(path)
    start = place.bit_offset // 8
    return data[start : start + place.bit_length // 8] if place.known else None


def test_header_lines_and_members_are_found(registry: Registry) -> None:
    assert find(registry, "HTTPRequest", REQUEST, "Unknown_Headers.X-Test") == b"12"
    assert find(registry, "TCP", OPTIONS, "options[0].value") == b"\x05\xb4"
    assert find(registry, "HTTPRequest", REQUEST, "Unknown_Headers.X-Other") is None


def test_what_is_not_there_is_refused(registry: Registry) -> None:
    with pytest.raises(RefusedError, match=r"options has 1 item"):
        find(registry, "TCP", OPTIONS, "options[3].value")
    with pytest.raises(RefusedError, match=r"has no code"):
        find(registry, "TCP", OPTIONS, "options[0].code")
