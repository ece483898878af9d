from __future__ import annotations

from typing import Any

import pytest

from scapy_server.desk import parts
from scapy_server.desk.editing import dissected, from_expression
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import FieldRow, field_rows
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.desk.questions import Question
from tests.desk.asking import Answerer

OPTIONS = "Ether()/IP()/TCP(options=[('MSS', 1460), ('NOP', None), ('WScale', 3)])"
QUERY = "Ether()/IP()/UDP()/DNS(qd=[DNSQR(qname='a.b')])"
ANSWER = "DNSRR(rrname='a.b', rdata='192.0.2.7')"
COMPUTED = {
    "IP": ("len", "chksum"),
    "UDP": ("len", "chksum"),
    "DNS": ("qdcount", "ancount", "nscount", "arcount"),
}


def automatic(layer_id: str) -> tuple[str, ...]:
    return COMPUTED.get(layer_id, ())


def row(packet: Packet, path: str) -> FieldRow:
    return next(each for each in field_rows(packet.layers) if each.path == path)


def definition(answerer: Answerer, layer: str, field: str) -> JsonObject:
    definitions: dict[str, Any] = answerer(Question("get_definitions", ([layer],)))
    fields = definitions["protocols"][0]["fields"]
    found: JsonObject = next(each for each in fields if each["id"] == field)
    return found


def test_what_is_a_list_and_what_may_be_added(answerer: Answerer) -> None:
    packet = answerer.run(from_expression(OPTIONS))
    options = row(packet, "TCP.options")
    of_options = definition(answerer, "TCP", "options")
    assert parts.is_list(options, of_options)
    assert parts.count(options) == 3
    assert parts.offered(options, of_options)[:2] == ["('MSS', 1460)", "('NOP', None)"]
    assert not parts.is_list(row(packet, "TCP.sport"), definition(answerer, "TCP", "sport"))
    query = answerer.run(from_expression(QUERY))
    answers, of_answers = row(query, "DNS.an"), definition(answerer, "DNS", "an")
    assert parts.is_list(answers, of_answers)
    assert "DNSRR()" in parts.offered(answers, of_answers)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("DNSQR()", {"vtype": "EXPRESSION", "expr": "DNSQR()"}),
        (" ('MSS', 9)", {"vtype": "EXPRESSION", "expr": "('MSS', 9)"}),
        ("192.0.2.1", "192.0.2.1"),
        ("b'ab'", {"vtype": "BYTES", "base64": "YWI="}),
    ],
)
def test_a_part_as_it_is_typed(text: str, value: Any) -> None:
    assert parts.typed_part(text) == value


def test_nothing_is_no_part() -> None:
    with pytest.raises(DeskError, match="typed as an expression"):
        parts.typed_part("  ")


def test_a_record_is_added_where_it_is_wanted(answerer: Answerer) -> None:
    built = answerer.run(from_expression(QUERY))
    for packet in (built, answerer.run(dissected(built.frame))):
        value = parts.typed_part(ANSWER)
        added = answerer.run(parts.add_part(packet, row(packet, "DNS.an"), 0, value, automatic))
        assert row(added, "DNS.an[0].rdata").field["hvalue"] == "192.0.2.7"
        assert row(added, "DNS.ancount").field["value"] == 1
        second = parts.add_part(added, row(added, "DNS.an"), 0, value, automatic)
        assert row(answerer.run(second), "DNS.an[1].rdata").field["hvalue"] == "192.0.2.7"
        gone = answerer.run(parts.remove_part(added, row(added, "DNS.an[0]"), automatic))
        assert row(gone, "DNS.ancount").field["value"] == 0


@pytest.mark.parametrize(
    ("expression", "path", "option", "size"),
    [
        ("Ether()/IP()/TCP()", "TCP.options", "('MSS', 1460)", 58),
        ("Ether()/IP()/UDP()/BOOTP()/DHCP()", "DHCP.options", "('lease_time', 60)", 288),
    ],
)
def test_the_first_option_is_added_where_there_was_none(
    answerer: Answerer, expression: str, path: str, option: str, size: int
) -> None:
    built = answerer.run(from_expression(expression))
    assert parts.is_list(row(built, path), {})
    value = parts.typed_part(option)
    added = answerer.run(parts.add_part(built, row(built, path), 0, value, automatic))
    assert row(added, f"{path}[0]").field["hvalue"] == option
    assert len(added.frame) == size


def test_a_part_is_moved_past_its_neighbour(answerer: Answerer) -> None:
    packet = answerer.run(from_expression(OPTIONS))
    moved = answerer.run(parts.move_part(packet, row(packet, "TCP.options[2]"), -1))
    names = [part["name"] for part in row(moved, "TCP.options").field["parts"]]
    assert names[:3] == ["MSS", "WScale", "NOP"]


def test_a_part_has_no_place_before_the_first(answerer: Answerer) -> None:
    packet = answerer.run(from_expression(OPTIONS))
    with pytest.raises(DeskError, match=r"TCP.options\[0\] is the first"):
        answerer.run(parts.move_part(packet, row(packet, "TCP.options[0]"), -1))
    with pytest.raises(DeskError, match="no element of a list"):
        answerer.run(parts.move_part(packet, row(packet, "TCP.sport"), 1))
