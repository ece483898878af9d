"""What clients read of the settings of a port."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server.services.ports.state.attributes import (
    Attributes,
    Layers,
    attribute_block,
    link_block,
    mac_text,
)

OWN, PEER = bytes.fromhex("02000000000a"), bytes.fromhex("02000000000b")


def layers_of(layers: Layers) -> Any:
    return attribute_block(Attributes(10.0), layers)["layer_cfg"]


def test_an_address_as_clients_write_it() -> None:
    assert mac_text(OWN) == "02:00:00:00:00:0a"


def test_the_link_as_event_8_tells_it() -> None:
    assert link_block(Attributes(2.5, promiscuous=True, link_up=False, vxlan_ports=(4789,))) == {
        "promiscuous": {"enabled": True},
        "multicast": {"enabled": False},
        "link": {"up": False},
        "speed": 2.5,
        "rx_filter_mode": "hw",
        "vxlan_fs": [4789],
        "fc": {"mode": 0},
    }
    assert link_block(Attributes(1.0, receives_all=True))["rx_filter_mode"] == "all"


def test_the_status_has_the_link_and_the_addresses() -> None:
    attributes = Attributes(10.0)
    block = attribute_block(attributes, Layers(OWN, PEER, vlans=(5, 6)))
    assert block["vlan"] == {"tags": [5, 6]}
    assert block.items() >= link_block(attributes).items()


@pytest.mark.parametrize(
    ("destination", "ethernet", "ip"),
    [
        (PEER, ("02:00:00:00:00:0b", "configured"), "resolved"),
        (None, ("00:00:00:00:00:00", "unconfigured"), "unresolved"),
    ],
)
def test_a_peer_is_known_or_not(
    destination: bytes | None, ethernet: tuple[str, str], ip: str
) -> None:
    told = layers_of(Layers(OWN, destination, ("1.1.1.1", "1.1.1.2")))
    assert (told["ether"]["dst"], told["ether"]["state"]) == ethernet
    assert told["ipv4"] == {"state": ip, "src": "1.1.1.1", "dst": "1.1.1.2"}


@pytest.mark.parametrize(
    ("ipv6", "told"),
    [
        (None, {"enabled": False}),
        ("", {"enabled": True, "src": ""}),
        ("2001:db8::1", {"enabled": True, "src": "2001:db8::1"}),
    ],
)
def test_ipv6_is_off_made_from_the_mac_address_or_given(ipv6: str | None, told: object) -> None:
    assert layers_of(Layers(OWN, PEER, ipv6=ipv6))["ipv6"] == told
    assert layers_of(Layers(OWN, PEER, ipv6=ipv6))["ipv4"] == {"state": "none"}
