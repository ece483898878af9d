from __future__ import annotations

from scapy_server.desk.comparing import (
    Difference,
    changed_fields,
    differing_bytes,
    differing_fields,
)
from scapy_server.desk.editing import built, cut_layers, from_expression, set_field
from tests.desk.asking import Answerer


def test_fields_and_bytes_that_differ(answerer: Answerer) -> None:
    left = answerer.run(
        built([{"id": "Ether"}, {"id": "IP", "fields": [{"id": "chksum", "value": 1}]}])
    )
    right = answerer.run(set_field(left, 1, "ttl", 9))
    assert list(differing_fields(left, right)) == [Difference("IP.ttl", "64", "9")]
    assert list(differing_bytes(left.frame, right.frame)) == [22]


def test_what_only_one_of_them_has(answerer: Answerer) -> None:
    left = answerer.run(built([{"id": "Raw", "fields": [{"id": "load", "value": "ab"}]}]))
    right = answerer.run(built([{"id": "Dot1Q"}]))
    found = {each.path: each for each in differing_fields(left, right)}
    assert found["Raw.load"].right is None
    assert found["Dot1Q.vlan"].left is None
    assert list(differing_bytes(b"ab", b"a")) == [1]


def test_an_edit_is_told_by_the_parts_that_it_changed(answerer: Answerer) -> None:
    before = answerer.run(from_expression("TCP(options=[('MSS', 1460), ('NOP', None)])"))
    after = answerer.run(set_field(before, 0, "options[0].value", 9))
    assert [each.row.path for each in changed_fields(before, after)] == ["TCP.options[0].value"]


def test_what_is_new_or_gone_is_told_once(answerer: Answerer) -> None:
    longer = answerer.run(from_expression("IP(proto=6)/TCP(options=[('MSS', 1460)])"))
    shorter = answerer.run(cut_layers(longer, 1))
    told = {each.row.path: each for each in changed_fields(shorter, longer)}
    assert "TCP.options" in told
    assert not [path for path in told if path.startswith("TCP.options[")]
    assert told["TCP.options"].before is None
    gone = {each.row.path: each for each in changed_fields(longer, shorter)}
    assert gone["TCP.options"].after is None
    assert gone["TCP.options"].is_alone
    assert not gone["IP.len"].is_alone
