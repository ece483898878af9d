"""What holds for the whole server."""

from __future__ import annotations

import pytest

from scapy_server.release import VERSION
from scapy_server.services.ports.state.events import Kind
from tests.services.ports.rig import Refused, Rig


@pytest.fixture
def rig() -> Rig:
    return Rig(shown_cores=3, hostname="here", processor="some")


def test_time_and_version(rig: Rig) -> None:
    rig.now = 12.5
    assert rig.call("ping") == {"ts": 12.5}
    version = rig.call("get_version")
    assert (version["version"], version["mode"]) == (f"v{VERSION}", "STL")


def test_all_methods_are_named(rig: Rig) -> None:
    names = rig.call("get_supported_cmds")
    assert names == sorted(rig.control.methods)
    assert {"ping", "start_traffic", "get_port_status"} <= set(names)


def test_the_host_and_its_ports(rig: Rig) -> None:
    info = rig.call("get_system_info")
    assert (info["hostname"], info["core_type"]) == ("here", "some")
    assert info["dp_core_count"] == info["dp_core_count_per_port"] == 3
    assert info["port_count"] == len(info["ports"]) == 2
    first, second = info["ports"]
    assert (first["index"], second["index"]) == (0, 1)
    assert first["hw_mac"] == "02:00:00:00:00:10"
    assert first["supp_speeds"] == [10_000]
    assert first["cores"] == [0, 1, 2]
    assert set(first["rx"]["caps"]) == {"flow_stats", "latency", "rx_bytes"}


def test_only_who_owns_all_ports_or_insists_ends_the_server(rig: Rig) -> None:
    rig.acquire(0, user="other")
    with pytest.raises(Refused, match="port 0 is owned by 'other'"):
        rig.call("shutdown", user="me", force=False)
    assert not rig.control.shut_down
    rig.call("shutdown", user="me", force=True)
    assert rig.control.shut_down
    told = dict(rig.events())[Kind.SERVER_STOPPED]
    assert told["cause"] == "server received RPC 'shutdown' request"


def test_where_nobody_may_end_the_server_nobody_is_told_that_it_ends() -> None:
    rig = Rig(remote_shutdown=False)
    rig.kinds()
    with pytest.raises(Refused, match="started with --no-remote-shutdown"):
        rig.call("shutdown", user="me", force=True)
    assert not rig.control.shut_down
    assert rig.kinds() == []


def test_data_planes_are_told_at_once_how_late_packets_may_become(rig: Rig) -> None:
    usual = rig.link.plane.stretch
    for seconds, told in ((0.5, 0.5), (0.0, usual), (0.25, 0.25)):
        rig.call("set_global_cfg", sched_max_stretch=seconds)
        assert rig.link.plane.stretch == told
    rig.call("set_global_cfg", process_at_cp=True)
    assert rig.link.plane.stretch == 0.25


def test_settings_are_changed_one_by_one(rig: Rig) -> None:
    before = rig.call("get_global_cfg")
    rig.call("set_global_cfg", sched_max_stretch=0.5)
    rig.call("set_global_cfg", process_at_cp=True)
    after = rig.call("get_global_cfg")
    assert after == {**before, "sched_max_stretch": 0.5, "process_at_cp": True}
    with pytest.raises(Refused, match="do_mbuf_cache"):
        rig.call("set_global_cfg", do_mbuf_cache=7)
    assert rig.call("get_global_cfg") == after


def test_no_command_takes_a_task(rig: Rig) -> None:
    with pytest.raises(Refused) as refusal:
        rig.call("get_async_results", ticket_id=5)
    assert refusal.value.code == -32003
    assert rig.call("cancel_async_task", ticket_id=5) is None
