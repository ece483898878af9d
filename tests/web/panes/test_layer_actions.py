from __future__ import annotations

from collections.abc import Iterator

import pytest
from nicegui.testing.user import User

from scapy_server.desk.document import Document
from scapy_server.desk.editing import from_expression
from scapy_server.web.known import Known
from scapy_server.web.link import Link
from scapy_server.web.panes.layer_actions import LayerActions
from scapy_server.web.panes.menus import MenuItem
from scapy_server.web.seat import Seat
from scapy_server.web.shelf import Opened
from tests.web.panes.shown import shown
from tests.web.trees import built_packet


@pytest.fixture
def inserted() -> list[int]:
    return []


@pytest.fixture
def made(inserted: list[int]) -> Iterator[LayerActions]:
    document = Document("x")
    document.replace(built_packet(), "open")
    link = Link("127.0.0.1:1")
    yield LayerActions(
        Seat(Opened("x", document), link), Known(link), inserted.append, lambda: None
    )
    link.close()


def texts(items: list[MenuItem]) -> list[str]:
    return [text for text, _ in items]


def test_a_layer_is_moved_only_where_there_is_room(made: LayerActions) -> None:
    assert "Move up" not in texts(made.for_layer(0, "Ether"))
    assert "Delete with all that follows" not in texts(made.for_layer(0, "Ether"))
    assert {"Move up", "Move down"} < set(texts(made.for_layer(1, "IP")))
    assert "Move down" not in texts(made.for_layer(3, "Raw"))


def test_a_layer_is_chosen_for_its_place(made: LayerActions, inserted: list[int]) -> None:
    dict(made.for_layer(2, "UDP"))["Insert layer before"]()
    assert inserted == [2]


def test_a_menu_offers_what_its_field_can_do(made: LayerActions) -> None:
    plain = texts(made.for_field("IP.id", {}))
    assert {"Compute or default", "Show hexadecimal"} < set(plain)
    assert "Add a part" not in plain
    assert "Move part up" not in plain
    assert "Add a part" in texts(made.for_field("IP.options", {"parts": ["IPOption_NOP"]}))


def of(seat: Seat) -> LayerActions:
    return LayerActions(seat, Known(seat.link), print, lambda: None)


def test_a_menu_of_a_part_moves_and_deletes_it() -> None:
    async def story(user: User, seat: Seat, made: LayerActions) -> None:
        assert await seat.take("open", from_expression("Ether()/IP()/TCP()"))
        assert "Add a part" in texts(made.for_field("TCP.options", {}))
        assert await made._put_part("TCP.options", 0, "('MSS', 1460)") is None
        part = texts(made.for_field("TCP.options[0]", {}))
        assert {"Move part up", "Move part down", "Delete this part"} < set(part)
        assert seat.document.packet.frame[54:] == bytes.fromhex("020405b4")

    shown(of, story)


def test_what_cannot_be_read_is_a_refusal() -> None:
    async def story(user: User, seat: Seat, made: LayerActions) -> None:
        problem = await made.commit("Raw.load", "b'never closed")
        assert problem is not None and "quotes" in problem
        problem = await made.commit("TCP.sport", "1")
        assert problem is not None and "no layer 'TCP'" in problem

    shown(of, story)
