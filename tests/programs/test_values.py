from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.errors import RefusedError
from scapy_server.programs import values


def refuse(source: str) -> object:
    raise RefusedError(f"not expected: {source}")


@pytest.mark.parametrize("read", [values.integer, values.quantity])
@pytest.mark.parametrize(("value", "number"), [(5, 5), (" 7 ", 7), ("-0x10", -16)])
def test_numbers(read: Callable[[object, str], int], value: object, number: int) -> None:
    assert read(value, "a number") == number


@pytest.mark.parametrize("read", [values.integer, values.quantity])
@pytest.mark.parametrize("value", ["", "x", "1e3", 1.5, True, None, [], "9" * 3000])
def test_what_is_none(read: Callable[[object, str], int], value: object) -> None:
    with pytest.raises(RefusedError, match="is not a number"):
        read(value, "a number")


@pytest.mark.parametrize(
    ("text", "number"),
    [("16.0.0.1", 0x10000001), (" 0.0.0.9 ", 9), ("AA-bb-CC-dd-EE-ff", 0xAABBCCDDEEFF)],
)
def test_addresses_are_quantities(text: str, number: int) -> None:
    assert values.quantity(text, "a number") == number
    with pytest.raises(RefusedError):
        values.integer(text, "a number")


@pytest.mark.parametrize(("value", "result"), [(True, True), ("true", True), ("False", False)])
def test_truth(value: object, result: bool) -> None:
    assert values.truth(value) is result


@pytest.mark.parametrize("value", [1, "yes", "", None, "1"])
def test_not_true_or_false(value: object) -> None:
    with pytest.raises(RefusedError, match="is not true or false"):
        values.truth(value)


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ([1, "2", "0x3", "0.0.0.4"], (1, 2, 3, 4)),
        ([], ()),
        ("[1, 2]", (1, 2)),
        (" ['16.0.0.1', \"16.0.0.2\"] ", (0x10000001, 0x10000002)),
    ],
)
def test_lists(value: object, result: tuple[int, ...]) -> None:
    assert values.quantities(value, refuse) == result


def test_a_plain_list_may_be_long() -> None:
    text = str(list(range(65_535)))
    assert values.quantities(text, refuse) == tuple(range(65_535))


@pytest.mark.parametrize("value", ["1,2", (1, 2), 5, None, {"a": 1}, range(3), "None"])
def test_not_lists(value: object) -> None:
    with pytest.raises(RefusedError, match="is not a list such as"):
        values.quantities(value, refuse)


def test_expressions_are_evaluated_once() -> None:
    seen: list[str] = []

    def evaluate(source: str) -> object:
        seen.append(source)
        return [7] * 3

    for expression in ("[7] * 3", {"base64": base64.b64encode(b"[7] * 3").decode()}):
        seen.clear()
        value = values.unpack({"vtype": "EXPRESSION", "expr": expression}, evaluate)
        assert values.quantities(value, evaluate) == (7, 7, 7)
        assert seen == ["[7] * 3"]


@pytest.mark.parametrize(
    ("raw", "result"),
    [(5, 5), (None, None), ({"vtype": "UNDEFINED"}, None), ({"vtype": "OBJECT", "value": 3}, 3)],
)
def test_unpack(raw: object, result: object) -> None:
    assert values.unpack(raw, refuse) == result


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({"vtype": "RANDOM"}, "must be EXPRESSION, OBJECT or UNDEFINED, not 'RANDOM'"),
        ({}, "not None"),
        ({"vtype": "EXPRESSION"}, '"expr" must be a string, not null'),
        ({"vtype": "EXPRESSION", "expr": {"base64": "/w=="}}, "not UTF-8"),
        ({"vtype": "EXPRESSION", "expr": {"base64": "!"}}, "standard alphabet"),
    ],
)
def test_refused_forms(raw: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RefusedError, match=sentence):
        values.unpack(raw, refuse)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_anything_is_read_or_refused(value: object) -> None:
    for read in (values.integer, values.quantity):
        try:
            assert isinstance(read(value, "a number"), int)
        except RefusedError as error:
            assert len(error.problem) < 300
