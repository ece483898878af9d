from __future__ import annotations

import pytest

from scapy_server.rpc.method import JsonType, Parameter


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


def test_expected_types_read_as_a_sentence() -> None:
    parameter = Parameter("model", (JsonType.ARRAY, JsonType.NULL), "")
    assert parameter.expected == "an array or null"
