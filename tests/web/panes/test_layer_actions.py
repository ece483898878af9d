from __future__ import annotations

from collections.abc import Iterator

import pytest

from scapy_server.desk.document import Document
from scapy_server.desk.names import FieldRow
from scapy_server.web.known import Known
from scapy_server.web.link import Link
from scapy_server.web.panes.layer_actions import LayerActions
from scapy_server.web.panes.menus import MenuItem
from scapy_server.web.seat import Seat
from scapy_server.web.shelf import Opened
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
    assert "Move up" not in texts(made.for_layer(0, "Ether", 3))
    assert "Delete with all that follows" not in texts(made.for_layer(0, "Ether", 3))
    assert {"Move up", "Move down"} < set(texts(made.for_layer(1, "IP", 3)))
    assert "Move down" not in texts(made.for_layer(2, "UDP", 3))


def test_a_layer_is_chosen_for_its_place(made: LayerActions, inserted: list[int]) -> None:
    dict(made.for_layer(2, "UDP", 3))["Insert layer before"]()
    assert inserted == [2]


def row(field_id: str, **field: object) -> FieldRow:
    return FieldRow(f"DNS.{field_id}", 0, field_id, 0, {"id": field_id, **field}, 0, 8)


def test_a_menu_offers_what_its_field_can_do(made: LayerActions) -> None:
    plain = texts(made.for_field(row("id", value=1, hvalue="1"), {}))
    assert "Compute or default" in plain
    assert "Add a part" not in plain
    assert "Move part up" not in plain
    records = texts(made.for_field(row("an", value="[]", hvalue="[]"), {"parts": ["DNSRR"]}))
    assert "Add a part" in records
    part = texts(made.for_field(row("an[0]"), {}))
    assert {"Move part up", "Move part down", "Delete this part"} < set(part)
    assert "Copy value" not in part
