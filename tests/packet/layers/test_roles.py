from __future__ import annotations

import pytest

from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.roles import chosen_layers, link_layers, stacked_layers


def test_frames_begin_with_link_layers(registry: Registry) -> None:
    found = link_layers(registry)
    assert {"Ether", "IP", "RadioTap", "CookedLinux", "PPP"} <= found
    assert "TCP" not in found


def test_bindings_stack_layers_in_both_directions(registry: Registry) -> None:
    found = stacked_layers(registry)
    assert {"TCP", "DNS", "BOOTP", "Dot1Q"} <= found
    assert "SMB2_Create_Request" in found  # bound for building alone
    assert not {"DNSQR", "IPOption_NOP", "RadioTap"} & found


@pytest.mark.parametrize(
    ("layer_id", "some", "not_some"),
    [
        ("NTP", {"NTPHeader", "NTPControl"}, {"NTPExtension"}),
        ("IGMP", {"IGMPv2_MR", "IGMPv3", "IGMPv3_MR"}, {"IGMP"}),
        ("EAP", {"EAP_MD5"}, set()),
    ],
)
def test_a_layer_may_stand_for_others(
    registry: Registry, layer_id: str, some: set[str], not_some: set[str]
) -> None:
    found = chosen_layers(registry, registry.layer(layer_id))
    assert some <= found
    assert not not_some & found


@pytest.mark.parametrize("layer_id", ["TCP", "Dot11Elt", "OpenFlow"])
def test_most_layers_stand_for_none(registry: Registry, layer_id: str) -> None:
    assert chosen_layers(registry, registry.layer(layer_id)) == set()
