"""Plans of builds against the long way: the same reply, byte for byte, errors included."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, settings

from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.plans.answering import PacketBuilder
from tests.packet.plans.shapes import (
    MACS,
    PAYLOADS,
    Layers,
    codec_binary,
    model_of,
    outcome,
    packets_of_a_shape,
)
from tests.properties import times


@pytest.mark.sweep
@settings(max_examples=times(2))
@given(models=packets_of_a_shape())
def test_both_ways_give_the_same_reply(codec: PacketCodec, models: list[Any]) -> None:
    builder = PacketBuilder(codec)
    for model in models:
        assert outcome(lambda m: builder.build(m).json, model) == outcome(builder.build_long, model)


@pytest.mark.parametrize(
    "layers",
    [
        [
            ("Ether", {"dst": MACS[0]}),
            ("IP", {"src": "1.2.3.4", "ttl": 9}),
            ("TCP", {"sport": 5, "seq": 6}),
        ],
        [
            ("Ether", {}),
            ("Dot1AD", {"vlan": 5}),
            ("Dot1Q", {"vlan": 6}),
            ("IPv6", {"src": "::5"}),
            ("UDP", {"sport": 9}),
        ],
        [("Ether", {}), ("ARP", {"op": 2, "hwsrc": MACS[0], "psrc": "1.2.3.4"})],
        [
            ("Ether", {}),
            ("IP", {"dst": "9.9.9.9"}),
            ("ICMP", {"id": 5, "seq": 6}),
            ("Raw", {"load": "abcd"}),
        ],
        [("Ether", {}), ("IPv6", {"dst": "::9"}), ("ICMPv6EchoRequest", {"id": 5, "data": "abcd"})],
        [
            ("Ether", {}),
            ("IP", {}),
            ("UDP", {}),
            ("VXLAN", {"vni": 5}),
            ("Ether", {}),
            ("IP", {"src": "1.1.1.1"}),
            ("TCP", {}),
        ],
        [
            ("Ether", {}),
            ("IP", {}),
            ("GRE", {}),
            ("IP", {"src": "1.1.1.1"}),
            ("UDP", {"sport": 9999}),
        ],
        [
            ("Ether", {}),
            ("MPLS", {"label": 55}),
            ("IP", {"src": "1.1.1.1"}),
            ("UDP", {"sport": 9999}),
        ],
        [
            ("Ether", {}),
            ("IP", {}),
            ("UDP", {}),
            ("GTP_U_Header", {"teid": 5}),
            ("IP", {"src": "1.1.1.1"}),
            ("UDP", {}),
        ],
        [
            ("Ether", {}),
            ("IP", {"id": 5}),
            ("UDP", {"sport": 9999, "dport": 9998}),
            ("Raw", {"load": PAYLOADS[5]}),
        ],
    ],
)
def test_the_common_shapes_are_planned(codec: PacketCodec, layers: Layers) -> None:
    builder = PacketBuilder(codec)
    model = model_of(layers)
    assert builder.plans.built(model) is None
    built = [builder.build(model).json for _ in range(2)]
    assert builder.plans.built(model) == built[0] == built[1]


def test_a_port_that_selects_a_protocol_is_not_patched_in(codec: PacketCodec) -> None:
    builder = PacketBuilder(codec)

    def model(port: int) -> Any:
        return model_of(
            [
                ("Ether", {}),
                ("IP", {}),
                ("UDP", {"sport": 9, "dport": port}),
                ("Raw", {"load": "abcdefgh"}),
            ]
        )

    for _ in range(3):
        builder.build(model(40000))
    assert builder.plans.built(model(40001)) is not None
    assert builder.plans.built(model(4789)) is None
    assert b'"real_id":"VXLAN"' in builder.build(model(4789)).json


def test_other_values_of_the_shape_get_a_plan_of_their_own(codec: PacketCodec) -> None:
    builder = PacketBuilder(codec)
    for version in (4, 4, 5, 5):
        model = model_of([("IP", {"version": version, "ttl": 7}), ("UDP", {})])
        builder.build(model)
    for version in (4, 5):
        model = model_of([("IP", {"version": version, "ttl": 8}), ("UDP", {})])
        assert builder.plans.built(model) == builder.build_long(model)


@pytest.mark.parametrize("protocol", ["TCP", "UDP"])
def test_a_checksum_of_zero(codec: PacketCodec, protocol: str) -> None:
    """TCP's is sent as it is, UDP's as ffff."""
    builder = PacketBuilder(codec)

    def model(source: int) -> Any:
        return model_of([("IP", {}), (protocol, {"sport": source})])

    for port in (1024, 1025):
        builder.build(model(port))
    # With source port 0x400 + its checksum the sum comes to ffff.
    frame = base64.b64decode(str(codec_binary(builder.build_long(model(1024)))))
    at = 36 if protocol == "TCP" else 26
    checksum = int.from_bytes(frame[at : at + 2], "big")
    special = model((1024 + checksum) % 65535)
    planned = builder.plans.built(special)
    assert planned is not None
    assert planned == builder.build_long(special)
    sent = base64.b64decode(codec_binary(planned))[at : at + 2]
    assert sent == (b"\0\0" if protocol == "TCP" else b"\xff\xff")
