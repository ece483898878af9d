"""ARP addresses that nobody gave are zeros, as many as the packet says that there are."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model

SOURCE = "10000001"  # 16.0.0.1
CASES: list[tuple[dict[str, Any], str]] = [
    ({}, "0001080006040001" + "00" * 6 + SOURCE + "00" * 10),
    ({"hwlen": "8"}, "0001080008040001" + "00" * 8 + SOURCE + "00" * 12),
    ({"plen": "16"}, "0001080006100001" + "00" * 44),
    ({"hwlen": "1", "plen": "0"}, "0001080001000001" + "00" * 2),
    ({"hwtype": "6"}, "0006080006040001" + "00" * 6 + SOURCE + "00" * 10),
    ({"hwtype": "HDLC"}, "0011080006040001" + "00" * 6 + SOURCE + "00" * 10),
    ({"ptype": "0x1234"}, "0001123406040001" + "00" * 20),
    ({"hwtype": "6", "hwsrc": "abcd"}, "0006080004040001" + "61626364" + SOURCE + "00" * 8),
]


@pytest.mark.parametrize(("fields", "frame"), CASES)
def test_unset_addresses(registry: Registry, fields: dict[str, Any], frame: str) -> None:
    items = [{"id": field, "value": value} for field, value in fields.items()]
    model = parse_model([{"id": "ARP", "fields": items}], registry)
    binary = PacketCodec(registry).build(model).binary
    assert base64.b64decode(binary or "").hex() == frame
