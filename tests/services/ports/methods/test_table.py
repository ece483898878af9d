"""All methods, and what the engine's own control plane answered to the same requests.

`data/sessions.json.gz` has recorded sessions: rows of method, parameters and answer, of which
only what tells one row from the next is kept. Offsets in sentences are written N, as they
depend on how a request is spelled.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from scapy_server.services.ports.method import Method
from scapy_server.services.ports.methods.table import METHODS
from tests.ports_examples import exchanges
from tests.ports_rpc_page import taken
from tests.services.ports.rig import Refused, Rig, frame

Row = list[Any]
DATA = Path(__file__).parents[1] / "data" / "sessions.json.gz"
SESSIONS: list[list[Row]] = json.loads(gzip.decompress(DATA.read_bytes()))
_USUAL = {
    "flags": 3,
    "action_count": 0,
    "enabled": True,
    "self_start": True,
    "isg": 0.0,
    "next_stream_id": -1,
    "packet": {"binary": "<PKT60>", "meta": ""},
    "vm": {"instructions": []},
    "flow_stats": {"enabled": False},
}


def expanded(value: Any) -> Any:
    """A value with the packets that stand in it by their length."""
    if isinstance(value, dict):
        return {name: expanded(member) for name, member in value.items()}
    if isinstance(value, list):
        return [expanded(member) for member in value]
    match = re.fullmatch(r"<PKT(\d+)>", value) if isinstance(value, str) else None
    return base64.b64encode(frame(int(match[1]))).decode() if match else value


def parameters(short: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a row in full."""
    params = dict(short)
    if "stream" in params:
        own = dict(params["stream"])
        absent = own.pop("-", [])
        whole = {**_USUAL, **own}
        params["stream"] = {name: whole[name] for name in whole if name not in absent}
    return expanded(params)  # type: ignore[no-any-return]


def answered(rig: Rig, method: str, params: dict[str, Any]) -> Any:
    try:
        result = rig.call(method, **params)
    except Refused as refusal:
        return {"error": [refusal.code, re.sub(r"offset: \d+", "offset: N", refusal.text)]}
    return result


@pytest.mark.parametrize("session", SESSIONS, ids=range(len(SESSIONS)))
def test_recorded_sessions(session: list[Row]) -> None:
    rig = Rig(shown_cores=1)
    handlers: dict[str, str] = {}
    for method, short, expected in session:
        params = parameters(short)
        given = params.get("handler")
        if given is None and rig.control.methods[method].owned:
            params["handler"] = None
        elif given is not None:
            params["handler"] = handlers.get(given, given)
        result = answered(rig, method, params)
        if method == "acquire" and isinstance(expected, str):
            handlers[expected] = result
        elif isinstance(expected, dict) and "error" not in expected:
            found = {name: result[name] for name in expected}
            assert found == expected, (method, params)
        elif method == "get_profile_list":  # in any order
            assert sorted(result) == sorted(expected)
        else:
            assert result == expected, (method, params)


def test_names_are_told_apart() -> None:
    assert len({method.name for method in METHODS}) == len(METHODS)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_every_method_says_what_it_does(method: Method) -> None:
    assert method.summary
    assert not method.summary.endswith(".")


def test_every_method_has_an_example_of_its_parameters() -> None:
    """They stand on the page of methods, which a test compares with what is answered."""
    shown = exchanges()
    for method in METHODS:
        known = {each.name for each in taken(method)} | {"api_h", "handler"}
        given = [each.request["params"] for each in shown if each.method == method.name]
        assert given, method.name
        if not {"tpg", "updated"} & set(method.name.split("_")):  # those are refused unread
            assert set().union(*given) <= known, method.name


def test_examples_are_refused_only_where_there_is_nothing_of_the_kind() -> None:
    refused = {each.method for each in exchanges() if "error" in each.reply}
    nothing = {"conf_ns_batch", "get_async_results"}
    assert {name for name in refused if "tpg" not in name} - {"clear_updated"} == nothing
