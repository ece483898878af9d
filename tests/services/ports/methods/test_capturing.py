"""Captures, as clients start, fetch and end them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from scapy_server import limits
from tests.services.ports.rig import Refused, Rig, burst, continuous, frame, stream


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.acquire()
    rig.add(1, stream(burst(10)))
    return rig


def start(rig: Rig, **params: Any) -> int:
    asked = {"limit": 100, "mode": "fixed", "tx": [0], "rx": [1], **params}
    return int(rig.call("capture", command="start", **asked)["capture_id"])


def fetch(rig: Rig, capture: int, count: int = 50) -> dict[str, Any]:
    result: dict[str, Any] = rig.call(
        "capture", command="fetch", capture_id=capture, pkt_limit=count
    )
    return result


def test_frames_are_kept_with_all_that_is_known_of_them(rig: Rig) -> None:
    capture = start(rig)
    rig.start()
    rig.run_to(1.0)
    stopped = rig.call("capture", command="stop", capture_id=capture)
    assert stopped == {"pkt_count": 20, "endpoint": ""}
    first = fetch(rig, capture, 1)
    assert first["pending"] == 19
    assert first["pkts"] == [
        {
            "ts": 0.0,
            "binary": base64.b64encode(frame()).decode(),
            "port": 0,
            "index": 1,
            "wirelen": 60,
            "origin": "TX",
        }
    ]
    rest = fetch(rig, capture)["pkts"]
    assert sorted(each["index"] for each in rest) == list(range(2, 21))
    assert {(each["port"], each["origin"]) for each in rest} == {(0, "TX"), (1, "RX")}
    rig.call("capture", command="remove", capture_id=capture)
    with pytest.raises(Refused, match="capture ID not found"):
        fetch(rig, capture)


def test_a_fixed_capture_keeps_the_first_and_a_cyclic_one_the_last(rig: Rig) -> None:
    kept = {}
    for mode in ("fixed", "cyclic"):
        capture = start(rig, mode=mode, limit=3, rx=[])
        rig.start()
        rig.run_to(rig.now + 1)
        rig.call("capture", command="stop", capture_id=capture)
        status = rig.call("capture", command="status")[-1]
        assert (status["matched"], status["count"], status["state"]) == (10, 3, "STOPPED")
        kept[mode] = [each["index"] for each in fetch(rig, capture)["pkts"]]
    assert kept == {"fixed": [1, 2, 3], "cyclic": [8, 9, 10]}


def test_filters_and_snap_lengths(rig: Rig) -> None:
    capture = start(rig, filter="udp and port 1025", snaplen=20)
    other = start(rig, filter="tcp")
    rig.start()
    rig.run_to(1.0)
    assert len(fetch(rig, other)["pkts"]) == 0
    kept = fetch(rig, capture)["pkts"]
    assert {(len(base64.b64decode(each["binary"])), each["wirelen"]) for each in kept} == {(20, 60)}


def test_the_status_lists_captures(rig: Rig) -> None:
    capture = start(rig, filter="udp")
    assert rig.call("capture", command="status") == [
        {
            "id": capture,
            "state": "ACTIVE",
            "matched": 0,
            "fetched": 0,
            "filter": {"tx": 1, "rx": 2, "bpf": "udp"},
            "count": 0,
            "bytes": 0,
            "limit": 100,
            "mode": "fixed",
        }
    ]


def test_there_are_only_so_many(rig: Rig) -> None:
    captures = [start(rig) for _ in range(int(limits.PORT_CAPTURES))]
    with pytest.raises(Refused, match="capture limit has reached"):
        start(rig)
    rig.call("capture", command="remove", capture_id=captures[0])
    assert start(rig) == captures[-1] + 1


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"filter": "nonsense"}, "BPF filter: 'nonsense' is not a valid pattern"),
        ({"mode": "cyclic", "limit": 0}, "'limit' of a cyclic capture cannot be zero"),
        ({"tx": [9]}, "invalid port id 9 - should be: 0 1"),
        ({"mode": "x"}, "field 'mode' can only be one of"),
    ],
)
def test_what_is_no_capture_is_refused(rig: Rig, params: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        start(rig, **params)
    assert rig.call("capture", command="status") == []


def test_bounds_are_kept(rig: Rig) -> None:
    rig.add(2, stream(continuous(1500)), port=1)
    capture = start(rig, limit=limits.CAPTURED_FRAMES + 1, tx=[1], rx=[])
    assert rig.call("capture", command="status")[0]["limit"] == limits.CAPTURED_FRAMES
    rig.start(port=1)
    rig.run_to(1.0)
    assert len(fetch(rig, capture, 10_000)["pkts"]) == limits.FETCHED_FRAMES
