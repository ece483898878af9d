from __future__ import annotations

import dataclasses

import pytest

from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames.layout import LayerLayout
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model

IP_OPTIONS = {"vtype": "EXPRESSION", "expr": "[IPOption_SSRR(routers=['1.2.3.4'])]"}


@pytest.fixture(scope="module")
def layers(registry: Registry) -> tuple[LayerLayout, ...]:
    model = [
        {"id": "Ether"},
        {"id": "IP", "fields": [{"id": "options", "value": IP_OPTIONS}]},
        {"id": "UDP"},
    ]
    return PacketCodec(registry).place(parse_model(model, registry)).layers


def test_layers_follow_each_other(layers: tuple[LayerLayout, ...]) -> None:
    assert [(layer.id, layer.offset, layer.header_length) for layer in layers] == [
        ("Ether", 0, 14),
        ("IP", 14, 28),
        ("UDP", 42, 8),
    ]


def test_fields_are_placed_by_bits(layers: tuple[LayerLayout, ...]) -> None:
    ip = {place.field.id: (place.bit_offset, place.bit_length) for place in layers[1].fields}
    assert ip["version"] == (0, 4)
    assert ip["ihl"] == (4, 4)
    assert ip["flags"] == (48, 3)
    assert ip["frag"] == (51, 13)
    assert ip["src"] == (96, 32)
    # Seven bytes of option; the byte that fills the header up is read as an option too.
    assert ip["options"] == (160, 64)


def test_a_layout_is_a_value(layers: tuple[LayerLayout, ...]) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        layers[0].offset = 1  # type: ignore[misc]
    assert layers[0] == dataclasses.replace(layers[0])
