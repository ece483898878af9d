from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.errors import RefusedError
from scapy_server.wording import (
    JsonType,
    base64_text,
    closest,
    decode_base64,
    json_type,
    nearest,
    printable,
)


@pytest.mark.parametrize(
    ("value", "json_type"),
    [
        (None, JsonType.NULL),
        (True, JsonType.BOOLEAN),
        (1, JsonType.NUMBER),
        (1.5, JsonType.NUMBER),
        ("", JsonType.STRING),
        ([], JsonType.ARRAY),
        ({}, JsonType.OBJECT),
    ],
)
def test_types_of_decoded_values(value: object, json_type: JsonType) -> None:
    assert JsonType.of(value) is json_type


def test_types_that_json_has_not_go_by_their_own_name() -> None:
    class Number(int):
        pass

    assert [json_type(value) for value in (None, True, Number(1), (), b"")] == [
        "null",
        "a boolean",
        "a number",
        "tuple",
        "bytes",
    ]


ADVICE = [
    ("tcp", ["UDP", "TCP"], "TCP"),
    ("TPC", ["VTP", "TCP"], "TCP"),
    ("Ehter", ["Other", "Ether"], "Ether"),
    ("VLAN", ["VXLAN", "XVLAN"], "VXLAN"),
    ("DNSS", ["DNSA", "DNSB"], "DNSA"),
    ("Eth", ["AETH", "Ether"], "Ether"),
]


@pytest.mark.parametrize(("name", "known", "expected"), ADVICE)
def test_nearest(name: str, known: list[str], expected: str) -> None:
    assert nearest(name, known) == f'; did you mean "{expected}"?'


@pytest.mark.parametrize(
    ("name", "known"), [("abc", ["XYZ"]), ("Nope", ["OFPHET"]), ("", ["a"]), ("a", [])]
)
def test_nothing_is_near(name: str, known: list[str]) -> None:
    assert closest(name, known) is None
    assert nearest(name, known) == ""


@given(st.text())
def test_printable_text_is_printable(text: str) -> None:
    assert printable(text).isprintable()


def test_what_steers_a_terminal_is_escaped() -> None:
    assert printable("Ether äö") == "Ether äö"
    assert printable("\x1b]0;x\x07\u202e") == "\\x1b]0;x\\x07\\u202e"


@given(st.binary(max_size=50))
def test_base64_with_and_without_padding(data: bytes) -> None:
    text = base64_text(data)
    assert base64.b64decode(text) == data
    assert decode_base64(text, "it") == data
    assert decode_base64(text.rstrip("="), "it") == data
    assert decode_base64("\n".join(text), "it") == data


@pytest.mark.parametrize("text", ["A", "a-b_", "ä", "AA=A", "====="])
def test_what_is_no_base64_is_named(text: str) -> None:
    with pytest.raises(RefusedError, match="the frame must be base64"):
        decode_base64(text, "the frame")
