"""Building and reconstructing, as clients ask for it. The packets themselves are tested in
tests/packet."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from scapy_server.rpc import Dispatcher
from tests.services.packets.calling import HANDLER, call, error, in_every_form

MODEL = [{"id": "Ether"}, {"id": "IP"}, {"id": "TCP"}]
DOCUMENTED = "AAAAAQAAAAAAAgAACABFAAAoAAEAAEAGOs4QAAABMAAAAQAUAFAAAAAAAAAAAFACIABPfQAA"


def ids(result: dict[str, Any]) -> list[str]:
    return [layer["id"] for layer in result["data"]]


def test_build_pkt(dispatcher: Dispatcher) -> None:
    result = in_every_form(dispatcher, "build_pkt", pkt_descriptor=MODEL)
    assert result["binary"] == DOCUMENTED
    assert ids(result) == ["Ether", "IP", "TCP"]
    assert result.keys() == {"binary", "data"}


def test_build_pkts(dispatcher: Dispatcher) -> None:
    bad = [{"id": "IP", "fields": [{"id": "ttl", "value": "999"}]}]
    models = [MODEL, bad, MODEL]
    good, refused, again = in_every_form(dispatcher, "build_pkts", pkt_descriptors=models)
    assert good == again == call(dispatcher, "build_pkt", [MODEL])
    assert refused["error"]["code"] == -32098
    assert "layer 0 (IP), field ttl: 999 is out of range" in refused["error"]["message"]


def test_reconstruct_pkt(dispatcher: Dispatcher) -> None:
    changes: list[Any] = [{"id": "Ether", "fields": [{"id": "dst", "value": "00:00:00:00:00:07"}]}]
    result = in_every_form(
        dispatcher, "reconstruct_pkt", binary_pkt=DOCUMENTED, model_descriptor=changes
    )
    assert base64.b64decode(result["binary"])[:6] == b"\0\0\0\0\0\7"
    assert ids(result) == ["Ether", "IP", "TCP"]


def test_reconstruct_pkt_without_changes(dispatcher: Dispatcher) -> None:
    result = in_every_form(dispatcher, "reconstruct_pkt", binary_pkt=DOCUMENTED)
    assert result["binary"] == DOCUMENTED
    nothings: list[Any] = [[], None]
    for nothing in nothings:
        assert call(dispatcher, "reconstruct_pkt", [DOCUMENTED, nothing]) == result
        assert call(dispatcher, "reconstruct_pkt", [HANDLER, DOCUMENTED, nothing]) == result


def test_nothing_left(dispatcher: Dispatcher) -> None:
    delete = [{"id": "Ether", "delete": True}]
    result = call(dispatcher, "reconstruct_pkt", [HANDLER, DOCUMENTED, delete])
    assert result == {"data": [], "binary": None}


@pytest.mark.parametrize(
    ("method", "params", "code", "said"),
    [
        ("build_pkt", [[]], -32098, "at least one layer"),
        ("build_pkt", [[{"id": "Nope"}]], -32098, "layer 0 (Nope)"),
        ("build_pkt", [[{}]], -32098, "layer 0"),
        ("build_pkt", ["Ether()"], -32098, "version handler"),
        ("build_pkt", [], -32603, "pkt_descriptor"),
        ("build_pkt", [{"id": "Ether"}], -32603, "must be an array, not an object"),
        ("build_pkt", {"model": MODEL}, -32603, "no parameter 'model'"),
        ("build_pkt_ex", [MODEL, []], -32603, "extra_options of build_pkt_ex must be an object"),
        ("reconstruct_pkt", [5], -32603, "binary_pkt of reconstruct_pkt must be a string"),
        ("reconstruct_pkt", ["!!!!"], -32098, "base64"),
        ("reconstruct_pkt", [HANDLER, "!!!!", []], -32098, "base64"),
        ("reconstruct_pkt", ["AA\u00e4="], -32098, "base64"),
        ("reconstruct_pkt", [""], -32098, ""),
        ("reconstruct_pkt", [DOCUMENTED, [{"id": "IP"}]], -32098, "layer 0 (IP)"),
        ("reconstruct_pkt", ["junk", DOCUMENTED, []], -32098, "version handler 'junk'"),
    ],
)
def test_errors(dispatcher: Dispatcher, method: str, params: Any, code: int, said: str) -> None:
    found, message = error(dispatcher, method, params)
    assert (found, said in message) == (code, True), message
