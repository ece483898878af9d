"""Settings of ports."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.ports.rig import Refused, Rig, continuous, stream


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.acquire()
    return rig


def attributes(rig: Rig, port: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = rig.call("get_port_status", port_id=port)["attr"]
    return found


def test_a_loop_is_configured_from_the_start(rig: Rig) -> None:
    assert attributes(rig)["layer_cfg"] == {
        "ether": {"src": "02:00:00:00:00:10", "dst": "02:00:00:00:00:11", "state": "configured"},
        "ipv4": {"state": "none"},
        "ipv6": {"enabled": False},
    }


def test_layer_3_is_unresolved_until_a_mac_address_is_known(rig: Rig) -> None:
    addresses = {"src_addr": "1.1.1.1", "dst_addr": "1.1.1.2"}
    rig.call("set_l3", port_id=0, **addresses)
    told = attributes(rig)["layer_cfg"]
    assert told["ether"]["state"] == "unconfigured"
    assert told["ipv4"] == {"state": "unresolved", "src": "1.1.1.1", "dst": "1.1.1.2"}
    rig.call("set_l3", port_id=0, resolved_mac="02:00:00:00:00:99", **addresses)
    told = attributes(rig)["layer_cfg"]
    assert told["ether"]["dst"] == "02:00:00:00:00:99"
    assert told["ipv4"]["state"] == "resolved"
    rig.call("set_l2", port_id=0, dst_mac="02:00:00:00:00:11")
    assert attributes(rig)["layer_cfg"]["ipv4"] == {"state": "none"}


def test_tags_and_ipv6(rig: Rig) -> None:
    rig.call("set_vlan", port_id=0, vlan=[10, 20])
    rig.call("conf_ipv6", port_id=0, enabled=True, src_ipv6="2001:db8::1")
    told = attributes(rig)
    assert told["vlan"] == {"tags": [10, 20]}
    assert told["layer_cfg"]["ipv6"] == {"enabled": True, "src": "2001:db8::1"}


def test_modes(rig: Rig) -> None:
    rig.call(
        "set_port_attr",
        port_id=0,
        attr={"promiscuous": {"enabled": True}, "multicast": {"enabled": True}},
    )
    told = attributes(rig)
    assert (told["promiscuous"], told["multicast"]) == ({"enabled": True}, {"enabled": True})
    rig.call("set_port_attr", port_id=0, attr={})


@pytest.mark.parametrize(
    ("method", "params", "sentence"),
    [
        ("set_l2", {"dst_mac": "zz"}, "'invalid MAC address: 'zz'"),
        ("set_l3", {"src_addr": "x", "dst_addr": "1.1.1.2"}, "invalid source IPv4 address: 'x'"),
        ("set_vlan", {"vlan": [1, 2, 3]}, "Maximal number of stacked VLANs is 2, got: 3"),
        ("set_vlan", {"vlan": [0]}, "invalid VLAN tag: '0'"),
        ("conf_ipv6", {"enabled": True, "src_ipv6": "z"}, "invalid source IPv6 address: 'z'"),
        ("conf_ipv6", {"enabled": True}, "field 'src_ipv6' value is null"),
        ("service", {"enabled": False, "mask": 256}, "'mask' has size bigger than uint8."),
        ("set_port_attr", {"attr": {"zz": {}}}, "unknown attribute type: 'zz'"),
        ("set_port_attr", {"attr": {"vxlan_fs": [0]}}, "VXLAN UDP port can't be zero"),
        ("set_port_attr", {"attr": {"vxlan_fs": [65536]}}, "must be 16bit, got: 65536"),
        ("set_port_attr", {"attr": {"led_status": {"on": True}}}, "Error applying led_status"),
        ("conf_ns_batch", {"batch": "[]"}, "name spaces need a port with a Linux stack"),
    ],
)
def test_what_cannot_be_set(rig: Rig, method: str, params: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        rig.call(method, port_id=0, **params)


def test_what_comes_before_the_first_that_cannot_be_set_is_set(rig: Rig) -> None:
    with pytest.raises(Refused, match="unknown attribute type: 'zz'"):
        rig.call("set_port_attr", port_id=0, attr={"vxlan_fs": [4789], "zz": {}})
    assert attributes(rig)["vxlan_fs"] == [4789]
    assert rig.link.plane.ports[0]._vxlan == (4789,)


def test_service_mode_stays_while_it_is_needed(rig: Rig) -> None:
    rig.call("service", port_id=0, enabled=True)
    assert attributes(rig)["rx_filter_mode"] == "all"
    capture = rig.call("capture", command="start", limit=1, mode="fixed", tx=[], rx=[0])
    with pytest.raises(Refused, match="an active capture on port 0 exists"):
        rig.call("service", port_id=0, enabled=False)
    rig.call("capture", command="stop", capture_id=capture["capture_id"])
    rig.call("set_rx_feature", port_id=0, type="queue", enabled=True, size=5)
    with pytest.raises(Refused, match="please remove RX queue"):
        rig.call("service", port_id=0, enabled=False)
    rig.call("set_rx_feature", port_id=0, type="queue", enabled=False)
    rig.call("service", port_id=0, enabled=False)
    status = rig.call("get_port_status", port_id=0)
    assert (status["service"], status["service_filtered"]) == (False, False)


def test_settings_are_left_alone_while_a_port_sends(rig: Rig) -> None:
    rig.add(1, stream(continuous(100)))
    rig.start()
    with pytest.raises(Refused, match="'set_l2_mode' cannot be executed on current state: 'TX'"):
        rig.call("set_l2", port_id=0, dst_mac="02:00:00:00:00:11")


def test_a_link_that_is_moved_is_an_event(rig: Rig) -> None:
    rig.kinds()
    for up, told in ((True, []), (False, [False]), (False, []), (True, [True])):
        rig.call("set_port_attr", port_id=0, attr={"link_status": {"up": up}})
        events = rig.events()
        assert [kind for kind, _ in events] == [8] * len(told)
        assert [data["attr"]["link"]["up"] for _, data in events] == told
        assert attributes(rig)["link"]["up"] == up
