"""Frames that are pushed, and captures that are played."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from scapy_server.captures.writing import write_capture
from tests.services.ports.rig import Refused, Rig, frame


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    frames = [frame(60 + index) for index in range(5)]
    (tmp_path / "five.pcap").write_bytes(write_capture(frames))
    rig = Rig(directory=str(tmp_path))
    rig.acquire()
    rig.events()
    return rig


def pushed(data: bytes, destination: bool = False, source: bool = False) -> dict[str, Any]:
    return {
        "binary": base64.b64encode(data).decode(),
        "use_port_dst_mac": destination,
        "use_port_src_mac": source,
    }


def remote(rig: Rig, name: str = "five.pcap", **params: Any) -> None:
    asked = {"ipg_usec": 1000.0, "speedup": 1.0, "count": 1, "duration": -1.0, **params}
    rig.call("push_remote", port_id=0, pcap_filename=name, **asked)


def received(rig: Rig) -> int:
    return int(rig.call("get_port_stats", port_id=1)["ipackets"])


def kept(rig: Rig) -> list[Any]:
    return list(rig.link.plane._taps[1].fetch(100).frames)


def test_frames_are_pushed_at_their_times(rig: Rig) -> None:
    rig.call("capture", command="start", limit=9, mode="fixed", tx=[0], rx=[])
    rig.now = 1.0
    result = rig.call(
        "push_pkts", port_id=0, pkts=[pushed(frame()), pushed(frame(), True, True)], ipg_usec=1000
    )
    assert result == {"sent": 2, "ts": 1.0}
    rig.run_to(2.0)
    first, second = kept(rig)
    assert (first.time, second.time) == (1.0, 1.001)
    assert first.data == frame()
    assert second.data[:12].hex() == "020000000011020000000010"
    assert received(rig) == 2
    assert rig.kinds() == []


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"pkts": [pushed(b"x")]}, "Bad packet size provided: 1. Should be between 14 and 9238"),
        ({"pkts": [1, 2], "ipg_usec": 600_000}, "exceeds the limit of 1 second"),
        ({"pkts": [{}]}, "field 'binary' value is null"),
    ],
)
def test_what_cannot_be_pushed(rig: Rig, params: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        rig.call("push_pkts", port_id=0, **params)


def test_a_capture_is_played_over_and_over(rig: Rig) -> None:
    remote(rig, count=3)
    assert rig.call("get_port_status", port_id=0)["state"] == "PCAP_TX"
    rig.run_to(1.0)
    assert received(rig) == 15
    assert rig.kinds() == [0, 4]
    assert rig.call("get_port_status", port_id=0)["state"] == "IDLE"


def test_its_own_pace_and_addresses_may_be_kept(rig: Rig) -> None:
    rig.call("capture", command="start", limit=9, mode="fixed", tx=[0], rx=[])
    remote(rig, ipg_usec=-1.0, speedup=0.5, count=1 | 1 << 31 | 1 << 30)
    rig.run_to(1.0)
    frames = kept(rig)
    assert [round(each.time * 1e6) for each in frames] == [0, 2, 4, 6, 8]
    assert frames[0].data == frame()


@pytest.mark.parametrize(
    ("params", "microseconds"),
    [
        ({"ipg_usec": 0.0}, [0, 0, 0, 0, 0]),
        ({"ipg_usec": 10.0, "min_ipg_usec": 500.0}, [0, 500, 1000, 1500, 2000]),
        ({"ipg_usec": 1000.0, "speedup": 2.0}, [0, 500, 1000, 1500, 2000]),
    ],
)
def test_frames_are_as_far_apart_as_is_asked_for(
    rig: Rig, params: dict[str, Any], microseconds: list[int]
) -> None:
    rig.call("capture", command="start", limit=9, mode="fixed", tx=[0], rx=[])
    remote(rig, **params)
    rig.run_to(1.0)
    assert [round(each.time * 1e6) for each in kept(rig)] == microseconds


def test_a_duration_or_a_stop_ends_it(rig: Rig) -> None:
    remote(rig, count=0, duration=0.0105)
    rig.run_to(1.0)
    assert received(rig) == 11
    remote(rig, count=0)
    with pytest.raises(Refused, match="'push_remote' cannot be executed on current state: 'PCAP"):
        remote(rig)
    rig.call("stop_traffic", port_id=0)
    rig.run_to(2.0)
    assert rig.kinds() == [0, 4, 0, 1]


@pytest.mark.parametrize("name", ["missing.pcap", "../five.pcap", "/etc/hostname"])
def test_what_is_not_there_is_an_event(rig: Rig, name: str) -> None:
    remote(rig, name)
    assert rig.kinds() == [0, 7, 4]
    assert rig.call("get_port_status", port_id=0)["state"] == "IDLE"


def test_two_ports_need_both_handlers(rig: Rig) -> None:
    with pytest.raises(Refused, match="incorrect or missing slave port handler"):
        remote(rig, is_dual=True)
    remote(rig, is_dual=True, slave_handler=rig.handlers[1])
    rig.run_to(1.0)
    assert sorted(rig.kinds()) == [0, 0, 4, 4]
