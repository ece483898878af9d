from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server import limits
from scapy_server.desk.editing import built
from scapy_server.desk.errors import DeskError
from scapy_server.desk.filtering import Subject, parse_filter
from tests.desk.asking import Answerer
from tests.desk.test_names import NESTED

MODEL = [
    {"id": "Ether"},
    {"id": "IP", "fields": [{"id": "src", "value": "192.0.2.1"}]},
    {"id": "IP", "fields": [{"id": "src", "value": "192.0.2.2"}]},
    {"id": "TCP", "fields": [{"id": "dport", "value": 443}, {"id": "flags", "value": "SA"}]},
]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("IP.src == 192.0.2.1", True),
        ("IP.src == 192.0.2.2", True),  # that of the second IP
        ("IP:1.src == 192.0.2.1", False),
        ("IP:1.src == 192.0.2.2 and TCP.dport < 1024", True),
        ("TCP.dport >= 443 and not TCP.dport > 443", True),
        ("TCP.dport in 400..500", True),
        ("TCP.dport in (80, 8080)", False),
        ("TCP.dport in (80, 443)", True),
        ("TCP.dport == 0x1bb", True),
        ("IP.proto == TCP", True),
        ("IP.proto == 4", True),
        ("number == 7", True),
        ("number in 5..9 and length == 74", True),
        ("UDP or TCP", True),
        ("UDP", False),
        ("not UDP", True),
        ("TCP.dport", True),
        ("UDP.dport", False),
        ("UDP.dport == 1", False),
        ("UDP.dport != 1", False),
        ("IP.src contains 0.2", True),
        ("IP.src == '192.0.2.1'", True),
        ("UDP and UDP or TCP", True),
        ("UDP and (UDP or TCP)", False),
        ("192.0.2.2", True),
        ("192.0.2.3", False),
        ("'dot' or 443", True),
        ("not 'ether'", False),
        ('"nothing like it"', False),
    ],
)
def test_what_a_filter_lets_through(answerer: Answerer, text: str, holds: bool) -> None:
    packet = answerer.run(built(MODEL))
    assert parse_filter(text)(Subject.of(packet, 7)) is holds


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("BGPUpdate.path_attr[0]", True),
        ("BGPUpdate.path_attr[1]", False),
        ("BGPUpdate.path_attr[0].attribute.origin == IGP", True),
        ("BGPUpdate.path_attr[0].attribute[0].origin == 0", True),
        ("BGPUpdate.path_attr[0].attribute.origin == 1", False),
    ],
)
def test_parts_go_by_their_paths(text: str, holds: bool) -> None:
    assert parse_filter(text)(Subject(1, b"", lambda: NESTED)) is holds


def test_only_conditions_on_fields_have_a_packet_dissected() -> None:
    def never() -> tuple[()]:
        raise AssertionError

    assert not parse_filter("number in 5..9 and IP.src == 192.0.2.1")(Subject(4, bytes(60), never))
    assert parse_filter("'HTTP' or 'no'")(Subject(4, b"GET http://x", never))
    assert parse_filter("length < 64 or TCP")(Subject(4, bytes(60), never))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "ends where a field"),
        ("IP.src ==", "ends where a value"),
        ("IP.src == == 1", "a value should stand where '=='"),
        ("IP.src = 1", "cannot be read"),
        ("IP.src == 1 2", "'2' is too much"),
        ("(IP", "not closed"),
        ("1 == 1", "'1' is not a field"),
        ("'a' == 1", "\"'a'\" is not a field"),
        (") or IP", "'\\)' is not a field"),
        ("number in a..b", "no range of numbers"),
        ("number in 9..5", "the range 9..5 ends before it begins; write 5..9"),
        ("number in (1, 2", "not closed"),
        ("(" * (limits.EDITOR_FILTER_DEPTH + 1) + "IP" + ")" * 60, "at most 50 brackets"),
        ("not " * 60 + "IP", "at most 50 brackets"),
        ("x" * (limits.EDITOR_FILTER_CHARACTERS + 1), "at most 2000 characters"),
    ],
)
def test_what_is_no_filter(text: str, said: str) -> None:
    with pytest.raises(DeskError, match=said):
        parse_filter(text)


@given(st.text(max_size=60) | st.text("()=<>!,'\" .inotrad0519IPs", max_size=60))
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    try:
        parse_filter(text)
    except DeskError as error:
        assert str(error)
