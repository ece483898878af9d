from __future__ import annotations

from typing import Any

import pytest

from scapy_server.packet.plans.literals import (
    holds_literal,
    is_address,
    literal_shape,
    runs,
    with_literals,
)
from tests.packet.plans.shapes import expression, model_of


def literals_of(value: Any, field: str = "options") -> list[str | int]:
    shape = literal_shape(model_of([("TCP", {field: value})]))
    return [] if shape is None else list(shape[1])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[('MSS', 1460), ('NOP', None), ('WScale', 7)]", ["MSS", 1460, "NOP", "WScale", 7]),
        ("[('Timestamp', (1, 20))]", ["Timestamp", 1, 20]),
        ("[('hostname', b'host'), 'end']", ["hostname", "host", "end"]),
        ("DNSRR(rrname=\"a.b\", rdata='192.0.2.1', ttl=5, type='A')", ["a.b", "192.0.2.1", "A"]),
        ("[(254, b'x')]", ["x"]),
        ("[1, 23,4]", [1, 23]),
        ("[('MSS', 0x5b4), ('a', 007), ('b', -1), ('c', 1.5)]", ["MSS", "a", "b", "c"]),
        (r"b'\x00'", []),
        ("'it''s'", ["it", "s"]),
        ("''", []),
        ("IP(ttl=5)", []),
    ],
)
def test_those_of_an_expression(text: str, found: list[str | int]) -> None:
    assert literals_of(expression(text)) == found


def test_those_of_an_array() -> None:
    """A number that an item begins with may be the kind of an option."""
    assert literals_of([["MSS", 1460], [254, "x"], ["é", True], ["SAck", [1, 2]]]) == [
        *("MSS", 1460, "x", "SAck", 2)
    ]


def test_those_of_parts() -> None:
    assert literals_of("text", "qd[0].qname") == ["text"]
    assert literals_of(1460, "options[0].value") == [1460]
    assert literals_of(1460, "qd[0].qtype") == []
    assert literals_of(1460, "seq") == literals_of("text", "seq") == []


def test_models_that_differ_in_literals_have_one_shape() -> None:
    def key(text: str) -> Any:
        shape = literal_shape(model_of([("DNS", {"qd": expression(text)})]))
        assert shape is not None
        return shape[0]

    first = key("DNSQR(qname='host1.example', rdata='192.0.2.1')")
    assert first == key("DNSQR(qname='HOST7.exam5le', rdata='10.20.30.40')")
    for other in ("host.example", "host1-example", "host1_example", "1.2.3.4", "host1.exampl\\x65"):
        assert first != key(f"DNSQR(qname='{other}', rdata='192.0.2.1')")
    assert first != key("DNSQR(qname='host1.example', rdata='192.0.2.x')")
    assert first != key("DNSQR(qname='host1.example', name='192.0.2.1')")


def test_too_many_are_not_looked_at() -> None:
    assert len(literals_of(["x"] * 32)) == 32
    assert literals_of(["x"] * 33) == []


def test_others_take_their_places() -> None:
    model = model_of(
        [
            ("IP", {}),
            ("TCP", {"seq": 5, "options": expression("[('MSS', 1460), (\"NOP\", None)]")}),
            ("DNS", {"qd[0].qname": "a.b", "an": [["x", 5], {"vtype": "UNDEFINED"}]}),
        ]
    )
    shape = literal_shape(model)
    assert shape is not None
    assert with_literals(model, shape[1]) == model
    assert with_literals(model, ["M", 1, "N", "c.d", "y", 6]) == model_of(
        [
            ("IP", {}),
            ("TCP", {"seq": 5, "options": expression("[('M', 1), (\"N\", None)]")}),
            ("DNS", {"qd[0].qname": "c.d", "an": [["y", 6], {"vtype": "UNDEFINED"}]}),
        ]
    )


def test_what_holds_one() -> None:
    assert holds_literal({"id": "qd[0].qname", "value": "a"})
    assert not holds_literal({"id": "seq", "value": 5})
    assert not holds_literal({"id": "qd[0]", "delete": True, "value": "x"})


@pytest.mark.parametrize(
    ("text", "yes"),
    [("192.0.2.1", True), ("0.0.0.0", True), ("1.2.3", False), ("01.2.3.4", False), ("a", False)],
)
def test_addresses(text: str, yes: bool) -> None:
    assert is_address(text) == yes


def test_what_varies_of_a_text() -> None:
    assert runs("host-1.example") == [(0, 4), (5, 6), (7, 14)]
    assert runs("...") == []
