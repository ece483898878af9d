"""Both clients are made of the same calls, and a call knows what its answer looks like."""

from __future__ import annotations

import inspect

import msgspec
import pytest

from scapy_server.client import AsyncClient, Client, ClientError
from scapy_server.client.calls import Call, Calls, encoded, packet_or_failure, request
from scapy_server.schema.results import Failed
from scapy_server.services.packets.table import METHODS

#: As Python writes them: `rpc.discover` is `rpc_discover`.
NAMES = [method.name.replace(".", "_") for method in METHODS]


@pytest.mark.parametrize("name", NAMES)
def test_every_method_has_its_call(name: str) -> None:
    taken = inspect.signature(getattr(Calls, name)).parameters
    examples = {
        parameter.name: b"" if "bytes" in str(parameter.annotation) else []
        for parameter in taken.values()
    }
    call = getattr(Calls, name)(**examples)
    assert call.method.replace(".", "_") == name


def test_both_clients_have_the_same_names() -> None:
    assert public(Client) == public(AsyncClient)
    assert {*NAMES, "build", "dissect", "read_pcap_page"} <= set(public(Client))


def public(client: type) -> list[str]:
    return sorted(name for name in vars(client) if not name.startswith("_"))


@pytest.mark.parametrize("name", public(Client))
def test_both_clients_take_the_same(name: str) -> None:
    plain, awaited = getattr(Client, name), getattr(AsyncClient, name)
    assert inspect.iscoroutinefunction(awaited)
    assert str(inspect.signature(plain).parameters) == str(inspect.signature(awaited).parameters)


def test_params_may_be_left_out() -> None:
    assert request("ping", msgspec.UNSET, 1) == {"id": 1, "jsonrpc": "2.0", "method": "ping"}


@pytest.mark.parametrize("value", [object(), {1j: 2}, "\ud800"])
def test_what_is_not_json(value: object) -> None:
    with pytest.raises(ClientError, match="cannot be sent as JSON"):
        encoded(request("ping", [value], 1))


@pytest.mark.parametrize("answer", [b"5", b'{"version": 5}', b"[[[["])
def test_an_answer_of_another_shape(answer: bytes) -> None:
    with pytest.raises(ClientError, match="the answer to get_version is not that of a Scapy"):
        Calls.get_version().read(msgspec.Raw(answer))


def test_any_answer() -> None:
    assert Call[object]("x", [], object).read(msgspec.Raw(b"[1]")) == [1]


def test_one_of_many_packets() -> None:
    failed = packet_or_failure({"error": {"code": -1, "message": "no"}})
    assert isinstance(failed, Failed)
    with pytest.raises(ClientError, match="the answer to build_pkts"):
        packet_or_failure({"binary": 5})
