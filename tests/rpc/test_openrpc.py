"""The OpenRPC document of a small table; tests/services holds that of the packet service."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from scapy_server.errors import ErrorCode
from scapy_server.rpc import Example, JsonType, Method, Parameter
from scapy_server.rpc.openrpc import document
from tests.rpc.openrpc import faults, misfits


class Point(msgspec.Struct):
    """A place."""

    x: int
    y: int = 0


class Line(msgspec.Struct):
    """From place to place."""

    ends: list[Point]


NUMBER = Parameter("number", (JsonType.NUMBER,), "any")
PLACE = Parameter("place", (JsonType.OBJECT, JsonType.NULL), "where", False, Point | None)


def described(method: Method, example: Example | None = None) -> dict[str, Any]:
    examples = {} if example is None else {method.name: example}
    found = document("Small", "7", [method], examples)
    assert faults(found) == []
    return found


def method(shape: Any, *parameters: Parameter) -> Method:
    return Method("move", print, "Move it.", "where it is", parameters, shape=shape)


def test_a_method() -> None:
    found = described(method(str, NUMBER))
    (entry,) = found["methods"]
    assert entry["params"] == [
        {
            "name": "number",
            "description": "any",
            "required": True,
            "schema": {"type": ["number"]},
        }
    ]
    assert entry["result"]["schema"] == {"type": "string"}
    assert (found["info"]["title"], found["info"]["version"]) == ("Small", "7")


@pytest.mark.parametrize(
    ("shape", "fits", "does_not"),
    [
        (Point, {"x": 1}, {"y": 1}),
        (list[Point | Line], [{"x": 1}, {"ends": [{"x": 1}]}], [{"ends": [{"y": 2}]}]),
        (dict[str, tuple[int, list[str]]] | bool, {"a": [1, ["b"]]}, {"a": [[], 1]}),
        (bytes, "AA==", 5),
        (Any, None, None),
    ],
)
def test_shapes(shape: Any, fits: object, does_not: object) -> None:
    found = described(method(shape))
    schema = found["methods"][0]["result"]["schema"]
    assert misfits(found, schema, fits) == []
    assert shape is Any or misfits(found, schema, does_not)


def test_a_parameter_with_a_shape() -> None:
    found = described(method(str, PLACE))
    schema = found["methods"][0]["params"][0]["schema"]
    assert misfits(found, schema, {"x": 1}) == misfits(found, schema, None) == []
    assert misfits(found, schema, {"x": "1"})


def test_errors() -> None:
    found = described(method(str))
    codes = {error["code"] for error in found["components"]["errors"].values()}
    assert codes == set(map(int, ErrorCode))
    assert found["methods"][0]["errors"] == [{"$ref": "#/components/errors/UnknownError"}]
    assert len(described(method(str, NUMBER))["methods"][0]["errors"]) == 4


def test_an_example() -> None:
    (found,) = described(method(str, NUMBER), Example([5], "there"))["methods"]
    assert found["examples"] == [
        {
            "name": "move",
            "params": [{"name": "number", "value": 5}],
            "result": {"name": "result", "value": "there"},
        }
    ]
    (found,) = described(method(str, NUMBER), Example([5]))["methods"]
    assert "result" not in found["examples"][0]


def test_a_document_that_is_none() -> None:
    assert faults({"openrpc": "1.3.2", "methods": []})
