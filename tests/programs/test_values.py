from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.errors import RefusedError
from scapy_server.programs import values


def refuse(source: str) -> object:
    raise RefusedError(f"not expected: {source}")


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5), ("5", 5), (" 7 ", 7), ("-1", -1), ("+3", 3), ("007", 7), (0, 0), ("0", 0),
        ("0x1F", 31), ("0X1f", 31), ("-0x10", -16), (2**64 - 1, 2**64 - 1),
        ("18446744073709551615", 2**64 - 1),
    ],
)  # fmt: skip
def test_integer(value: object, number: int) -> None:
    assert values.integer(value, "a number") == number
    assert values.quantity(value, "a number") == number


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "x",
        "1_000",
        "1e3",
        "0b1",
        "0x",
        "5L",
        "--1",
        "1.5",
        1.5,
        True,
        None,
        [],
        "9" * 3000,
    ],
)
def test_not_an_integer(value: object) -> None:
    with pytest.raises(RefusedError, match="is not a number"):
        values.integer(value, "a number")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("16.0.0.1", 0x10000001),
        ("255.255.255.255", 2**32 - 1),
        ("00:00:00:01:00:00", 65536),
        ("AA-bb-CC-dd-EE-ff", 0xAABBCCDDEEFF),
    ],
)
def test_addresses_are_quantities(text: str, number: int) -> None:
    assert values.quantity(text, "a number") == number


@pytest.mark.parametrize(
    "text",
    [
        "256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "::1", "tcp", "\u0661.1.1.1",
        "AA:BB-CC:DD:EE:FF", "a:b:c:d:e:f", "AA:BB:CC:DD:EE", "AABBCCDDEEFF",
    ],
)  # fmt: skip
def test_not_addresses(text: str) -> None:
    with pytest.raises(RefusedError):
        values.quantity(text, "a number")


@given(st.integers(0, 2**48 - 1), st.sampled_from(":-"), st.booleans())
def test_every_mac(number: int, separator: str, upper: bool) -> None:
    text = separator.join(f"{number:012x}"[i : i + 2] for i in range(0, 12, 2))
    assert values.quantity(text.upper() if upper else text, "a number") == number


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
