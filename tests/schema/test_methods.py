"""What the service really says of itself has the shape that clients are promised."""

from __future__ import annotations

import msgspec

from scapy_server.rpc import Dispatcher
from scapy_server.schema.methods import MethodDescription, ParameterChoices, Version
from tests.services.packets.calling import call


def test_the_version(dispatcher: Dispatcher) -> None:
    version = msgspec.convert(call(dispatcher, "get_version", []), Version)
    assert version.version == "1.02"
    assert version.scapy_version


def test_a_version_of_the_original() -> None:
    assert msgspec.convert({"version": "1.02", "built_by": "x"}, Version).server_version == ""


def test_the_description_of_a_method(dispatcher: Dispatcher) -> None:
    described = call(dispatcher, "describe_method", ["build_pkt"])
    method = msgspec.convert(described, MethodDescription)
    assert method.parameters[0].name == "pkt_descriptor"


def test_choices_stand_in_a_member_called_map() -> None:
    assert msgspec.json.encode(ParameterChoices({"a": "b"})) == b'{"map":{"a":"b"}}'
