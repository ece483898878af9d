from __future__ import annotations

from scapy_server.desk.comparing import Difference, differing_bytes, differing_fields
from scapy_server.desk.editing import built, set_field
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
