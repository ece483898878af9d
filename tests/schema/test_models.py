"""Typed models go over the wire as the documents have them."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from scapy_server.rpc import Dispatcher
from scapy_server.schema.models import FieldModel, LayerModel, PacketModel
from tests.services.packets.calling import call


def test_what_is_not_given_is_left_out() -> None:
    model = [LayerModel("Ether"), LayerModel("IP", [FieldModel("ttl", 9)])]
    assert json.loads(msgspec.json.encode(model)) == [
        {"id": "Ether"},
        {"id": "IP", "fields": [{"id": "ttl", "value": 9}]},
    ]


def test_a_model_that_was_read_is_typed(dispatcher: Dispatcher) -> None:
    found = msgspec.convert(call(dispatcher, "read_expression", ["Ether()/IP(ttl=9)"]), PacketModel)
    assert found == [LayerModel("Ether"), LayerModel("IP", [FieldModel("ttl", 9)])]


@pytest.mark.parametrize("change", [{"delete": True}, {"insert": True, "value": None}])
def test_changes(change: dict[str, Any]) -> None:
    field = msgspec.convert({"id": "options[1]", **change}, FieldModel)
    assert json.loads(msgspec.json.encode(field)) == {"id": "options[1]", **change}
