from __future__ import annotations

import pytest
from nicegui.testing.user import User

from scapy_server.desk.names import FieldRow, field_rows
from scapy_server.desk.packet import Packet
from scapy_server.web.panes.bytes_pane import BytesPane, byte_range, field_at, ranges_of, starts_of
from scapy_server.web.seat import Seat
from tests.web.panes.shown import shown
from tests.web.trees import built_packet


@pytest.fixture(scope="module")
def packet() -> Packet:
    return built_packet()


@pytest.fixture(scope="module")
def rows(packet: Packet) -> dict[str, FieldRow]:
    return {row.path: row for row in field_rows(packet.layers)}


def test_the_bytes_that_a_field_touches(rows: dict[str, FieldRow]) -> None:
    assert byte_range(rows["Ether.type"]) == (12, 14)
    assert byte_range(rows["IP.ihl"]) == (14, 15)
    assert byte_range(rows["IP.frag"]) == (20, 22)
    assert byte_range(rows["IP.options"]) == (0, 0)
    assert byte_range(None) == (0, 0)


def test_the_field_of_a_byte_is_the_innermost(packet: Packet) -> None:
    paths = [getattr(field_at(packet, offset), "path", None) for offset in (0, 14, 26, 42, 44)]
    assert paths == ["Ether.dst", "IP.version", "IP.src", "Raw.load", "Raw.load"]
    assert field_at(packet, 45) is None


def test_each_byte_belongs_to_a_layer(packet: Packet) -> None:
    assert starts_of(packet) == [[0, 0], [14, 1], [34, 2], [42, 3]]


def test_offsets_are_told_as_ranges() -> None:
    assert ranges_of({3, 1, 2, 7}) == [[1, 4], [7, 8]]
    assert ranges_of(range(60_000)) == [[0, 60_000]]
    assert ranges_of(()) == []


def test_places_follow_the_base_that_is_chosen() -> None:
    async def story(user: User, seat: Seat, pane: BytesPane) -> None:
        seat.selected = "IP.src"
        pane.show(seat.document.packet, frozenset())
        assert pane._bits.text.startswith("IP.src · bytes 26 to 29 · ")
        seat.hex_offsets = True
        pane.show_places()
        assert pane._bits.text.startswith("IP.src · bytes 0x1a to 0x1d · ")
        assert pane._grid.props["hex-places"]

    shown(lambda seat: BytesPane(seat, lambda path: None), story)
