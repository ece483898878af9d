"""The handshake, ping and shut_down."""

from __future__ import annotations

import json
from typing import Any

import pytest
from scapy.config import conf

from scapy_server.rpc import Dispatcher
from scapy_server.services.packets.methods.about import VERSION_HANDLER
from tests.services.packets.calling import call, error


def test_get_version(dispatcher: Dispatcher) -> None:
    version = call(dispatcher, "get_version", [])
    assert version["version"] == "1.02"
    assert conf.version.startswith(version["scapy_version"])
    assert version.keys() == {
        "version",
        "built_by",
        "build_date",
        "build_time",
        "server_version",
        "scapy_version",
    }
    assert all(isinstance(text, str) and text for text in version.values())
    assert call(dispatcher, "get_version") == version


def test_the_handshake_of_the_gui(dispatcher: Dispatcher) -> None:
    reply = dispatcher.handle(b'{"jsonrpc":"2.0","id":"1","method":"get_version"}')
    parts = json.loads(reply.data)["result"]["version"].split(".")
    assert call(dispatcher, "get_version_handler", parts) == VERSION_HANDLER
    assert VERSION_HANDLER == "gCpT7kGF+TG7Jmm90XmxdQ=="


@pytest.mark.parametrize(
    "params", [["1", "01"], ["10", "2"], ["1", "2"], ["", ""], ["x" * 999, "1"]]
)
def test_other_versions_are_refused(dispatcher: Dispatcher, params: list[Any]) -> None:
    code, message = error(dispatcher, "get_version_handler", params)
    assert code == -32098
    assert "this server speaks 1.02" in message


@pytest.mark.parametrize("params", [[], ["1"], [1, 2], ["1", "0", "2"], {"major": "1"}])
def test_other_parameters_are_invalid(dispatcher: Dispatcher, params: Any) -> None:
    assert error(dispatcher, "get_version_handler", params)[0] == -32603


def test_ping(dispatcher: Dispatcher) -> None:
    nothings: list[Any] = [None, [], {}]
    for params in nothings:
        assert call(dispatcher, "ping", params) == {}


@pytest.mark.parametrize("params", [None, [], ["now", 1], {"a": 1}, "text"])
def test_shut_down_takes_anything(dispatcher: Dispatcher, params: Any) -> None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "shut_down", "params": params}
    reply = dispatcher.handle(json.dumps(request).encode())
    assert reply.shut_down
    assert isinstance(json.loads(reply.data)["result"], str)
