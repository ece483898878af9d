"""The streams of profiles."""

from __future__ import annotations

import pytest

from scapy_server import limits
from tests.services.ports.rig import Refused, Rig, burst, stream


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.acquire()
    return rig


def test_streams_come_back_as_they_were_added(rig: Rig) -> None:
    document = stream(burst(3), name="first", next="second", unknown={"kept": [1, None]})
    rig.add(5, document)
    assert rig.call("get_all_streams", port_id=0) == {"streams": {"5": document}}
    assert rig.call("get_stream", port_id=0, stream_id=5, get_pkt=True) == {"stream": document}
    without = rig.call("get_stream", port_id=0, stream_id=5, get_pkt=False)["stream"]
    assert "packet" not in without
    assert rig.call("get_all_streams", port_id=0, profile_id="*") == {
        "profiles": {"_": {"5": document}}
    }


def test_a_refused_stream_leaves_nothing_behind(rig: Rig) -> None:
    with pytest.raises(Refused, match="'total_pkts' cannot be zero"):
        rig.add(1, stream(burst(0)), profile="new")
    assert rig.call("get_profile_list", port_id=0) == ["_"]


def test_the_highest_number_is_that_of_all_profiles(rig: Rig) -> None:
    rig.add(3, stream(burst(1)))
    rig.add(9, stream(burst(1)), profile="other")
    status = rig.call("get_port_status", port_id=0)
    assert (status["max_stream_id"], status["profile_count"]) == (9, 2)


def test_removing_the_last_stream_makes_a_profile_idle(rig: Rig) -> None:
    rig.add(1, stream(burst(1)))
    rig.call("remove_stream", port_id=0, stream_id=1)
    assert rig.call("get_port_status", port_id=0)["state"] == "IDLE"
    with pytest.raises(Refused, match=r"stream 1 does not exists in profile_id\(_\)"):
        rig.call("remove_stream", port_id=0, stream_id=1)


def test_a_stream_that_is_not_there_is_missed_before_the_state_of_its_profile(rig: Rig) -> None:
    rig.add(1, stream(burst(1)))
    rig.start()
    with pytest.raises(Refused, match="stream 2 does not exists"):
        rig.call("remove_stream", port_id=0, stream_id=2)
    with pytest.raises(Refused, match="'remove_stream' cannot be executed on current state: 'TX"):
        rig.call("remove_stream", port_id=0, stream_id=1)
    with pytest.raises(Refused, match="field 'stream' value is null"):
        rig.call("add_stream", port_id=0, stream_id=2)


def test_a_port_has_only_so_many_profiles(rig: Rig) -> None:
    for number in range(1, limits.PORT_PROFILES):
        rig.add(1, stream(burst(1)), profile=str(number))
    with pytest.raises(Refused, match="a port has at most 256 profiles"):
        rig.add(1, stream(burst(1)), profile="one more")
