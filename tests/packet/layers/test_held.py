from __future__ import annotations

import pytest

from scapy_server.packet.layers.held import held_layers
from scapy_server.packet.layers.registry import Registry


@pytest.mark.parametrize(
    ("layer_id", "field_id", "some"),
    [
        ("DNS", "qd", {"DNSQR"}),
        ("DNS", "an", {"DNSRR", "DNSRRSOA", "DNSRRMX"}),
        ("IP", "options", {"IPOption_Router_Alert", "IPOption_NOP"}),
        ("BGPUpdate", "path_attr", {"BGPPathAttr"}),
        ("IGMPv3_MR", "records", {"IGMPv3_MR_Group"}),
        ("IP", "ttl", set()),
        ("TCP", "options", set()),
    ],
)
def test_fields_say_which_layers_they_may_hold(
    layer_id: str, field_id: str, some: set[str], registry: Registry
) -> None:
    held = held_layers(registry.layer(layer_id).by_id[field_id], registry)
    assert some <= set(held) if some else held == []
