"""Requests, replies, and who may ask for what."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server import limits
from tests.services.ports.rig import Refused, Rig


def asked(rig: Rig, **members: Any) -> Any:
    return rig.raw({"jsonrpc": "2.0", "id": 1, "method": "ping", **members})


def test_a_reply_has_the_id_of_its_request() -> None:
    rig = Rig()
    rig.now = 2.5
    assert asked(rig, id="abc") == {"jsonrpc": "2.0", "id": "abc", "result": {"ts": 2.5}}


@pytest.mark.parametrize(
    ("message", "code", "text"),
    [
        ({"jsonrpc": "2.0", "method": "ping"}, -32600, "Missing 'id' field"),
        ({"jsonrpc": "2.0", "method": "ping", "id": None}, -32600, "Missing 'id' field"),
        ({"method": "ping", "id": 1}, -32600, "Invalid JSONRPC Version"),
        ({"jsonrpc": "2.0", "id": 1}, -32600, "Missing Method Name"),
        ({"jsonrpc": "2.0", "id": 1, "method": ""}, -32600, "Missing Method Name"),
        ({"jsonrpc": "2.0", "id": 1, "method": 5}, -32601, "Method 5 not registered"),
        ({"jsonrpc": "2.0", "id": 1, "method": "nope"}, -32601, "Method nope not registered"),
        (7, -32600, "a request is an object"),
        ([], -32600, "a batch holds at least one request"),
    ],
)
def test_what_is_no_request_is_told_so(message: object, code: int, text: str) -> None:
    error = Rig().raw(message)["error"]
    assert error["code"] == code
    assert text in (error["message"], error.get("specific_err", error["message"]))


def test_what_is_no_json_is_told_so() -> None:
    reply = json.loads(Rig().control.handle(b"{").data)
    assert reply["error"] == {"code": -32700, "message": "Bad JSON Format"}


def test_a_batch_is_answered_in_order_and_one_alone_bare() -> None:
    rig = Rig()
    calls = [
        {"jsonrpc": "2.0", "id": 1, "method": "ping"},
        {"jsonrpc": "2.0", "id": 2, "method": "nope"},
        {"jsonrpc": "2.0", "id": 3, "method": "ping"},
    ]
    replies = rig.raw(calls)
    assert [reply["id"] for reply in replies] == [1, 2, 3]
    assert ["error" in reply for reply in replies] == [False, True, False]
    assert rig.raw(calls[:1])["id"] == 1


def test_a_batch_can_be_answered_request_by_request() -> None:
    rig = Rig()
    call = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    work = rig.control.begin(json.dumps([call, call]).encode())
    work.step()
    assert not work.is_done
    work.step()
    assert work.is_done
    assert len(json.loads(work.answer.data)) == 2


def test_a_batch_has_a_bound() -> None:
    most = int(limits.PORTS_BATCH_REQUESTS)
    assert len(Rig().raw([1] * most)) == most
    error = Rig().raw([1] * (most + 1))["error"]
    assert f"a batch to a ports server holds at most {most} requests" in error["message"]


def test_the_replies_to_a_batch_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    most = limits.PORTS_REPLY_BYTES
    monkeypatch.setattr(limits, "PORTS_REPLY_BYTES", limits.Limit(1, most.unit, most.meaning))
    call = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    replies = Rig().raw([call] * 50)
    assert len(replies) == 50
    assert "result" in replies[0]
    assert all("replies to a batch" in reply["error"]["message"] for reply in replies[1:])


def test_each_of_many_wrong_requests_is_placed() -> None:
    rig = Rig()
    calls = [
        {"jsonrpc": "2.0", "id": n, "method": "api_sync_v2", "params": {"name": n}}
        for n in range(300)
    ]
    text = json.dumps(calls)
    for number, reply in enumerate(rig.raw(calls)):
        said = reply["error"]["specific_err"]
        offset = int(re.findall(r"error at offset: (\d+) - 'name'", said)[0])
        assert text[offset:].startswith(f"{number}}}")


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        (None, -32602, "field 'api_h' is missing"),
        ({}, -32602, "field 'api_h' value is null"),
        (
            {"api_h": 5},
            -32602,
            "error at offset: 71 - 'api_h' is 'int', expecting 'string'",
        ),
        (
            {"api_h": "wrong"},
            -32000,
            "API verification failed - API handler provided mismatch for class: 'common'",
        ),
    ],
)
def test_most_methods_want_the_version_handler(params: object, code: int, text: str) -> None:
    error = asked(Rig(), method="get_owner", params=params)["error"]
    assert (error["code"], error["specific_err"]) == (code, text)


def test_a_port_must_be_owned_to_be_used() -> None:
    rig = Rig()
    with pytest.raises(Refused, match="please acquire the port before modifying port state"):
        rig.call("release", port_id=0, handler="x")
    rig.acquire(0)
    with pytest.raises(Refused, match="not owned by you or your current executing session"):
        rig.call("release", port_id=0, handler="x")
    with pytest.raises(Refused, match="field 'handler' value is null"):
        rig.call("release", port_id=0, handler=None)
    rig.call("release", port_id=0)


def test_all_methods_of_the_real_server_are_there() -> None:
    rig = Rig()
    assert len(rig.call("get_supported_cmds")) == 69


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PARAMETERS = [
    "port_id", "handler", "stream_id", "stream", "profile_id", "mul", "duration", "force", "pkts",
    "command", "capture_id", "limit", "mode", "tx", "rx", "filter", "attr", "vlan", "pgids",
    "stream_ids", "session_id", "user", "enabled", "type", "size", "dst_mac", "src_addr",
]  # fmt: skip


@given(st.data())
def test_no_parameters_are_a_bug(data: st.DataObject) -> None:
    rig = Rig()
    rig.acquire()
    method = data.draw(st.sampled_from(sorted(rig.control.methods)))
    params = data.draw(st.dictionaries(st.sampled_from(PARAMETERS), json_values, max_size=6))
    params |= {"api_h": rig.control.api_handler}
    if data.draw(st.booleans()):
        params |= {"port_id": 0, "handler": rig.handlers[0]}
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    try:
        text = json.dumps(message, allow_nan=False).encode()
    except ValueError:
        return
    assert not rig.control.handle(text).bugs


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_message_is_a_bug(message: bytes) -> None:
    answer = Rig().control.handle(message)
    assert not answer.bugs
    json.loads(answer.data)
