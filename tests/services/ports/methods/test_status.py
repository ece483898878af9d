"""What a port is and does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.ports.rig import MACS, Rig, burst, continuous, counted, frame, stream


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.acquire(user="me")
    return rig


def status(rig: Rig, **params: Any) -> dict[str, Any]:
    found: dict[str, Any] = rig.call("get_port_status", port_id=0, **params)
    return found


def test_owner_state_and_streams(rig: Rig) -> None:
    assert (status(rig)["owner"], status(rig)["state"]) == ("me", "IDLE")
    rig.add(7, stream(continuous(10)))
    found = status(rig)
    assert (found["state"], found["max_stream_id"], found["profile_count"]) == ("STREAMS", 7, 1)
    rig.start()
    assert status(rig)["state"] == "TX"
    rig.call("release", port_id=1)
    assert rig.call("get_port_status", port_id=1)["owner"] == ""


def test_profiles_are_told_when_they_are_asked_for(rig: Rig) -> None:
    rig.add(1, stream(continuous(10)), profile="a")
    assert status(rig, profile_id="*")["state_profile"] == {"_": "IDLE", "a": "STREAMS"}
    assert status(rig, profile_id="a")["state_profile"] == "STREAMS"
    assert "state_profile" not in status(rig, profile_id="nope")
    assert "state_profile" not in status(rig)


def test_what_the_receive_side_does(rig: Rig) -> None:
    idle = status(rig)["rx_info"]
    assert [name for name, part in idle.items() if part["is_active"]] == ["stack"]
    rig.call("service", port_id=0, enabled=True)
    rig.call("set_rx_feature", port_id=0, type="queue", enabled=True, size=50)
    rig.call("set_l3", port_id=0, src_addr="1.1.1.1", dst_addr="1.1.1.2")
    found = status(rig)
    assert found["service"] is True
    assert found["rx_info"]["queue"] == {"is_active": True, "size": 50, "count": 0}
    rig.add(1, stream(burst(60)), port=1)
    rig.start(port=1)
    rig.run_to(0.041)
    assert status(rig)["rx_info"]["queue"]["count"] == 41
    rig.run_to(0.1)
    assert status(rig)["rx_info"]["queue"]["count"] == 50


@pytest.mark.parametrize(
    ("resolved", "announced"),
    [
        ("02:11:22:33:44:55", {"is_active": True, "interval_sec": 120}),
        (MACS[1].hex(":"), {"is_active": False}),
        (None, {"is_active": False}),
    ],
)
def test_addresses_are_told_to_neighbours_that_are_known_and_not_ours(
    rig: Rig, resolved: str | None, announced: dict[str, Any]
) -> None:
    rig.call("set_l3", port_id=0, src_addr="1.1.1.1", dst_addr="1.1.1.2", resolved_mac=resolved)
    rig.call("capture", command="start", limit=9, mode="fixed", tx=[0], rx=[])
    assert status(rig)["rx_info"]["grat_arp"] == announced
    rig.run_to(250.0)
    kept = rig.call("capture", command="fetch", capture_id=1, pkt_limit=9)["pkts"]
    assert [round(each["ts"]) for each in kept] == [120, 240] * announced["is_active"]
    rig.call("set_l2", port_id=0, dst_mac="02:11:22:33:44:55")
    assert status(rig)["rx_info"]["grat_arp"] == {"is_active": False}


def test_latency_is_measured_while_there_is_a_group_for_it(rig: Rig) -> None:
    rig.add(1, stream(continuous(10), flow_stats=counted(5)))
    assert status(rig)["rx_info"]["latency"] == {"is_active": False}
    rig.add(2, stream(continuous(10), frame(100), flow_stats=counted(6, "latency")))
    assert status(rig)["rx_info"]["latency"] == {"is_active": True}
