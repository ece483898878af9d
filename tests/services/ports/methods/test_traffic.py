"""Starting, changing and ending what is sent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.ports.rig import Refused, Rig, burst, continuous, counted, frame, stream

RAW_2 = {"type": "raw", "op": "abs", "value": 2.0}


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.acquire()
    rig.events()
    return rig


def sent(rig: Rig, port: int = 0) -> int:
    return int(rig.call("get_port_stats", port_id=port)["opackets"])


def test_a_burst_is_sent_counted_and_reported(rig: Rig) -> None:
    rig.add(1, stream(burst(1000)))
    assert rig.start() == {"multiplier": 1.0, "ts": 0.0}
    assert rig.kinds() == [10, 0]
    rig.run_to(0.4995)
    assert sent(rig) == 500
    rig.run_to(1.0)
    assert rig.kinds() == [14, 4]
    there, here = (rig.call("get_port_stats", port_id=port) for port in (0, 1))
    assert (there["opackets"], there["obytes"]) == (1000, 64_000)
    assert (here["ipackets"], here["ibytes"]) == (1000, 64_000)
    assert rig.call("get_port_status", port_id=0)["state"] == "STREAMS"


def test_a_profile_may_be_started_again_and_counters_go_on(rig: Rig) -> None:
    rig.add(1, stream(burst(10)))
    for count in (10, 20):
        rig.start()
        rig.run_to(rig.now + 1)
        assert sent(rig) == count


def test_a_duration_ends_it(rig: Rig) -> None:
    rig.add(1, stream(continuous(1000)))
    rig.start(duration=0.02)
    rig.run_to(5.0)
    assert sent(rig) == 20
    assert rig.kinds()[-2:] == [14, 4]


def test_a_start_may_be_later(rig: Rig) -> None:
    rig.add(1, stream(burst(10)))
    with pytest.raises(Refused, match="should be at least 100ms from now_sec"):
        rig.start(start_at_ts=0.05)
    rig.start(start_at_ts=3.0)
    rig.run_to(2.9)
    assert sent(rig) == 0
    rig.run_to(3.1)
    assert sent(rig) == 10


def test_stopping_is_at_once(rig: Rig) -> None:
    rig.add(1, stream(continuous(1000)))
    rig.start()
    rig.run_to(0.1005)
    rig.call("stop_traffic", port_id=0)
    rig.run_to(1.0)
    assert sent(rig) == 101
    assert rig.kinds() == [10, 0, 11, 1]


def test_pausing_freezes_and_resuming_goes_on(rig: Rig) -> None:
    rig.add(1, stream(continuous(100)))
    rig.start()
    rig.run_to(0.095)
    rig.call("pause_traffic", port_id=0)
    rig.run_to(1.0)
    assert sent(rig) == 10
    assert rig.call("get_port_status", port_id=0)["state"] == "PAUSE"
    rig.call("resume_traffic", port_id=0)
    rig.run_to(2.0)
    assert 90 <= sent(rig) - 10 <= 101
    assert rig.kinds() == [10, 0, 12, 2, 13, 3]


def test_an_update_changes_the_pace(rig: Rig) -> None:
    rig.add(1, stream(continuous(100)))
    rig.start()
    rig.run_to(1.0)
    assert rig.call("update_traffic", port_id=0, mul=RAW_2, force=False) == {"multiplier": 2.0}
    before = sent(rig)
    rig.run_to(2.0)
    assert sent(rig) - before in {199, 200, 201}


def test_single_streams_are_paused_and_updated(rig: Rig) -> None:
    for number in (1, 2):
        rig.add(number, stream(continuous(100)))
    rig.start()
    rig.run_to(0.995)
    rig.call("pause_streams", port_id=0, stream_ids=[1])
    before = sent(rig)
    rig.run_to(1.995)
    assert sent(rig) - before == 100
    mul = {"type": "pps", "op": "abs", "value": 1000}
    result = rig.call("update_streams", port_id=0, mul=mul, force=False, stream_ids=[2])
    assert result == {"multiplier": 1.0}  # the profile's own, as it was
    before = sent(rig)
    rig.run_to(2.995)
    assert 990 <= sent(rig) - before <= 1010
    rig.call("resume_streams", port_id=0, stream_ids=[1])
    with pytest.raises(Refused, match="please specify streams to pause"):
        rig.call("pause_streams", port_id=0, stream_ids=[])
    with pytest.raises(Refused, match="pause_streams: stream 9 does not exists"):
        rig.call("pause_streams", port_id=0, stream_ids=[9])


def test_profiles_run_side_by_side(rig: Rig) -> None:
    rig.add(1, stream(continuous(100)), profile="red")
    rig.add(1, stream(burst(50, 100)), profile="blue")
    rig.start(profile="red")
    rig.start(profile="blue")
    rig.run_to(0.995)
    assert sent(rig) == 150
    assert rig.events() == [
        (10, {"port_id": 0, "profile_id": "red"}),
        (0, {"port_id": 0}),
        (10, {"port_id": 0, "profile_id": "blue"}),
        (14, {"port_id": 0, "profile_id": "blue"}),
    ]
    status = rig.call("get_port_status", port_id=0, profile_id="*")
    assert status["state_profile"] == {"_": "IDLE", "red": "TX", "blue": "STREAMS"}
    rig.call("stop_traffic", port_id=0, profile_id="*")
    assert rig.kinds() == [11, 1]


def test_starting_beside_a_paused_profile_resumes_the_port(rig: Rig) -> None:
    for name in ("a", "b"):
        rig.add(1, stream(continuous(100)), profile=name)
    rig.start(profile="a")
    rig.call("pause_traffic", port_id=0, profile_id="a")
    rig.start(profile="b")
    rig.call("stop_traffic", port_id=0, profile_id="b")
    rig.call("resume_traffic", port_id=0, profile_id="a")
    assert rig.kinds() == [10, 0, 12, 2, 10, 3, 11, 2, 13, 3]


def test_addresses_are_the_ports_unless_the_stream_keeps_its_own(rig: Rig) -> None:
    rig.add(1, stream(burst(1), flags=0))
    rig.add(2, stream(burst(1), flags=3, isg=10.0))
    capture = rig.call("capture", command="start", limit=9, mode="fixed", tx=[0], rx=[])
    rig.start()
    rig.run_to(1.0)
    kept = rig.link.plane._taps[capture["capture_id"]].fetch(9).frames
    assert kept[0].data[:12].hex() == "020000000011020000000010"
    assert kept[1].data[:12] == frame()[:12]


def test_a_start_needs_a_link_and_someone_to_send_to(rig: Rig) -> None:
    rig.add(1, stream(burst(1), flags=0))
    rig.call("service", port_id=0, enabled=True)
    rig.call("set_l3", port_id=0, src_addr="1.1.1.1", dst_addr="1.1.1.2")
    with pytest.raises(Refused, match="Port 0 dest MAC is invalid"):
        rig.start()
    rig.call("set_l2", port_id=0, dst_mac="02:00:00:00:00:11")
    rig.call("set_port_attr", port_id=0, attr={"link_status": {"up": False}})
    with pytest.raises(Refused, match=r"Link state is DOWN\."):
        rig.start()
    rig.start(force=True)


def test_a_program_that_cannot_run_is_refused_at_start(rig: Rig) -> None:
    write = {
        "type": "write_flow_var",
        "name": "x",
        "pkt_offset": 20,
        "add_value": 0,
        "is_big_endian": True,
    }
    rig.add(1, stream(burst(1), vm={"instructions": [write]}))
    with pytest.raises(Refused, match=r"^.*\*\*\* error: "):
        rig.start()
    assert rig.call("get_port_status", port_id=0)["state"] == "STREAMS"


def test_a_pin_beyond_the_cores_of_a_mask_is_refused_as_one_beyond_all() -> None:
    rig = Rig(cores=2)
    rig.acquire()
    rig.add(1, stream(continuous(10), core_id=1))
    with pytest.raises(Refused) as refusal:
        rig.start(core_mask=1)
    text = "Core ID is: 1. It must be an integer between 0 and 0 (inclusive)."
    assert refusal.value.text == text
    rig.start(core_mask=3)


def test_latency_streams_alone_take_any_multiplier(rig: Rig) -> None:
    rig.add(1, stream(continuous(100), frame(100), flow_stats=counted(3, "latency")))
    assert rig.start(mul={"type": "pps", "op": "abs", "value": 500})["multiplier"] == 1.0


@pytest.mark.parametrize("mask", [1, 2, 3, 0x55555555, 0xAAAAAAAA])
def test_masks_and_pins_of_scripts_are_taken(rig: Rig, mask: int) -> None:
    rig.add(1, stream(burst(10), core_id=1))
    rig.start(core_mask=mask)
    rig.run_to(1.0)
    assert sent(rig) == 10


def test_emulated_cores_share_a_stream() -> None:
    rig = Rig(cores=2)
    rig.acquire()
    rig.add(1, stream(burst(5, 100)))
    capture: dict[str, Any] = rig.call(
        "capture", command="start", limit=9, mode="fixed", tx=[0], rx=[]
    )
    rig.start()
    rig.run_to(1.0)
    kept = rig.link.plane._taps[capture["capture_id"]].fetch(9).frames
    assert [round(each.time, 9) for each in kept] == [0, 0.01, 0.02, 0.03, 0.04]


@pytest.mark.parametrize(("rule", "may"), [("stats", False), ("latency", True)])
def test_of_disabled_bursts_only_measured_ones_are_no_hindrance_to_a_pause(
    rig: Rig, rule: str, may: bool
) -> None:
    rig.add(1, stream(continuous(10)))
    rig.add(2, stream(burst(5), frame(100), enabled=False, flow_stats=counted(1, rule)))
    rig.start()
    if may:
        assert rig.call("pause_traffic", port_id=0) == {}
    else:
        with pytest.raises(Refused, match="pause is supported when all streams"):
            rig.call("pause_traffic", port_id=0)
