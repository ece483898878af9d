"""Requests and replies of the dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scapy_server.services.ports.requests.envelope import (
    Call,
    Misformed,
    encoded,
    failure,
    fault,
    read_call,
    success,
)
from scapy_server.services.ports.requests.refusals import BadParameters, UnknownMethod

GOOD: dict[str, Any] = {"jsonrpc": "2.0", "id": 7, "method": "ping", "params": {"a": 1}}


@pytest.mark.parametrize("identifier", [0, 7, "x", 1.5, [1], {"a": 1}, False])
def test_any_id_but_null_will_do(identifier: object) -> None:
    assert read_call({**GOOD, "id": identifier}) == Call(identifier, "ping", {"a": 1})


def test_parameters_may_be_anything_or_absent() -> None:
    assert read_call({**GOOD, "params": 5}) == Call(7, "ping", 5)
    assert read_call({name: GOOD[name] for name in ("jsonrpc", "id", "method")}) == Call(
        7, "ping", None
    )


@pytest.mark.parametrize(
    ("change", "identifier", "title"),
    [
        ({"id": None}, None, "Missing 'id' field"),
        ({"jsonrpc": "1.0"}, 7, "Invalid JSONRPC Version"),
        ({"jsonrpc": 2.0}, 7, "Invalid JSONRPC Version"),
        ({"method": None}, 7, "Missing Method Name"),
        ({"method": ""}, 7, "Missing Method Name"),
        ({"method": 5}, 7, "Method 5 not registered"),
        ({"method": True}, 7, "Method true not registered"),
        ({"method": ["ping"]}, 7, "Error in JSON request: 'method' is no string"),
    ],
)
def test_what_is_no_request_says_why(
    change: dict[str, object], identifier: object, title: str
) -> None:
    read = read_call({**GOOD, **change})
    assert isinstance(read, Misformed)
    assert (read.id, read.refusal.title) == (identifier, title)


@pytest.mark.parametrize("element", [None, 7, "ping", [GOOD]])
def test_what_is_no_object_has_no_id(element: object) -> None:
    read = read_call(element)
    assert isinstance(read, Misformed)
    assert read.id is None


def test_replies() -> None:
    assert json.loads(encoded([success("a", {"ts": 1.5}), success(1, None)])) == [
        {"jsonrpc": "2.0", "id": "a", "result": {"ts": 1.5}},
        {"jsonrpc": "2.0", "id": 1, "result": None},
    ]
    assert failure(1, BadParameters("'x' is missing"))["error"] == {
        "code": -32602,
        "message": "Bad parameters for method",
        "specific_err": "'x' is missing",
    }
    assert failure(1, UnknownMethod("x"))["error"] == {
        "code": -32601,
        "message": "Method x not registered",
    }
    assert fault(None, -32700, "Bad JSON Format")["error"] == {
        "code": -32700,
        "message": "Bad JSON Format",
    }
