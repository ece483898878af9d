"""Completion without a server: what the packet at hand says, and nothing that breaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scapy_server.console.catalogue import Catalogue
from scapy_server.console.command import Completer
from scapy_server.console.completers import (
    complete_append,
    complete_expression,
    complete_field,
    complete_layer,
    complete_method,
    complete_template,
    complete_value,
)
from scapy_server.console.wire import Wire
from scapy_server.desk.packet import Packet
from tests.desk.test_names import NESTED

PACKET = Packet(
    b"",
    tuple(
        {
            "id": "IP",
            "name": "IP",
            "offset": 0,
            "fields": [{"id": "ttl", "value": 64, "hvalue": "64"}],
        }
        for _ in range(2)
    ),
)
PARTS = Packet(b"", tuple(NESTED))


@pytest.fixture
def catalogue() -> Iterator[Catalogue]:
    away = Catalogue(Wire("127.0.0.1:4", 0.05))
    yield away
    away.close()


@pytest.mark.parametrize(
    ("completer", "typed", "texts"),
    [
        (complete_layer, "", ["IP", "IP:1"]),
        (complete_field, "IP", ["IP.", "IP:1."]),
        (complete_field, "IP:1.t", ["ttl"]),
        (complete_field, "IP.ttl 9", []),
        (complete_value, "IP.t", ["ttl "]),
        (complete_value, "IP.ttl 9", []),
    ],
)
def test_the_packet_at_hand(
    catalogue: Catalogue, completer: Completer, typed: str, texts: list[str]
) -> None:
    assert [choice.text for choice in completer(catalogue, PACKET, typed)] == texts
    assert list(completer(catalogue, None, typed)) == []


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("BGPUpdate.", ["path_attr"]),
        ("BGPUpdate.path_attr", ["path_attr", "path_attr[0]"]),
        ("BGPUpdate.path_attr[", ["path_attr[0]"]),
        ("BGPUpdate.path_attr[0]", ["path_attr[0]", "path_attr[0].attribute"]),
        ("BGPUpdate.path_attr[0].a", ["path_attr[0].attribute"]),
        ("BGPUpdate.path_attr[0].attribute.", ["path_attr[0].attribute.origin"]),
        ("BGPUpdate.path_attr[0].attribute[0].O", ["path_attr[0].attribute[0].origin"]),
        ("BGPUpdate.path_attr[1]", []),
    ],
)
def test_what_is_within_a_field(catalogue: Catalogue, typed: str, texts: list[str]) -> None:
    assert [each.text for each in complete_field(catalogue, PARTS, typed)] == texts


@pytest.mark.parametrize(
    "completer", [complete_append, complete_expression, complete_method, complete_template]
)
@pytest.mark.parametrize("typed", ["", "I", "IP(t"])
def test_a_server_that_is_away(catalogue: Catalogue, completer: Completer, typed: str) -> None:
    assert list(completer(catalogue, None, typed)) == []
