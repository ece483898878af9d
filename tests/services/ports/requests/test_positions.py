"""Where values stand in a text."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from scapy_server.services.ports.requests.positions import offset_of


def test_members_and_elements_are_found() -> None:
    text = '{"a": [1, {"b" : "x"}], "é": 2}'
    assert text.encode()[offset_of(text, ("a", 1, "b")) :].startswith(b'"x"')
    assert text.encode()[offset_of(text, ("é",)) :].startswith(b"2")


def test_a_way_that_breaks_off_ends_where_it_does() -> None:
    assert offset_of('{"a": 1}', ("a", "b")) == 6
    assert offset_of('{"a": 1}', ("z",)) == 0


@given(st.dictionaries(st.text(), st.integers() | st.lists(st.text())))
def test_every_member_is_where_it_is_said_to_be(members: dict[str, object]) -> None:
    text = json.dumps(members, ensure_ascii=False)
    for name, value in members.items():
        rest = text.encode("utf-8", "surrogatepass")[offset_of(text, (name,)) :]
        written = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
        assert rest.startswith(written)
