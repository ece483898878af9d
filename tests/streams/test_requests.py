from __future__ import annotations

from typing import Any

import pytest

from scapy_server import limits
from scapy_server.errors import InvalidParams, RefusedError
from scapy_server.streams.refusals import StreamRefused
from scapy_server.streams.requests import run_request, run_requests
from scapy_server.streams.traffic import Setting, Traffic
from tests.streams.support import burst, raw_stream

RAW = {"type": "raw", "op": "abs", "value": 1}
START = {"port_id": 0, "mul": RAW, "duration": 1, "force": True}


def traffic(*streams: dict[str, Any], start: dict[str, Any] | None = None) -> Traffic:
    made = Traffic(Setting(cores=2))
    for number, stream in enumerate(streams or (raw_stream(),), 1):
        run_request(made, "add_stream", {"port_id": 0, "stream_id": number, "stream": stream})
    if start is not None:
        run_request(made, "start_traffic", START | start)
    return made


def refused(made: Traffic, method: str, params: dict[str, Any]) -> str:
    with pytest.raises(StreamRefused) as refusal:
        run_request(made, method, {"port_id": 0} | params)
    return refusal.value.engine_text


def test_answers_are_those_of_the_engine() -> None:
    made = traffic()
    assert run_request(made, "start_traffic", START) == {"multiplier": 1.0}
    mul = {"type": "pps", "op": "abs", "value": 500}
    update = {"port_id": 0, "mul": mul, "force": True}
    assert run_request(made, "update_traffic", update) == {"multiplier": 5.0}
    update["stream_ids"] = [1]
    assert run_request(made, "update_streams", update) == {"multiplier": 5.0}
    assert run_request(made, "stop_traffic", {"port_id": 0}) == {}
    assert made.state(0, "_") == "STREAMS"
    assert run_request(made, "remove_stream", {"port_id": 0, "stream_id": 1}) == {}
    assert run_request(made, "remove_all_streams", {"port_id": 0}) == {}
    assert made.state(0, "_") == "IDLE"


def test_pausing_and_resuming() -> None:
    made = traffic(start={"duration": -1})
    run_request(made, "pause_traffic", {"port_id": 0})
    assert made.state(0, "_") == "PAUSE"
    text = "command 'pause' cannot be executed on current state: 'PAUSE on profile_id(_)."
    assert refused(made, "pause_traffic", {}) == text
    run_request(made, "resume_traffic", {"port_id": 0})
    assert made.state(0, "_") == "TX"
    run_request(made, "pause_streams", {"port_id": 0, "stream_ids": [1]})
    run_request(made, "resume_streams", {"port_id": 0, "stream_ids": [1]})
    assert refused(made, "pause_streams", {"stream_ids": []}) == "please specify streams to pause"
    assert (
        refused(made, "resume_streams", {"stream_ids": [4]})
        == "resume_streams: stream 4 does not exists in profile_id(_)"
    )
    assert refused(traffic(start={}), "pause_traffic", {}).startswith(" pause is supported when d")
    bursts = traffic(raw_stream(mode=burst(5)), start={"duration": 0})
    assert refused(bursts, "pause_traffic", {}).startswith(" pause is supported when all")


@pytest.mark.parametrize(
    ("method", "params", "text"),
    [
        (
            "add_stream",
            {"stream_id": 9, "stream": raw_stream()},
            "command 'add_stream' cannot be executed on current state: 'TX on profile_id(_).",
        ),
        (
            "remove_all_streams",
            {},
            "command 'remove_and_delete_all_streams' cannot be executed on current state: "
            "'TX on profile_id(_).",
        ),
        ("start_traffic", START, "command 'start' cannot be executed on current state: 'TX on "),
        (
            "start_traffic",
            START | {"core_mask": 4},
            "core_mask: '0x4' for 2 cores generates an empty set",
        ),
        ("start_traffic", START | {"force": 1}, "'force' is 'int', expecting 'bool'"),
        ("stop_traffic", {"profile_id": "x"}, "profile_id x does not exists"),
        ("update_traffic", {"mul": RAW}, "field 'force' value is null"),
        ("pause_traffic", {"port_id": 256}, "'port_id' has size bigger than uint8."),
        (
            "update_streams",
            {"mul": RAW | {"op": "add"}, "force": True, "stream_ids": [1]},
            "Must use absolute multiplier for updating stream",
        ),
        (
            "update_streams",
            {"mul": RAW, "force": True, "stream_ids": [7]},
            "update_streams: stream 7 does not exists in profile_id(_)",
        ),
        ("update_streams", {"mul": RAW, "force": True, "stream_ids": ["a"]}, "'array element: 1 '"),
    ],
)
def test_refusals(method: str, params: dict[str, Any], text: str) -> None:
    assert refused(traffic(start={}), method, params).startswith(text)


def test_arrays_of_requests_are_located() -> None:
    add = {"method": "add_stream", "params": {"port_id": 0, "stream_id": 1}}
    with pytest.raises(RefusedError) as refusal:
        run_requests(Traffic(), [add])
    assert refusal.value.where == ("request 0 (add_stream)",)
    with pytest.raises(RefusedError, match="there is no command 'ping' here"):
        run_requests(Traffic(), [{"method": "ping"}])
    with pytest.raises(InvalidParams, match="request 0: a request is an object"):
        run_requests(Traffic(), [1])


def test_arrays_of_requests_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = limits.Limit(2, limits.PROFILE_REQUESTS.unit, limits.PROFILE_REQUESTS.meaning)
    monkeypatch.setattr(limits, "PROFILE_REQUESTS", bound)
    nothing = {"method": "remove_all_streams", "params": {"port_id": 0}}
    run_requests(Traffic(), [nothing] * 2)
    with pytest.raises(RefusedError, match="at most 2 requests"):
        run_requests(Traffic(), [nothing] * 3)


def test_what_all_cores_share_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = limits.Limit(4, limits.PROFILE_SHARES.unit, limits.PROFILE_SHARES.meaning)
    monkeypatch.setattr(limits, "PROFILE_SHARES", bound)
    traffic(raw_stream(), raw_stream(), start={})
    with pytest.raises(RefusedError, match="at most 4 streams"):
        traffic(raw_stream(), raw_stream(), raw_stream(), start={})


def test_an_empty_profile_cannot_be_started() -> None:
    text = "command 'start' cannot be executed on current state: 'IDLE on profile_id(_)."
    assert refused(Traffic(), "start_traffic", START) == text
