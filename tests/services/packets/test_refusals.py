"""Whose fault an exception is: that of what Scapy was given, or ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from scapy.layers.inet import IP

from scapy_server.errors import InvalidParams, RefusedError
from scapy_server.rpc import Dispatcher
from scapy_server.services.packets.refusals import refused_by_scapy, refusing

HOSTILE = sorted((Path(__file__).parent / "hostile").glob("*.json"))


def caught(do: Any) -> Exception:
    with pytest.raises(Exception) as error:
        do()
    return error.value


def test_what_scapy_raises_on_values_is_a_refusal() -> None:
    error = caught(IP(ttl="many").build)
    refusal = refused_by_scapy(error)
    assert refusal is not None
    assert "Scapy cannot work with these values" in refusal.message


def test_what_we_raise_is_a_bug() -> None:
    assert refused_by_scapy(caught(lambda: int("nothing"))) is None


def test_only_what_is_scapys_becomes_a_refusal() -> None:
    with pytest.raises(RefusedError, match="Scapy cannot work with these values"), refusing():
        IP(ttl="many").build()
    with pytest.raises(ValueError, match="nothing"), refusing():
        int("nothing")
    with pytest.raises(InvalidParams, match="ours"), refusing():
        raise InvalidParams("ours")


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.stem)
def test_requests_that_were_no_bugs(path: Path, dispatcher: Dispatcher) -> None:
    reply = json.loads(dispatcher.handle(path.read_bytes()).data)
    assert reply.get("error", {"code": 0})["code"] in {0, -32097, -32098, -32603}


@pytest.mark.parametrize(
    "expression",
    [
        'DHCP(options=ASN1_OID("1.3.6"))',
        "ECDSAPublicKey(ecPoint=-1|10**100)",
        '~+IPv6(src=RawVal(b"a"))',
        "STP(maxage=ICMPv6NDOptRDNSS(dns=ASN1_INTEGER(5)))",
        "SNAP(OUI=SvcParam(value=IP()),code=True)",
    ],
)
def test_expressions_that_were_no_bugs(expression: str, dispatcher: Dispatcher) -> None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "read_expression", "params": [expression]}
    reply = json.loads(dispatcher.handle(json.dumps(request).encode()).data)
    assert reply.get("error", {"code": 0})["code"] in {0, -32097, -32098}


def test_one_packet_of_a_list_costs_no_other(dispatcher: Dispatcher) -> None:
    hostile = json.loads((Path(__file__).parent / "hostile" / "b4a46b759f.json").read_bytes())
    models = hostile["params"][-1]
    request = {**hostile, "params": [[[{"id": "IP"}], *models, [{"id": "IP"}]]]}
    results = json.loads(dispatcher.handle(json.dumps(request).encode()).data)["result"]
    assert "data" in results[0]
    assert "data" in results[-1]
