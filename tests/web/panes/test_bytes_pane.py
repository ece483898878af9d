from __future__ import annotations

from scapy_server.desk.names import field_rows
from scapy_server.web.panes.bytes_pane import byte_range, field_at, owners_of
from tests.web.trees import built_packet

PACKET = built_packet()
ROWS = {row.path: row for row in field_rows(PACKET.layers)}


def test_the_bytes_that_a_field_touches() -> None:
    assert byte_range(ROWS["Ether.type"]) == (12, 14)
    assert byte_range(ROWS["IP.ihl"]) == (14, 15)
    assert byte_range(ROWS["IP.frag"]) == (20, 22)
    assert byte_range(ROWS["IP.options"]) == (0, 0)
    assert byte_range(None) == (0, 0)


def test_the_field_of_a_byte_is_the_innermost() -> None:
    paths = [getattr(field_at(PACKET, offset), "path", None) for offset in (0, 14, 26, 42, 44)]
    assert paths == ["Ether.dst", "IP.version", "IP.src", "Raw.load", "Raw.load"]
    assert field_at(PACKET, 45) is None


def test_each_byte_belongs_to_a_layer() -> None:
    assert owners_of(PACKET) == [0] * 14 + [1] * 20 + [2] * 8 + [3] * 3
