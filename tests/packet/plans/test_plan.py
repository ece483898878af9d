"""Plans against the long way: the same reply, byte for byte, errors included."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scapy_server.errors import ScapyServerError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.number_form import NumberForm
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.plans.answering import PacketBuilder
from scapy_server.packet.plans.book import shape_of
from scapy_server.packet.plans.plan import Checksum, word_sum
from tests.properties import times

Layers = list[tuple[str, dict[str, Any]]]

MACS = ["00:00:00:00:00:01", "FF-EE-dd-cc-BB-aa", "00:11:22:33:44", "00:11-22:33:44:55", "x", ""]
IPV4 = [
    "1.2.3.4",
    "255.255.255.255",
    "0.0.0.0",
    "01.2.3.4",
    "1.2.3",
    "300.1.1.1",
    "::1",
    " 1.2.3.4",
    "",
]
IPV6 = ["::", "::1", "2001:DB8::0:1", "::ffff:1.2.3.4", "fe80::1%eth0", "1.2.3.4", "::g"]
NUMBERS = [
    0,
    1,
    5,
    "7",
    "0x1f",
    "0X1F",
    "255",
    256,
    "65535",
    65536,
    -1,
    "-1",
    "007",
    "1_0",
    " 5",
    "٣",
    "x",
    "",
]
PORTS = [*NUMBERS, 53, "53", 80, 443, "4789", 2152, 67, 3784, 12345, "54321"]
PAYLOADS = [
    "abcd",
    "ab\u00e9",
    "\U0001f600",
    "longer text",
    "\0\x01\x02\x03",
    {"vtype": "BYTES", "base64": "AAECAw=="},
    {"vtype": "BYTES", "base64": "/////w"},
    {"vtype": "BYTES", "base64": "RQAAAA=="},
    {"vtype": "BYTES", "base64": "!"},
    {"vtype": "BYTES", "base64": ""},
    {"vtype": "BYTES", "generate": "random_bytes", "size": 4},
]
FIELDS: dict[str, dict[str, list[Any]]] = {
    "Ether": {
        "dst": MACS,
        "src": MACS,
        "type": [0x800, "IPv4", "0x9000", 5, "1500", "1501", "LOOP"],
    },
    "Dot1Q": {"prio": NUMBERS, "vlan": NUMBERS, "dei": NUMBERS, "type": [0x800, 5, "IPv6"]},
    "Dot1AD": {"prio": NUMBERS, "vlan": NUMBERS},
    "ARP": {
        "op": ["is-at", "who-has", 3, "nope"],
        "hwsrc": MACS,
        "psrc": IPV4,
        "hwdst": MACS,
        "pdst": IPV4,
        "hwlen": [6, 4],
    },
    "IP": {
        "tos": NUMBERS,
        "id": NUMBERS,
        "flags": ["DF", "MF+DF", 0, "", "evil", "X", 7, 8],
        "frag": NUMBERS,
        "ttl": NUMBERS,
        "proto": ["tcp", 17, "nope"],
        "src": IPV4,
        "dst": IPV4,
        "len": [40, 20, 0],
        "ihl": [5, 6],
        "chksum": NUMBERS,
        "version": [4, 6],
    },
    "IPv6": {
        "tc": NUMBERS,
        "fl": NUMBERS,
        "hlim": NUMBERS,
        "src": IPV6,
        "dst": IPV6,
        "plen": [0, 5],
        "nh": [6, 17, 0],
    },
    "TCP": {
        "sport": PORTS,
        "dport": PORTS,
        "seq": NUMBERS,
        "ack": NUMBERS,
        "flags": ["S", "SA", "FPU", "", 0, "Q", 511],
        "window": NUMBERS,
        "urgptr": NUMBERS,
        "reserved": NUMBERS,
        "chksum": NUMBERS,
        "dataofs": [5, 6],
    },
    "UDP": {"sport": PORTS, "dport": PORTS, "len": [8, 12, 0], "chksum": NUMBERS},
    "ICMP": {"type": ["echo-request", 0, 3, 13], "code": NUMBERS, "id": NUMBERS, "seq": NUMBERS},
    "ICMPv6EchoRequest": {"id": NUMBERS, "seq": NUMBERS, "data": PAYLOADS},
    "VXLAN": {"vni": NUMBERS, "flags": [8, "Instance"]},
    "GRE": {
        "key_present": [0, 1],
        "key": NUMBERS,
        "proto": [0x800, 0x6558, 0x880B],
        "seqnum_present": [0, 1],
    },
    "MPLS": {"label": NUMBERS, "cos": NUMBERS, "s": [0, 1], "ttl": NUMBERS},
    "GTP_U_Header": {"teid": NUMBERS, "gtp_type": [255, 1], "E": [0, 1]},
    "Raw": {"load": PAYLOADS},
    "BFD": {"my_discriminator": NUMBERS, "detect_mult": NUMBERS},
}
STACKS = [
    ["Ether", "IP", "TCP"],
    ["Ether", "IP", "TCP", "Raw"],
    ["Ether", "IP", "UDP", "Raw"],
    ["Ether", "Dot1Q", "IPv6", "UDP", "Raw"],
    ["Ether", "Dot1AD", "Dot1Q", "IP", "TCP"],
    ["Ether", "IPv6", "TCP"],
    ["Ether", "ARP"],
    ["Ether", "IP", "ICMP", "Raw"],
    ["Ether", "IPv6", "ICMPv6EchoRequest"],
    ["Ether", "IP", "UDP", "VXLAN", "Ether", "IP", "TCP", "Raw"],
    ["Ether", "IP", "GRE", "IP", "UDP", "Raw"],
    ["Ether", "MPLS", "MPLS", "IP", "UDP"],
    ["Ether", "MPLS", "Raw"],
    ["Ether", "IP", "UDP", "GTP_U_Header", "IP", "TCP"],
    ["IP", "TCP"],
    ["Ether", "Raw"],
    ["Ether", "TCP"],
    ["Ether", "IP", "UDP", "BFD"],
]


@pytest.fixture(scope="module")
def codec(registry: Registry) -> PacketCodec:
    return PacketCodec(registry)


def model_of(layers: Layers) -> list[dict[str, Any]]:
    return [
        {"id": name, "fields": [{"id": field, "value": value} for field, value in fields.items()]}
        for name, fields in layers
    ]


@st.composite
def shapes(draw: st.DrawFn) -> list[tuple[str, list[str]]]:
    """A stack of layers and which fields of each are given."""
    stack = draw(st.sampled_from(STACKS))
    return [
        (name, draw(st.lists(st.sampled_from(sorted(FIELDS[name])), max_size=4, unique=True)))
        for name in stack
    ]


@st.composite
def packets_of_a_shape(draw: st.DrawFn) -> list[list[dict[str, Any]]]:
    """A few models of one shape; the first ones with values that are mostly good."""
    shape = draw(shapes())
    models = []
    for number in range(6):
        # The first packets are planned only if they can be built.
        choices = slice(0, 2) if number < 2 else slice(None)
        models.append(
            model_of(
                [
                    (
                        name,
                        {
                            field: draw(st.sampled_from(FIELDS[name][field][choices]))
                            for field in fields
                        },
                    )
                    for name, fields in shape
                ]
            )
        )
    return models


def outcome(build: Any, model: Any) -> bytes | tuple[int, str]:
    try:
        result = build(model)
    except ScapyServerError as error:
        return int(error.code), error.message
    assert isinstance(result, bytes)
    return result


@pytest.mark.sweep
@settings(max_examples=times(2))
@given(models=packets_of_a_shape())
def test_both_ways_give_the_same_reply(codec: PacketCodec, models: list[Any]) -> None:
    builder = PacketBuilder(codec)
    for model in models:
        assert outcome(builder.build, model) == outcome(builder.build_long, model)


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


@pytest.mark.parametrize(
    "model",
    [
        None,
        {},
        [[]],
        [{"id": 5}],
        [{"id": "IP", "fields": ""}],
        [{"id": "IP", "fields": {}}],
        [{"id": "IP", "fields": [5]}],
        [{"id": "IP", "fields": [{"id": "ttl"}]}],
        [{"id": "IP", "fields": [{"id": ["ttl"], "value": 5}]}],
        [{"id": "IP", "fields": [{"id": "ttl", "value": True}]}],
        [{"id": "IP", "fields": [{"id": "ttl", "value": 5.0}]}],
        [{"id": "IP", "fields": [{"id": "ttl", "value": {"vtype": "RANDOM"}}]}],
    ],
)
def test_what_is_not_plain_has_no_shape(model: Any) -> None:
    assert shape_of(model) is None


@given(data=st.binary(min_size=4, max_size=60), constant=st.integers(0, 65534))
def test_checksums_are_those_of_rfc_1071(data: bytes, constant: int) -> None:
    frame = bytearray(data)
    value, _ = Checksum(2, ((0, len(frame)),), constant, NumberForm(0, 65535)).fill(frame)
    padded = bytes(frame) + b"\0" * (len(frame) % 2)
    total = constant + sum(
        int.from_bytes(padded[i : i + 2], "big") for i in range(0, len(padded), 2)
    )
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    assert total in (0, 0xFFFF)
    assert int(value) == int.from_bytes(frame[2:4], "big")
    assert word_sum(frame, ((0, len(frame)),)) == -constant % 65535


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


def codec_binary(result: bytes) -> str:
    return result.rpartition(b'"binary":"')[2].removesuffix(b'"}').decode()


@st.composite
def frames_and_changes(draw: st.DrawFn) -> tuple[list[tuple[int, bytes]], list[Any]]:
    """Changes of one shape, and for each a frame's length choice and noise to lay over it."""
    shape = draw(shapes())
    changes = [
        model_of(
            [
                (name, {field: draw(st.sampled_from(FIELDS[name][field])) for field in fields[:1]})
                for name, fields in shape
            ]
        )
        for _ in range(5)
    ]
    noise = draw(
        st.lists(st.tuples(st.integers(0, 80), st.binary(max_size=3)), min_size=5, max_size=5)
    )
    return noise, changes


@pytest.mark.sweep
@given(drawn=frames_and_changes(), trailing=st.sampled_from([b"", b"\0" * 8, b"FCS!"]))
def test_both_ways_change_a_frame_alike(
    codec: PacketCodec, drawn: tuple[list[tuple[int, bytes]], list[Any]], trailing: bytes
) -> None:
    noise, changes = drawn
    builder = PacketBuilder(codec)
    bare = [{"id": layer["id"]} for layer in changes[0]]
    frame = codec.place(parse_model(bare, codec.registry)).frame + trailing
    frames = [frame, frame, frame]
    frames += [frame[:at] + over + frame[at + len(over) :] for at, over in noise]
    for number, changed in enumerate(frames):
        models: list[list[Any]] = [changes[number % 5], []]
        for model in models:
            fast = outcome(lambda m, f=changed: builder.reconstruct(f, m).json, model)
            slow = outcome(lambda m, f=changed: builder.reconstruct_long(f, m), model)
            assert fast == slow


def test_a_class_that_chooses_its_payload_by_code_is_not_patched(codec: PacketCodec) -> None:
    """Bindings alone say nothing of next header 58: IPv6 looks for ICMPv6 itself."""
    builder = PacketBuilder(codec)
    asked: list[Any] = [{"id": "Ether"}, {"id": "IPv6"}, {"id": "ICMPv6EchoRequest"}]
    echo = codec.place(parse_model(asked, codec.registry)).frame
    other = echo[:20] + b"\x01" + echo[21:]
    for frame in (other, other, echo, echo):
        assert builder.reconstruct(frame, []).json == builder.reconstruct_long(frame, [])


def test_frames_of_a_known_structure_are_patched(codec: PacketCodec) -> None:
    builder = PacketBuilder(codec)

    def frame(port: int, ttl: int) -> bytes:
        fields: Layers = [("Ether", {}), ("IP", {"ttl": ttl}), ("TCP", {"sport": port})]
        return codec.place(parse_model(model_of(fields), codec.registry)).frame

    changes = model_of([("Ether", {}), ("IP", {"ttl": 9}), ("TCP", {"dport": 99})])
    for port in (1024, 1025):
        builder.reconstruct(frame(port, 5), changes)
    other = model_of([("Ether", {}), ("IP", {"ttl": 10}), ("TCP", {"dport": 100})])
    assert builder.plans.rewritten(frame(7, 77), other) is not None
    deleting: list[Any] = [{"id": "Ether"}, {"id": "IP", "delete": True}]
    for _ in range(3):
        builder.reconstruct(frame(7, 77), deleting)
    assert builder.plans.rewritten(frame(7, 77), deleting) is None
