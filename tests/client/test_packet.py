from __future__ import annotations

import pytest

from scapy_server.client import Packet
from scapy_server.schema.results import FieldResult, LayerResult, PacketResult


def layer(layer_id: str, ttl: int) -> LayerResult:
    field = FieldResult("ttl", ttl, str(ttl), offset=8, length=1, bit_offset=64, bit_length=8)
    return LayerResult(layer_id, layer_id, 0, layer_id, True, [field])


RESULT = PacketResult([layer("IP", 1), layer("GRE", 2), layer("IP", 3)], "AAEC")
PACKET = Packet(RESULT, lambda frame, first: f"{first}({frame!r})")


def test_layers_by_number_and_by_name() -> None:
    assert PACKET.layers[1]["ttl"] == 2
    assert [PACKET[name]["ttl"] for name in (0, -1, "IP", "GRE", "IP:1")] == [1, 3, 1, 2, 3]
    assert [name in PACKET for name in ("IP", "IP:1", "IP:2", "UDP")] == [True, True, False, False]
    with pytest.raises(KeyError, match="the packet has no layer 'IP:2'; it has IP, GRE, IP:1"):
        PACKET["IP:2"]
    with pytest.raises(IndexError):
        PACKET[3]


def test_bytes_and_expression() -> None:
    assert PACKET.bytes == b"\0\1\2"
    assert PACKET.expression == "IP(b'\\x00\\x01\\x02')"


def test_nothing_is_left() -> None:
    nothing = Packet(PacketResult([], None), lambda frame, first: f"{frame!r} {first!r}")
    assert (nothing.layers, nothing.bytes, nothing.expression) == ([], b"", "b'' ''")
