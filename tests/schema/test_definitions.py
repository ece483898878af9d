"""What the server really answers has the shape that clients are promised."""

from __future__ import annotations

import msgspec
import pytest

from scapy_server.rpc import Dispatcher
from scapy_server.schema.definitions import AllDatabases, DefinitionsResult
from tests.services.packets.calling import call


@pytest.mark.parametrize(
    ("method", "shape"), [("get_definitions", DefinitionsResult), ("get_all", AllDatabases)]
)
def test_an_answer_and_its_shape(
    method: str, shape: type[msgspec.Struct], dispatcher: Dispatcher
) -> None:
    params = [None] if method == "get_definitions" else []
    answer = call(dispatcher, method, params)
    typed = msgspec.convert(answer, shape)
    assert msgspec.to_builtins(typed) == answer
