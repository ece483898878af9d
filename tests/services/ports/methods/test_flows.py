"""Flow statistics and latency, as clients read them."""

from __future__ import annotations

from typing import Any

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment, IPv6ExtHdrRouting
from scapy.layers.l2 import Dot1Q, Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet

from scapy_server.services.ports.wire.impairments import Impairments
from tests.services.ports.rig import Refused, Rig, burst, continuous, counted, frame, stream


def owned(wire: Impairments | None = None) -> Rig:
    rig = Rig(wire)
    rig.acquire()
    return rig


def test_a_flow_is_there_from_the_first_stream_to_the_last() -> None:
    rig = owned()
    rig.add(1, stream(burst(100), flow_stats=counted(7)))
    assert rig.call("get_active_pgids")["ids"] == {"flow_stats": [7], "latency": []}
    told = rig.call("get_pgid_stats", pgids=[])
    assert told["flow_stats"]["7"]["tp"] == {"0": 0, "1": 0}
    assert told["ver_id"] == {"7": 0}
    rig.call("remove_all_streams", port_id=0)
    assert rig.call("get_active_pgids")["ids"] == {"flow_stats": [], "latency": []}


def test_packets_of_a_flow_are_counted_where_they_are_sent_and_arrive() -> None:
    rig = owned()
    rig.add(1, stream(burst(100), flow_stats=counted(7)))
    rig.add(2, stream(burst(50)))
    rig.start()
    rig.run_to(1.0)
    flow = rig.call("get_pgid_stats", pgids=[7])["flow_stats"]["7"]
    assert (flow["tp"], flow["rp"]) == ({"0": 100, "1": 0}, {"0": 0, "1": 100})
    assert (flow["tb"], flow["rb"]) == ({"0": 6400, "1": 0}, {"0": 0, "1": 6400})
    assert set(flow) == {"tp", "tb", "rp", "rb", "tps", "tbs", "rps", "rbs"}


def test_counters_go_on_when_a_flow_is_started_again() -> None:
    rig = owned()
    rig.add(1, stream(burst(100), flow_stats=counted(7)))
    for total in (100, 200):
        rig.start()
        rig.run_to(rig.now + 1)
        rig.call("remove_rx_filters", port_id=0)
        told = rig.call("get_pgid_stats", pgids=[7])
        assert told["flow_stats"]["7"]["rp"]["1"] == total
        assert told["flow_stats"]["7"]["rps"]["1"] == 0.0
        assert told["ver_id"] == {"7": 0}


def test_a_latency_flow_may_be_started_again() -> None:
    rig = owned()
    rig.add(1, stream(burst(100), frame(100), flow_stats=counted(8, "latency")))
    for total in (100, 200):
        rig.start()
        rig.run_to(rig.now + 1)
        told = rig.call("get_pgid_stats", pgids=[8])["latency"]
        assert told == {"g": None, "8": told["8"]}
        assert "er" not in told["8"]
        assert told["8"]["lat"]["histogram"] == {"0": total}


def test_a_new_flow_of_the_same_number_has_another_version() -> None:
    rig = owned()
    for version in (0, 1):
        rig.add(1, stream(burst(10), flow_stats=counted(7)))
        rig.start()
        rig.run_to(rig.now + 1)
        told = rig.call("get_pgid_stats", pgids=[7])
        assert (told["ver_id"], told["flow_stats"]["7"]["rp"]["1"]) == ({"7": version}, 10)
        rig.call("remove_all_streams", port_id=0)


def test_lost_packets_are_missing_where_they_should_arrive() -> None:
    rig = owned(Impairments(loss=0.1))
    rig.add(1, stream(burst(1000), flow_stats=counted(7)))
    rig.add(2, stream(burst(1000), frame(100), flow_stats=counted(8, "latency")))
    rig.start()
    rig.run_to(2.0)
    told = rig.call("get_pgid_stats", pgids=[7, 8])
    assert 850 < told["flow_stats"]["7"]["rp"]["1"] < 950
    arrived = told["flow_stats"]["8"]["rp"]["1"]
    errors = told["latency"]["8"]["er"]
    assert errors["drp"] == 1000 - arrived or errors["drp"] == 1000 - arrived - 1


def test_latency_is_that_of_the_wire() -> None:
    rig = owned(Impairments(delay=0.00125))
    rig.add(1, stream(burst(1000), frame(100), flow_stats=counted(8, "latency")))
    assert "8" not in rig.call("get_pgid_stats", pgids=[8])["latency"]
    rig.start()
    rig.run_to(3.0)
    told = rig.call("get_pgid_stats", pgids=[8])["latency"]["8"]
    assert told["lat"]["histogram"] == {"1000": 1000}
    assert {told["lat"][name] for name in ("total_min", "total_max", "last_max")} <= {1249, 1250}
    assert "er" not in told


def test_doubled_and_reordered_packets_are_found() -> None:
    rig = owned(Impairments(duplicate=0.05, reorder=0.05))
    rig.add(1, stream(burst(1000), frame(100), flow_stats=counted(8, "latency")))
    rig.start()
    rig.run_to(3.0)
    errors = rig.call("get_pgid_stats", pgids=[8])["latency"]["8"]["er"]
    assert 20 < errors["dup"] < 100
    assert 20 < errors["ooo"] < 150


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ([1.5], "Value is not convertible to UInt."),
        ([-1], "Value is not convertible to UInt."),
        (list(range(1153)), "Asking information for too many packet group IDs"),
    ],
)
def test_what_cannot_be_asked(asked: list[float], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        owned().call("get_pgid_stats", pgids=asked)


def test_unknown_flows_are_left_out() -> None:
    assert owned().call("get_pgid_stats", pgids=[5]) == {
        "flow_stats": {},
        "latency": {"g": None},
        "ver_id": {},
    }


def test_marks_are_seen_in_tunnels_that_the_port_knows() -> None:
    rig = owned()
    vxlan = frame(50)[:36] + (4789).to_bytes(2, "big") + frame(50)[38:42] + bytes(8) + frame(60)
    document = stream(continuous(100), vxlan, flow_stats={**counted(9), "vxlan": True})
    rig.add(1, document)
    rig.start()
    rig.run_to(0.995)
    assert rig.call("get_pgid_stats", pgids=[9])["flow_stats"]["9"]["rp"]["1"] == 0
    rig.call("set_port_attr", port_id=1, attr={"vxlan_fs": [4789]})
    rig.run_to(1.995)
    assert rig.call("get_pgid_stats", pgids=[9])["flow_stats"]["9"]["rp"]["1"] == 100


_ETHER: Any = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
_PROVIDER: Any = Ether(type=0x88A8)
_DATA = b"x" * 60
_INNER = _ETHER / IP() / TCP() / _DATA


@pytest.mark.parametrize("rule", ["stats", "latency"])
@pytest.mark.parametrize("varied", [False, True])
@pytest.mark.parametrize(
    "packet",
    [
        _ETHER / IP() / TCP() / _DATA,
        _ETHER / IP() / ICMP() / _DATA,
        _ETHER / IP(proto=99) / _DATA,
        _ETHER / IP(frag=100) / UDP() / _DATA,
        _ETHER / IPv6() / TCP() / _DATA,
        _ETHER / IPv6() / IPv6ExtHdrRouting() / UDP() / _DATA,
        _ETHER / IPv6() / IPv6ExtHdrFragment() / UDP() / _DATA,
        _ETHER / Dot1Q(vlan=5) / IP() / UDP() / _DATA,
        _PROVIDER / Dot1Q(vlan=5) / Dot1Q(vlan=6) / IPv6() / UDP() / _DATA,
        _ETHER / Dot1Q(vlan=5) / Dot1Q(vlan=6) / Dot1Q(vlan=7) / IP() / UDP() / _DATA,
    ],
    ids=Packet.summary,
)
def test_packets_of_all_kinds_are_counted(packet: Packet, varied: bool, rule: str) -> None:
    rig = owned()
    data = bytes(packet)
    variable = {"type": "flow_var", "name": "a", "size": 1, "op": "inc", "step": 1}
    bounds = {"init_value": 1, "min_value": 1, "max_value": 9}
    write = {"type": "write_flow_var", "name": "a", "pkt_offset": len(data) - 30, "add_value": 0}
    items = [{**variable, **bounds}, {**write, "is_big_endian": True}] if varied else []
    program = {"instructions": items}
    rig.add(1, stream(burst(20), data, vm=program, flow_stats=counted(5, rule)))
    rig.start()
    rig.run_to(1.0)
    told = rig.call("get_pgid_stats", pgids=[5])
    flow, octets = told["flow_stats"]["5"], 20 * (len(data) + 4)
    assert (flow["tp"]["0"], flow["tb"]["0"]) == (20, octets)
    assert (flow["rp"]["1"], flow["rb"]["1"]) == (20, octets)
    if rule == "latency":
        assert "er" not in told["latency"]["5"]
        assert sum(told["latency"]["5"]["lat"]["histogram"].values()) == 20


@pytest.mark.parametrize(("ports", "arrived"), [([], 0), ([4789], 20), ([1234], 0)])
def test_flows_in_a_tunnel_are_known_at_ports_that_look_into_it(
    ports: list[int], arrived: int
) -> None:
    rig = owned()
    rig.call("set_port_attr", port_id=1, attr={"vxlan_fs": ports})
    data = bytes(_ETHER / IP() / UDP(sport=1, dport=4789) / VXLAN(vni=3) / _INNER)
    rig.add(1, stream(burst(20), data, flow_stats={**counted(5), "vxlan": True}))
    rig.start()
    rig.run_to(1.0)
    flow = rig.call("get_pgid_stats", pgids=[5])["flow_stats"]["5"]
    assert (flow["tp"]["0"], flow["rp"]["1"]) == (20, arrived)
