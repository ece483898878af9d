"""Parameters, and the sentences about wrong ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from scapy_server.services.ports.requests.reading import Fields, Source
from scapy_server.services.ports.requests.refusals import BadParameters


def fields(members: dict[str, Any]) -> Fields:
    return Fields(members, Source(json.dumps(members).encode()))


@pytest.mark.parametrize(
    ("value", "read", "expected"),
    [
        (255, lambda f: f.byte("x"), 255),
        (1.0, lambda f: f.byte("x"), 1),
        (-3, lambda f: f.integer("x"), -3),
        (3, lambda f: f.double("x"), 3.0),
        ((1 << 64) - 1, lambda f: f.uint64("x"), (1 << 64) - 1),
        (None, lambda f: f.text("x", "d"), "d"),
        ([1, 2], lambda f: f.numbers("x"), [1, 2]),
    ],
)
def test_values_are_read(value: object, read: Callable[[Fields], object], expected: object) -> None:
    assert read(fields({"x": value})) == expected


# Source: the sentences of the engine's own control plane, recorded.
@pytest.mark.parametrize(
    ("value", "read", "sentence"),
    [
        (None, lambda f: f.byte("x"), "field 'x' value is null"),
        ("0", lambda f: f.byte("x"), "error at offset: 6 - 'x' is 'string', expecting 'byte'"),
        (-1, lambda f: f.byte("x"), "error at offset: 6 - 'x' is 'int', expecting 'byte'"),
        (300, lambda f: f.byte("x"), "error at offset: 6 - 'x' has size bigger than uint8."),
        (True, lambda f: f.byte("x"), "error at offset: 6 - 'x' is 'boolean', expecting 'byte'"),
        (1.5, lambda f: f.uint32("x"), "error at offset: 6 - 'x' is 'double', expecting 'uint32'"),
        (-0.5, lambda f: f.unsigned_double("x"), "error at offset: 6 - 'x' has negative value."),
        ([], lambda f: f.inner("x"), "error at offset: 6 - 'x' is 'array', expecting 'object'"),
        (None, lambda f: f.choice("x", ("a", "b")), "field 'x' is missing"),
        (
            5,
            lambda f: f.choice("x", ("5",)),
            "error at offset: 6 - 'x' is 'int', expecting 'string'",
        ),
        (
            "c",
            lambda f: f.choice("x", ("a", "b")),
            "field 'x' can only be one of ['a' ,'b']",
        ),
        (
            [1, "2"],
            lambda f: f.numbers("x"),
            "error at offset: 10 - 'array element: 2 ' is 'string', expecting 'uint32'",
        ),
    ],
)
def test_wrong_values_are_refused(
    value: object, read: Callable[[Fields], object], sentence: str
) -> None:
    with pytest.raises(BadParameters) as refusal:
        read(fields({"x": value}))
    assert refusal.value.text == sentence
