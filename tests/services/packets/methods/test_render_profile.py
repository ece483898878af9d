"""Packets of whole profiles, as clients ask for them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from scapy_server import limits
from scapy_server.rpc import Dispatcher
from tests.services.packets.calling import call, error, in_every_form
from tests.streams.recordings import Case, expected, generated, requests_of
from tests.streams.support import burst, raw_stream

RANDOM = {
    "instructions": [
        {"type": "flow_var", "name": "v", "size": 1, "op": "random", "step": 1}
        | {"init_value": 0, "min_value": 0, "max_value": 200},
        {"type": "write_flow_var", "name": "v", "pkt_offset": 29, "add_value": 0}
        | {"is_big_endian": True},
    ]
}


def started(*streams: dict[str, Any], duration: float = -1) -> list[dict[str, Any]]:
    add = [
        {"method": "add_stream", "params": {"port_id": 0, "stream_id": number, "stream": stream}}
        for number, stream in enumerate(streams, 1)
    ]
    mul = {"type": "raw", "op": "abs", "value": 1}
    start = {"port_id": 0, "mul": mul, "duration": duration, "force": True}
    return [*add, {"method": "start_traffic", "params": start}]


def options_of(case: Case) -> dict[str, Any]:
    options = {"cores": case["cores"], "limit": case["limit"], "count": 1000}
    return options | ({"speed": case["speed"]} if case.get("speed") else {})


@pytest.mark.parametrize(
    "name", ["chain_loop_2", "fuzz_30", "fuzzg_5", "mc2_mask_lat", "speed_1000_pct", "mul_lat_pps"]
)
def test_what_was_recorded(name: str, dispatcher: Dispatcher) -> None:
    case = generated()[name]
    result = call(dispatcher, "render_profile", [requests_of(case), options_of(case)])
    for core, (packets, ended) in expected(case).items():
        assert [
            (p["time"], p["stream_id"], base64.b64decode(p["binary"]))
            for p in result["packets"]
            if p["core"] == core
        ] == [(time, stream, frame) for time, _, stream, frame in packets]
        assert [end["ended"] for end in result["ended"] if end["core"] == core] == ended
    assert [rate["port"] for rate in result["rate"]] == [g["port_id"] for g in case["groups"]]


def test_pages_are_parts_of_the_whole(dispatcher: Dispatcher) -> None:
    requests = requests_of(generated()["fuzzg_5"])
    options = options_of(generated()["fuzzg_5"])
    whole = call(dispatcher, "render_profile", [requests, options])
    part = call(dispatcher, "render_profile", [requests, options | {"start": 7, "count": 9}])
    assert part["packets"] == whole["packets"][7:16]
    assert part["ended"] == whole["ended"]
    beyond = call(dispatcher, "render_profile", [requests, options | {"start": 10_000}])
    assert beyond["packets"] == []


def test_members_and_forms(dispatcher: Dispatcher) -> None:
    requests = started(raw_stream(mode=burst(3), vm=RANDOM), duration=1)
    result = in_every_form(dispatcher, "render_profile", requests=requests, options={"count": 2})
    packet = {"time": 0.0, "ns": 0, "port": 0, "profile": "_", "core": 0, "stream_id": 1}
    first = result["packets"][0]
    assert first.items() >= (packet | {"length": 66}).items()
    assert first.keys() == packet.keys() | {"length", "binary"}
    assert result["ended"] == [{"ended": 0.02, "port": 0, "profile": "_", "core": 0}]
    assert result["rate"][0]["rate"]["max_pps"] == 1
    assert result["rate"][0]["graph"]["events_count"] == 2
    assert [warning["code"] for warning in result["warnings"]] == ["clock_seed"]


def test_changes_are_told_instead_of_bytes(dispatcher: Dispatcher) -> None:
    requests = started(raw_stream(vm=RANDOM, flags=0))
    options = {"count": 2, "detail": "changes"}
    packets = call(dispatcher, "render_profile", [requests, options])["packets"]
    assert "binary" not in packets[0]
    changed = {(change["layer"], change["field"]) for change in packets[0]["changes"]}
    assert changed == {("Ether", "dst"), ("Ether", "src"), ("IP", "src")}


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ({"count": 1001}, -32098, "at most 1000 packets"),
        ({"count": 201, "detail": "changes"}, -32098, "at most 200 packets"),
        ({"start": -1}, -32098, "start must be at least 0"),
        ({"cores": 0}, -32098, "cores must be at least 1"),
        ({"cores": 65}, -32098, "at most 64 cores"),
        ({"limit": 0}, -32098, "limit must be at least 1"),
        ({"speed": 0}, -32098, "speed must be bits a second above 0"),
        ({"speed": "fast"}, -32603, "speed must be a number"),
        ({"start": 1.5}, -32603, "start must be a whole number"),
        ({"detail": "tree"}, -32603, "detail must be one of bytes or changes"),
        ({"counts": 1}, -32603, "there is no option 'counts'; did you mean"),
    ],
)
def test_options_are_checked(
    options: dict[str, Any], code: int, said: str, dispatcher: Dispatcher
) -> None:
    requests = started(raw_stream(mode={"type": "continuous", "rate": {"type": "pps", "value": 1}}))
    got, message = error(dispatcher, "render_profile", [requests, options])
    assert got == code
    assert said in message


def test_what_lies_before_a_page_is_bounded(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PROFILE_EVENTS", limits.Limit(1000, "events", ""))
    mode = {"type": "continuous", "rate": {"type": "pps", "value": 1e6}}
    requests = started(raw_stream(mode=mode))
    code, message = error(dispatcher, "render_profile", [requests, {"start": 1 << 40}])
    assert code == -32098
    assert "as many as one answer takes" in message


def test_refusals_are_located(dispatcher: Dispatcher) -> None:
    requests = started(raw_stream(mode=burst(5), name="b", next_stream_id=9))
    code, message = error(dispatcher, "render_profile", [requests])
    assert code == -32098
    assert 'request 1 (start_traffic), stream 1 (b): "next_stream_id"' in message
    code, message = error(dispatcher, "render_profile", [[{"method": "ping"}]])
    assert "there is no command 'ping' here" in message


def test_nothing_visible_is_bounded_too(dispatcher: Dispatcher) -> None:
    silent = raw_stream(
        flags=11, mode={"type": "continuous", "rate": {"type": "pps", "value": 1e9}}
    )
    slow = raw_stream(isg=1e12)
    message = error(dispatcher, "render_profile", [started(silent, slow)])[1]
    assert "0 packets were sent" in message
