from __future__ import annotations

from typing import Any

import pytest

from scapy_server.streams.members import Members, engine_type
from scapy_server.streams.refusals import StreamRefused


def read(kind: str, value: Any) -> Any:
    members = Members({"x": value})
    if kind == "bool":
        return members.flag("x")
    if kind == "string":
        return members.text("x")
    if kind in ("double", "unsigned double"):
        return members.number("x", signed=kind == "double")
    if kind == "object":
        return members.inner("x").raw
    if kind == "array":
        return members.array("x")
    return members.whole("x", kind)


@pytest.mark.parametrize(
    ("kind", "value", "read_as"),
    [
        ("bool", False, False),
        ("string", "a", "a"),
        ("double", -1, -1.0),
        ("unsigned double", 0, 0.0),
        ("int", -3, -3),
        ("int", 2.0, 2),
        ("byte", 255, 255),
        ("uint16", 65535, 65535),
        ("uint32", 0xFFFFFFFF, 0xFFFFFFFF),
        ("uint64", (1 << 64) - 1, (1 << 64) - 1),
        ("object", {"a": 1}, {"a": 1}),
        ("array", [1], [1]),
    ],
)
def test_members_are_read_as_the_engine_reads_them(kind: str, value: Any, read_as: Any) -> None:
    assert read(kind, value) == read_as


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("uint32", None, "field 'x' value is null"),
        ("uint32", "1", "'x' is 'string', expecting 'uint32'"),
        ("byte", True, "'x' is 'boolean', expecting 'byte'"),
        ("byte", -1, "'x' is 'int', expecting 'byte'"),
        ("int", 1.5, "'x' is 'double', expecting 'int'"),
        ("byte", 256, "'x' has size bigger than uint8."),
        ("uint16", 65536, "'x' has size bigger than uint16."),
        ("uint32", 1 << 32, "'x' has size bigger than uint32."),
        ("unsigned double", -0.5, "'x' has negative value."),
        ("double", False, "'x' is 'boolean', expecting 'double'"),
        ("double", 10**400, "'x' is 'uint', expecting 'double'"),
        ("bool", 1, "'x' is 'int', expecting 'bool'"),
        ("string", {}, "'x' is 'object', expecting 'string'"),
        ("object", [], "'x' is 'array', expecting 'object'"),
        ("array", 1.0, "'x' is 'double', expecting 'array'"),
    ],
)
def test_what_is_wrong_is_said_in_both_tongues(kind: str, value: Any, text: str) -> None:
    with pytest.raises(StreamRefused) as refusal:
        read(kind, value)
    assert refusal.value.engine_text == text
    assert refusal.value.path == ("x",)
    assert '"x"' in refusal.value.problem


def test_a_null_member_is_a_missing_one() -> None:
    members = Members({"x": None})
    assert not members.given("x")
    assert members.whole("x", default=7) == 7
    assert members.text("y", "z") == "z"


def test_a_choice_is_one_of_its_texts() -> None:
    members = Members({"x": "b"})
    assert members.choice("x", ("a", "b")) == "b"
    with pytest.raises(StreamRefused) as refusal:
        members.choice("x", ("a", "c"), parameter=True)
    assert refusal.value.engine_text == "field 'x' can only be one of ['a' ,'c']"
    assert refusal.value.parameter
    with pytest.raises(StreamRefused, match="missing"):
        members.choice("y", ("a",))


def test_what_is_no_object_has_no_members() -> None:
    with pytest.raises(StreamRefused) as refusal:
        Members([], ("stream",))
    assert refusal.value.engine_text == "'stream' is 'array', expecting 'object'"


def test_types_are_named_as_the_engine_names_them() -> None:
    values: list[Any] = [None, True, 1, 1 << 63, 1.0, "", {}, []]
    names = [engine_type(value) for value in values]
    assert names == ["null", "boolean", "int", "uint", "double", "string", "object", "array"]
