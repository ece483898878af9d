"""Every method has its example, which the server answers as it says, in the shape it names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scapy_server.rpc import Dispatcher
from scapy_server.services.packets.examples import examples
from scapy_server.services.packets.table import METHODS
from tests import rpc_examples
from tests.rpc.openrpc import faults, misfits
from tests.services.packets.calling import call, reply_to

NAMES = [method.name for method in METHODS]


@pytest.fixture(scope="module")
def document(dispatcher: Dispatcher) -> dict[str, Any]:
    found = call(dispatcher, "rpc.discover")
    assert isinstance(found, dict)
    return found


def test_every_method_has_one() -> None:
    assert list(examples()) == NAMES


def test_the_answers_are_those_of_today(dispatcher: Dispatcher) -> None:
    assert rpc_examples.FILE.read_text() == rpc_examples.text(dispatcher)


def test_the_meta_schema_finds_no_fault(document: dict[str, Any]) -> None:
    assert faults(document) == []
    assert [method["name"] for method in document["methods"]] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_parameters_and_answers_have_their_shapes(
    name: str, document: dict[str, Any], dispatcher: Dispatcher
) -> None:
    (method,) = (each for each in document["methods"] if each["name"] == name)
    example = examples()[name]
    for parameter, value in zip(method["params"], example.params, strict=False):
        assert misfits(document, parameter["schema"], value) == [], parameter["name"]
    result = example.result
    if example.is_open:
        result = reply_to(dispatcher, name, example.params).get("result")
    if result is not None:
        assert misfits(document, method["result"]["schema"], result) == []


def test_it_is_short_enough_to_read(document: dict[str, Any]) -> None:
    assert len(json.dumps(document)) < 100_000
