from __future__ import annotations

import pytest

from scapy_server.desk.names import FieldRow, field_rows
from scapy_server.desk.packet import Packet
from scapy_server.web.panes.field_control import provenance, shown, typed
from tests.web.trees import built_packet, dissected_packet

BYTES = {"value": {"vtype": "BYTES", "base64": "AP8="}, "hvalue": "?"}


def row(packet: Packet, path: str) -> FieldRow:
    return next(each for each in field_rows(packet.layers) if each.path == path)


def test_values_are_shown_as_people_read_them() -> None:
    assert shown(row(built_packet(), "IP.src").field) == "192.0.2.1"
    assert shown({"value": 6, "hvalue": "tcp"}) == "tcp"
    assert shown(BYTES) == "00ff"
    assert shown({"value": {"vtype": "BYTES", "base64": "YWI="}, "hvalue": ""}) == "b'ab'"
    assert shown({"value": {"vtype": "BYTES", "base64": "?"}, "hvalue": ""}) == ""


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (BYTES, "0102", {"vtype": "BYTES", "base64": "AQI="}),
        (BYTES, "01 0a", {"vtype": "BYTES", "base64": "AQo="}),
        (BYTES, "b'ab'", {"vtype": "BYTES", "base64": "YWI="}),
        (BYTES, "xyz", "xyz"),
        (BYTES, "012", "012"),
        ({"value": 6}, "0102", "0102"),
        ({"value": []}, '[["MSS", 9]]', [["MSS", 9]]),
    ],
)
def test_what_is_typed_becomes_a_value_of_its_kind(
    field: dict[str, object], text: str, value: object
) -> None:
    assert typed(field, text) == value


def test_where_a_value_is_from() -> None:
    built, dissected = built_packet(), dissected_packet()
    assert provenance(row(built, "IP.src"), built) == "set"
    assert provenance(row(built, "IP.ttl"), built) == "auto"
    assert provenance(row(dissected, "IP.ttl"), dissected) == "capture"
