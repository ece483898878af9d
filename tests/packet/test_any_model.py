"""Whatever a model says, it is built or refused by name, and what is shown is in the bytes."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scapy_server.errors import ExpressionSyntaxError, RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from scapy_server.schema.results import PacketResult
from tests.properties import times

LAYERS = [
    "Ether",
    "Dot3",
    "LLC",
    "SNAP",
    "STP",
    "Dot1Q",
    "Dot1AD",
    "ARP",
    "IP",
    "IPv6",
    "IPv6ExtHdrHopByHop",
    "IPv6ExtHdrRouting",
    "IPv6ExtHdrFragment",
    "ICMP",
    "ICMPv6EchoRequest",
    "ICMPv6ND_NS",
    "ICMPv6NDOptSrcLLAddr",
    "TCP",
    "UDP",
    "SCTP",
    "SCTPChunkInit",
    "SCTPChunkData",
    "GRE",
    "VXLAN",
    "MPLS",
    "GTP_U_Header",
    "IGMP",
    "IGMPv3_MR",
    "DNS",
    "BOOTP",
    "DHCP",
    "NTP",
    "PPPoE",
    "PPP",
    "Dot11",
    "RadioTap",
    "LLDPDUChassisID",
    "Raw",
    "Padding",
]

#: Values that suit many fields, and values that suit none.
TEXTS = [
    "",
    "0",
    "1",
    "0x10",
    "255",
    "65536",
    "-1",
    "1.5",
    "tcp",
    "IPv4",
    "SA",
    "MF+DF",
    "1.2.3.4",
    "300.1.1.1",
    "::1",
    "00:00:00:01:00:00",
    "localhost",
    "text",
    "\ud800",
    "é",
    "[]",
    "()",
    "None",
    "[('MSS', 1460)]",
    "[IPOption_NOP()]",
    "IP()/TCP()",
    "DNSQR(qname='a.b')",
    "[('message-type', 'offer'), 'end']",
    "b'bytes'",
    "[1, 2",
    "a.b",
    "x" * 300,
]
NUMBERS = st.one_of(
    st.integers(-2, 300),
    st.sampled_from([65535, 65536, 2**32 - 1, 2**32, 2**64, 10**40, -(2**63)]),
    st.booleans(),
    st.sampled_from([0.5, float("nan"), float("inf"), 1e300]),
)
BASE64 = st.one_of(
    st.binary(max_size=20).map(lambda data: base64.b64encode(data).decode()),
    st.sampled_from(["!", "A", "AAAA" * 4]),
)
SIZES = st.sampled_from([0, 1, 7, "12", 60, -1, "x", 2**40])
OBJECTS = st.one_of(
    st.just({"vtype": "UNDEFINED"}),
    st.fixed_dictionaries({"vtype": st.just("RANDOM")}, optional={"seed": st.integers(0, 99)}),
    st.fixed_dictionaries({"vtype": st.sampled_from(["MACHINE", "BYTES"]), "base64": BASE64}),
    st.fixed_dictionaries({"vtype": st.just("EXPRESSION"), "expr": st.sampled_from(TEXTS)}),
    st.fixed_dictionaries({"vtype": st.just("OBJECT"), "value": st.sampled_from([1, None, {}])}),
    st.fixed_dictionaries(
        {
            "vtype": st.just("BYTES"),
            "generate": st.sampled_from(
                ["random_bytes", "random_ascii", "template", "template_code", "foo"]
            ),
        },
        optional={
            "size": SIZES,
            "total_size": SIZES,
            "seed": st.integers(0, 9),
            "template_base64": BASE64,
            "template_code": st.sampled_from(["", "0xab cd", "xyz"]),
        },
    ),
)
PLAIN: st.SearchStrategy[Any] = st.one_of(st.none(), NUMBERS, st.sampled_from(TEXTS))
VALUES: st.SearchStrategy[Any] = st.one_of(
    PLAIN,
    PLAIN,
    OBJECTS,
    st.lists(st.one_of(PLAIN, OBJECTS, st.lists(PLAIN, max_size=3)), max_size=3),
)


@st.composite
def models(draw: st.DrawFn, registry: Registry) -> list[dict[str, Any]]:
    model = []
    for layer_id in draw(st.lists(st.sampled_from(LAYERS), min_size=1, max_size=5)):
        names = sorted(registry.layer(layer_id).by_id)
        fields = [
            {"id": draw(st.sampled_from(names)), "value": draw(VALUES)}
            for _ in range(draw(st.integers(0, 3)) if names else 0)
        ]
        model.append({"id": layer_id, "fields": fields})
    return model


@pytest.fixture(scope="module")
def codec(registry: Registry) -> PacketCodec:
    return PacketCodec(registry)


def built(codec: PacketCodec, model: list[dict[str, Any]]) -> PacketResult | None:
    """The result, or None if the model is refused: then by the name of a layer of it."""
    try:
        result = codec.build(parse_model(model, codec.registry))
    except (RefusedError, ExpressionSyntaxError) as error:
        places = {f"layer {depth} ({layer['id']})" for depth, layer in enumerate(model)}
        assert error.where, error
        assert error.where[0] in places
        assert error.problem
        # What is said of a value can be said in a reply.
        assert error.message.encode("utf-8", "surrogatepass")
        return None
    assert [layer.id for layer in result.data] == [layer["id"] for layer in model]
    assert result.binary is not None
    return result


def is_drawn(value: Any) -> bool:
    """Whether the value has something drawn without a seed in it."""
    if isinstance(value, list):
        return any(map(is_drawn, value))
    return isinstance(value, dict) and value.get("vtype") == "RANDOM" and "seed" not in value


@settings(max_examples=times(3))
@given(data=st.data())
def test_any_model_is_built_or_refused_by_name(data: st.DataObject, codec: PacketCodec) -> None:
    model = data.draw(models(codec.registry))
    result = built(codec, model)
    drawn = any(is_drawn(field["value"]) for layer in model for field in layer["fields"])
    if not drawn:
        assert built(codec, model) == result
    if result is None:
        return
    assert result.binary is not None
    frame = base64.b64decode(result.binary, validate=True)
    end = 8 * len(frame)
    for layer in result.data:
        assert 0 <= layer.offset <= len(frame)
        for field in layer.fields:
            assert isinstance(field.hvalue, str)
            assert isinstance(field.value, int | float | str | dict)
            assert field.offset == field.bit_offset // 8
            assert field.bit_length >= 0
            assert field.ignored is True or 8 * layer.offset + field.bit_offset <= end


#: Numbers that stand on the wire as they are shown, by layer and field.
PLAIN_NUMBERS = [
    ("IP", "ttl"),
    ("IP", "id"),
    ("IP", "len"),
    ("IP", "chksum"),
    ("IP", "frag"),
    ("IP", "flags"),
    ("TCP", "seq"),
    ("TCP", "flags"),
    ("TCP", "dataofs"),
    ("UDP", "len"),
    ("UDP", "chksum"),
    ("Dot1Q", "vlan"),
    ("MPLS", "label"),
    ("IPv6", "fl"),
    ("IPv6", "plen"),
    ("VXLAN", "vni"),
    ("ARP", "op"),
]


@settings(max_examples=times(2))
@given(data=st.data())
def test_what_is_shown_is_in_the_bytes(data: st.DataObject, codec: PacketCodec) -> None:
    names = {layer for layer, _ in PLAIN_NUMBERS}
    stack = data.draw(st.lists(st.sampled_from(sorted(names)), min_size=1, max_size=5))
    model = []
    for layer_id in stack:
        own = [field for layer, field in PLAIN_NUMBERS if layer == layer_id]
        chosen = data.draw(st.lists(st.sampled_from(own), unique=True, max_size=3))
        fields = [{"id": field, "value": {"vtype": "RANDOM"}} for field in chosen]
        model.append({"id": layer_id, "fields": fields})
    result = codec.build(parse_model(model, codec.registry))
    assert result.binary is not None
    frame = base64.b64decode(result.binary)
    whole = int.from_bytes(frame, "big")
    for layer in result.data:
        for field in layer.fields:
            if (layer.id, field.id) not in PLAIN_NUMBERS or field.ignored is True:
                continue
            end = 8 * layer.offset + field.bit_offset + field.bit_length
            bits = whole >> 8 * len(frame) - end & (1 << field.bit_length) - 1
            assert bits == field.value, (layer.id, field)


@given(data=st.data())
def test_any_change_of_a_frame_is_made_or_refused(data: st.DataObject, codec: PacketCodec) -> None:
    model = data.draw(models(codec.registry))
    result = built(codec, model)
    if result is None or not result.binary:
        return
    frame = base64.b64decode(result.binary)
    try:
        found = codec.dissect(frame)
    except RefusedError as error:
        assert error.problem
        return
    assert found.binary == result.binary
    changes: list[dict[str, Any]] = []
    for layer in found.data:
        names = sorted({field.id for field in layer.fields})
        fields = [
            {"id": data.draw(st.sampled_from(names)), "value": data.draw(VALUES)}
            for _ in range(data.draw(st.integers(0, 1)) if names else 0)
        ]
        changes.append({"id": layer.id, "fields": fields})
    try:
        changed = codec.reconstruct(frame, parse_model(changes, codec.registry))
    except (RefusedError, ExpressionSyntaxError) as error:
        assert error.where
        assert error.problem
    else:
        assert [layer.id for layer in changed.data] == [layer.id for layer in found.data]
