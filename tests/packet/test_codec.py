from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from scapy_server.errors import ExpressionSyntaxError, RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.tree.display import BINARY
from scapy_server.schema.results import FieldResult, PacketResult
from tests import tshark
from tests.packet.cases import CASES, Case, Json, expression, given_bytes, layer

UNDEFINED = {"vtype": "UNDEFINED"}
RANDOM = {"vtype": "RANDOM"}


@pytest.fixture(scope="module")
def codec(registry: Registry) -> PacketCodec:
    return PacketCodec(registry)


def build(codec: PacketCodec, *model: Json) -> PacketResult:
    return codec.build(parse_model(list(model), codec.registry))


def reconstruct(codec: PacketCodec, frame: bytes, *changes: Json) -> PacketResult:
    return codec.reconstruct(frame, parse_model(list(changes), codec.registry))


def bytes_of(result: PacketResult) -> bytes:
    assert result.binary is not None
    return base64.b64decode(result.binary, validate=True)


def field(result: PacketResult, depth: int, name: str) -> FieldResult:
    return next(each for each in result.data[depth].fields if each.id == name)


def structure(result: PacketResult) -> list[tuple[str, str | None, bool, int]]:
    return [(each.id, each.real_id, each.valid_structure, each.offset) for each in result.data]


def refusal(codec: PacketCodec, *model: Json) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        build(codec, *model)
    return caught.value


# --- The case table, in all directions ---

every_case = pytest.mark.parametrize("case", CASES, ids=str)
ethernet_cases = pytest.mark.parametrize(
    "case", [case for case in CASES if case.link_type == 1], ids=str
)


@every_case
def test_build(case: Case, codec: PacketCodec) -> None:
    result = build(codec, *case.model)
    assert bytes_of(result).hex() == case.frame.hex()
    assert codec.frame_of(parse_model(case.model, codec.registry)).hex() == case.frame.hex()
    assert [each.id for each in result.data] == [each.id for each in case.layers]
    assert all(each.valid_structure for each in result.data)
    assert disagreements(case, result) == []


@every_case
def test_dissect(case: Case, codec: PacketCodec) -> None:
    real = [each.real_id for each in build(codec, *case.model).data]
    result = codec.dissect(case.frame, case.link_type)
    assert bytes_of(result) == case.frame
    assert [each.id for each in result.data] == [
        *("Raw" if real_id == "Padding" else real_id for real_id in real),
        *case.beyond,
    ]
    assert [each.real_id for each in result.data][: len(real)] == real
    assert all(each.valid_structure for each in result.data)
    assert disagreements(case, result) == []


def disagreements(case: Case, result: PacketResult) -> list[object]:
    return [
        found
        for expected, actual in zip(case.layers, result.data, strict=False)
        for found in expected.disagreements(actual)
    ]


def value_of(each: FieldResult) -> Any:
    return each.value


def hvalue_of(each: FieldResult) -> Any:
    return each.value if each.hvalue == BINARY else each.hvalue


def sent_back(result: PacketResult, form: Callable[[FieldResult], Any]) -> list[Json]:
    return [
        {
            "id": each.id,
            "fields": [
                {"id": one.id, "value": form(one)} for one in each.fields if one.ignored is not True
            ],
        }
        for each in result.data
    ]


@every_case
@pytest.mark.parametrize("form", [value_of, hvalue_of])
def test_what_is_shown_builds_the_same_bytes(
    form: Callable[[FieldResult], Any], case: Case, codec: PacketCodec
) -> None:
    for result in (build(codec, *case.model), codec.dissect(case.frame, case.link_type)):
        assert bytes_of(build(codec, *sent_back(result, form))).hex() == case.frame.hex()


@ethernet_cases
def test_reconstruct_without_changes(case: Case, codec: PacketCodec) -> None:
    dissected = codec.dissect(case.frame)
    assert reconstruct(codec, case.frame) == dissected
    ids = [{"id": each.id} for each in dissected.data]
    assert bytes_of(reconstruct(codec, case.frame, *ids)) == case.frame
    assert reconstruct(codec, case.frame, *ids[:1]) == dissected


@ethernet_cases
def test_an_edit_gives_the_bytes_of_a_reconstruction(case: Case, codec: PacketCodec) -> None:
    ids = [{"id": each.id} for each in codec.dissect(case.frame).data]
    raw: list[dict[str, Any]] = [
        {**ids[0], "fields": [{"id": "src", "value": "02:00:00:00:00:09"}]},
        *ids[1:],
    ]
    changes = parse_model(raw, codec.registry, changing=True)
    edited = codec.edit(case.frame, codec.trace(case.frame, 1), changes)
    assert edited == bytes_of(reconstruct(codec, case.frame, *raw))


@pytest.mark.parametrize(
    ("port", "payload"),
    [
        (135, b"\xff" * 40),  # DCE/RPC
        (49, bytes(40)),  # TACACS+
        (80, b"GET / HTTP/1.0\r\n\r\nbody"),
        (443, bytes(range(60))),
    ],
)
def test_what_is_read_oddly_is_left_as_it_is(port: int, payload: bytes, codec: PacketCodec) -> None:
    """Some layers would write another frame than the one that they were read from."""
    model = [layer("Ether"), layer("IP"), layer("TCP", dport=port)]
    frame = bytes_of(build(codec, *model, layer("Raw", load=given_bytes(payload))))
    dissected = codec.dissect(frame)
    assert reconstruct(codec, frame) == dissected
    same = [{"id": each.id} for each in dissected.data]
    assert reconstruct(codec, frame, *same) == dissected


@ethernet_cases
def test_reconstruct_with_every_computed_field_computed_again(
    case: Case, codec: PacketCodec
) -> None:
    changes = []
    dissected = codec.dissect(case.frame)
    for depth, each in enumerate(dissected.data):
        facts = codec.registry.layer(each.id)
        asked = case.model[depth]["fields"] if depth < len(case.model) else []
        given = {codec.registry.field(facts, one["id"]).id for one in asked}
        computed = [
            {"id": one.id, "value": UNDEFINED}
            for one in each.fields
            if facts.by_id[one.id].computed and one.ignored is not True and one.id not in given
        ]
        changes.append({"id": each.id, "fields": computed})
    result = reconstruct(codec, case.frame, *changes)
    assert bytes_of(result).hex() == case.frame.hex()
    assert result.data == dissected.data


@ethernet_cases
@pytest.mark.parametrize("form", [value_of, hvalue_of])
def test_reconstruct_with_every_value_as_it_was(
    form: Callable[[FieldResult], Any], case: Case, codec: PacketCodec
) -> None:
    dissected = codec.dissect(case.frame)
    result = reconstruct(codec, case.frame, *sent_back(dissected, form))
    assert bytes_of(result).hex() == case.frame.hex()
    assert result.data == dissected.data


@pytest.mark.processes
def test_tshark_finds_no_fault_in_the_cases(tmp_path: Path) -> None:
    frames = [case.frame for case in CASES if case.link_type == 1]
    capture = tmp_path / "cases.pcap"
    capture.write_bytes(
        struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        + b"".join(struct.pack("<IIII", 0, 0, len(each), len(each)) + each for each in frames)
    )
    text = tshark.run(capture, "-V").decode().lower()
    assert "ethernet" in text
    for complaint in ("malformed", "incorrect", "bogus", "expert info (error"):
        assert complaint not in text


# --- Structure (docs/wire.md, "Structure of odd stacks") ---

DUMMY = layer("Raw", load="dummy")


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (
            ["Ether", "IP", "Raw", "Ether", "IP"],
            [
                ("Ether", "Ether", True, 0),
                ("IP", "IP", True, 14),
                ("Raw", "Raw", True, 34),
                ("Ether", None, False, 39),
                ("IP", None, False, 53),
            ],
        ),
        (
            ["Ether", "TCP", "IP"],
            [("Ether", "Ether", True, 0), ("TCP", "Raw", False, 14), ("IP", None, False, 34)],
        ),
        (
            ["Ether", "Ether", "IP"],
            [("Ether", "Dot3", False, 0), ("Ether", None, False, 14), ("IP", None, False, 28)],
        ),
        (
            ["Ether", "ARP", "IP"],
            [("Ether", "Ether", True, 0), ("ARP", "ARP", True, 14), ("IP", "Padding", False, 42)],
        ),
        (["Raw", "Raw"], [("Raw", "Raw", True, 0), ("Raw", None, False, 5)]),
        (["Dot1Q"], [("Dot1Q", "Dot1Q", True, 0)]),
        (["NTP"], [("NTP", "NTPHeader", True, 0)]),
        (
            ["IPv6", "ICMPv6EchoRequest"],
            [("IPv6", "IPv6", True, 0), ("ICMPv6EchoRequest", "ICMPv6EchoRequest", True, 40)],
        ),
    ],
    ids=lambda value: "/".join(value) if isinstance(value[0], str) else "",
)
def test_what_the_bytes_read_as(
    model: list[str], expected: list[tuple[str, str | None, bool, int]], codec: PacketCodec
) -> None:
    assert structure(build(codec, *map(layer, model))) == expected


def test_an_upper_layer_that_its_lower_one_does_not_carry(codec: PacketCodec) -> None:
    """A port that says DNS: what stands there is read as DNS wherever it can be."""
    message = bytes.fromhex("001312340100000100000000000001610000010001")
    result = build(
        codec,
        layer("Ether"),
        layer("IP"),
        layer("TCP", dport=53),
        layer("Raw", load=given_bytes(message)),
    )
    assert structure(result)[3] == ("Raw", "DNS", False, 54)


def test_an_empty_payload_is_not_there(codec: PacketCodec) -> None:
    result = build(codec, layer("Ether"), layer("IP"), layer("Raw", load=""))
    assert structure(result)[2] == ("Raw", None, False, 34)
    assert field(result, 2, "load").ignored is True


def test_the_type_of_ethernet_in_ethernet(codec: PacketCodec) -> None:
    result = build(codec, layer("Ether"), layer("Ether"), layer("IP"))
    assert (field(result, 0, "type").value, field(result, 0, "type").hvalue) == (1, "0x1")


def test_padding_is_shown_as_raw(codec: PacketCodec) -> None:
    frame = bytes_of(build(codec, layer("Ether"), layer("IP"), layer("TCP"))) + bytes(6)
    result = codec.dissect(frame)
    assert structure(result)[3] == ("Raw", "Padding", True, 54)
    assert field(result, 3, "load").length == 6


# --- Values (docs/wire.md, "Packet models") ---


def test_the_example_layer_of_the_wire_contract(codec: PacketCodec) -> None:
    dot1q = build(codec, layer("Ether"), layer("Dot1Q"), layer("IP")).data[1]
    assert (dot1q.id, dot1q.offset, dot1q.real_id, dot1q.valid_structure) == (
        "Dot1Q",
        14,
        "Dot1Q",
        True,
    )
    assert [(f.id, f.value, f.hvalue, f.offset, f.length) for f in dot1q.fields] == [
        ("prio", 0, "0", 0, 0),
        ("dei", 0, "0", 0, 0),
        ("vlan", 1, "1", 0, 0),
        ("type", 2048, "IPv4", 2, 2),
    ]


@pytest.mark.parametrize(
    ("place", "value", "shown", "text"),
    [
        ("IP.ttl", 9, 9, "9"),
        ("IP.ttl", "9", 9, "9"),
        ("IP.ttl", "009", 9, "9"),
        ("IP.ttl", "0x1F", 31, "31"),
        ("IP.ttl", True, 1, "1"),
        ("IP.ttl", "", 64, "64"),
        ("IP.ttl", None, 64, "64"),
        ("IP.ttl", UNDEFINED, 64, "64"),
        ("IP.ttl", [7, 8], 7, "7"),
        ("IP.ttl", [], 64, "64"),
        ("IP.ttl", expression("3 * 4 + 1"), 13, "13"),
        ("IP.ttl", {"vtype": "EXPRESSION", "expr": {"base64": "MHgxMA=="}}, 16, "16"),
        ("IP.ttl", {"vtype": "OBJECT", "value": 5}, 5, "5"),
        ("IP.ttl", {"vtype": "MACHINE", "base64": "CQ=="}, 9, "9"),
        ("IP.proto", "udp", 17, "udp"),
        ("IP.proto", 200, 200, "200"),
        ("IP.tos", "16", 16, "0x10"),
        ("IP.chksum", "0x312", 0x312, "0x312"),
        ("IP.flags", "DF", 2, "DF"),
        ("IP.flags", "DF+MF", 3, "MF+DF"),
        ("IP.flags", 7, 7, "MF+DF+evil"),
        ("IP.flags", "2", 2, "DF"),
        ("IP.src", "10.0.0.9", "10.0.0.9", "10.0.0.9"),
        ("IP.src", {"vtype": "MACHINE", "base64": "fwAAAQ=="}, "127.0.0.1", "127.0.0.1"),
        ("IP.src", ["1.1.1.1", "2.2.2.2"], "1.1.1.1", "1.1.1.1"),
        ("Ether.dst", "AA-BB-CC-DD-EE-FF", "aa:bb:cc:dd:ee:ff", "aa:bb:cc:dd:ee:ff"),
        (
            "Ether.src",
            {"vtype": "MACHINE", "base64": "qrvM3e7/"},
            "aa:bb:cc:dd:ee:ff",
            "aa:bb:cc:dd:ee:ff",
        ),
        ("Ether.type", "ARP", 0x806, "ARP"),
        ("Ether.type", 0x9999, 0x9999, "0x9999"),
        ("TCP.flags", "", 2, "S"),
        ("TCP.flags", "0", 0, "0"),
        ("TCP.flags", "PA", 24, "PA"),
        ("TCP.flags", "AP", 24, "PA"),
        ("TCP.flags", "FPU", 41, "FPU"),
        ("TCP.flags", "18", 18, "SA"),
        ("TCP.flags", "0x12", 18, "SA"),
        ("TCP.sport", "http", None, None),
        ("TCP.options", [["MSS", 1460]], expression("[('MSS', 1460)]"), None),
        ("TCP.options", expression("[('MSS', 1460)]"), expression("[('MSS', 1460)]"), None),
        ("TCP.options", "[('MSS', 1460)]", expression("[('MSS', 1460)]"), None),
        ("TCP.options", expression("TCPOptions()"), expression("[]"), None),
        ("TCP.options", {}, None, None),
        ("TCP.options", "", expression("[]"), None),
        (
            "TCP.options",
            expression("[('NOP', None)]"),
            expression("[('NOP', None), ('EOL', None)]"),
            None,
        ),
        ("Raw.load", "text", given_bytes(b"text"), "text"),
        ("Raw.load", "123", given_bytes(b"123"), "123"),
        ("Raw.load", "é", given_bytes("é".encode()), BINARY),
        ("Raw.load", "a\nb\0", given_bytes(b"a\nb\0"), "a\nb\0"),
        ("Raw.load", given_bytes(b"\xff\x80"), given_bytes(b"\xff\x80"), BINARY),
        ("Raw.load", {"vtype": "MACHINE", "base64": "AQI="}, given_bytes(b"\1\2"), "\1\2"),
        ("Raw.load", UNDEFINED, given_bytes(b""), BINARY),
        ("Raw.load", expression("b'x' * 3"), given_bytes(b"xxx"), "xxx"),
    ],
    ids=str,
)
def test_every_form_of_value(
    place: str, value: Any, shown: Any, text: str | None, codec: PacketCodec
) -> None:
    layer_id, field_id = place.split(".")
    stack = {"Ether": ["Ether"], "IP": ["Ether", "IP"], "Raw": ["Ether", "IP", "UDP", "Raw"]}
    ids = stack.get(layer_id, ["Ether", "IP", layer_id])
    model = [layer(each) for each in ids[:-1]]
    model.append(layer(layer_id, **{field_id: value}))
    if shown is None:
        assert f"field {field_id}" in refusal(codec, *model).where
        return
    found = field(build(codec, *model), len(ids) - 1, field_id)
    assert found.value == shown
    assert found.hvalue == (shown["expr"] if text is None else text)


def test_the_last_of_equal_fields_wins(codec: PacketCodec) -> None:
    fields = [{"id": "ttl", "value": 1}, {"id": "ttl", "value": 2}]
    assert field(build(codec, {"id": "IP", "fields": fields}), 0, "ttl").value == 2
    fields.append({"id": "ttl", "value": UNDEFINED})
    assert field(build(codec, {"id": "IP", "fields": fields}), 0, "ttl").value == 64


def test_delete_means_nothing_when_building(codec: PacketCodec) -> None:
    assert len(build(codec, layer("Ether"), {**layer("IP"), "delete": True}).data) == 2


def test_raw_starts_with_the_payload_that_the_packet_editor_expects(codec: PacketCodec) -> None:
    assert field(build(codec, layer("Raw")), 0, "load").hvalue == "dummy"


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"generate": "random_bytes", "size": 4}, base64.b64decode("agLTTA==")),
        ({"generate": "random_bytes", "size": "12"}, base64.b64decode("agLTTF4xkCkfbo8s")),
        (
            {"generate": "random_bytes", "size": 12, "seed": "123"},
            base64.b64decode("DRZoG+YJiVXaKFZV"),
        ),
        ({"generate": "random_bytes", "size": 4, "seed": 0}, base64.b64decode("agLTTA==")),
        (
            {"generate": "random_ascii", "size": 32, "seed": 12345},
            b'G n<B2U/+IU0TA{(|GO.d2@"@{|f yri',
        ),
        ({"generate": "random_bytes", "size": 0}, b""),
        ({"generate": "template", "template_base64": "YWJj", "size": 8}, b"abcabcab"),
        ({"generate": "template", "template_base64": "YWJj", "size": 2}, b"ab"),
        ({"generate": "template", "template_base64": "", "size": 8}, b""),
        ({"generate": "template_code", "template_code": "0xAA bb\n0XCC"}, b"\xaa\xbb\xcc"),
        ({"generate": "template_code", "template_code": "aabb", "size": 3}, b"\xaa\xbb\xaa"),
        ({"generate": "template_code", "template_code": "aabb", "size": 0}, b""),
        ({"base64": "AQI=", "size": 9, "total_size": 99, "seed": 4}, b"\1\2"),
    ],
    ids=str,
)
def test_generated_payloads(members: Json, expected: bytes, codec: PacketCodec) -> None:
    result = build(codec, layer("Raw", load={"vtype": "BYTES", **members}))
    assert bytes_of(result) == expected


TCP_BYTES = 54  # of Ether/IP/TCP


@pytest.mark.parametrize(
    ("members", "payload"),
    [
        ({"generate": "random_bytes", "total_size": 64}, 6),
        ({"generate": "random_ascii", "total_size": "64"}, 6),
        ({"generate": "template", "template_base64": "YWJj", "total_size": 100}, 42),
        ({"generate": "template_code", "template_code": "aabbccdd", "total_size": 61}, 3),
        ({"generate": "template_code", "template_code": "aabbccdd", "total_size": 58}, 0),
        ({"generate": "random_bytes", "total_size": 58}, 0),
        ({"generate": "random_bytes", "total_size": 64, "size": 1}, 6),
        ({"generate": "random_bytes", "total_size": 1518}, 1460),
    ],
    ids=str,
)
def test_a_total_size_counts_the_frame_check_sequence(
    members: Json, payload: int, codec: PacketCodec
) -> None:
    load = {"vtype": "BYTES", **members}
    stack = [layer("Ether"), layer("IP"), layer("TCP")]
    assert len(bytes_of(build(codec, *stack, layer("Raw", load=load)))) == TCP_BYTES + payload
    # What follows the payload is not counted.
    after = build(codec, *stack, layer("Raw", load=load), layer("Raw", load="after"))
    assert len(bytes_of(after)) == TCP_BYTES + payload + 5
    # The payload that was there before is not counted either.
    frame = bytes_of(build(codec, *stack, layer("Raw", load="x" * 20)))
    changes = [layer(each) for each in ("Ether", "IP", "TCP")]
    changed = reconstruct(codec, frame, *changes, layer("Raw", load=load))
    assert len(bytes_of(changed)) == TCP_BYTES + payload


def test_a_total_size_of_a_payload_alone(codec: PacketCodec) -> None:
    load = {"vtype": "BYTES", "generate": "random_bytes", "total_size": 10}
    assert len(bytes_of(build(codec, layer("Raw", load=load)))) == 6


@pytest.mark.parametrize("size", [0, 57, "57"])
def test_a_total_size_smaller_than_the_packet_is_refused(
    size: int | str, codec: PacketCodec
) -> None:
    load = {"vtype": "BYTES", "generate": "random_bytes", "total_size": size}
    error = refusal(codec, layer("Ether"), layer("IP"), layer("TCP"), layer("Raw", load=load))
    assert error.where == ("layer 3 (Raw)", "field load")
    assert f"total_size {size} is too small: the packet has 58 bytes" in error.problem


def test_a_total_size_counts_fields_that_stand_after_it(codec: PacketCodec) -> None:
    load = {"vtype": "BYTES", "generate": "random_bytes", "total_size": 100}
    model = layer("SCTPChunkData", data=load, tsn=1)
    other = layer("SCTPChunkData", tsn=1, data=load)
    assert bytes_of(build(codec, model)) == bytes_of(build(codec, other))


@pytest.mark.parametrize(
    "place",
    ["IP.ttl", "IP.src", "IP.flags", "IP.proto", "Ether.dst", "IPv6.src", "TCP.seq", "Raw.load"],
)
def test_random_values_are_drawn_once(place: str, codec: PacketCodec) -> None:
    layer_id, field_id = place.split(".")
    drawn = set()
    for seed in range(8):
        once = build(codec, layer(layer_id, **{field_id: {**RANDOM, "seed": seed}}))
        again = build(codec, layer(layer_id, **{field_id: {**RANDOM, "seed": seed}}))
        assert once == again
        drawn.add(once.binary)
        # What is shown is what is in the bytes.
        assert bytes_of(build(codec, *sent_back(once, value_of))) == bytes_of(once)
    assert len(drawn) > 1
    unseeded = build(codec, layer(layer_id, **{field_id: RANDOM}))
    assert bytes_of(build(codec, *sent_back(unseeded, value_of))) == bytes_of(unseeded)


def test_a_random_option_list_is_refused(codec: PacketCodec) -> None:
    error = refusal(codec, layer("Ether"), layer("IP", options=RANDOM))
    assert error.where == ("layer 1 (IP)", "field options")


@pytest.mark.parametrize(
    ("model", "where", "problem"),
    [
        ([], (), "a packet model needs at least one layer"),
        ([layer("IP", ttl=256)], ("layer 0 (IP)", "field ttl"), "ttl takes 0 to 255"),
        ([layer("IP", ttl=-1)], ("layer 0 (IP)", "field ttl"), "ttl takes 0 to 255"),
        ([layer("IP", ttl="abc")], ("layer 0 (IP)", "field ttl"), "'abc' is not a number"),
        ([layer("IP", ttl=1.5)], ("layer 0 (IP)", "field ttl"), "is not a whole number"),
        ([layer("IP", ttl=float("nan"))], ("layer 0 (IP)", "field ttl"), "not a whole number"),
        ([layer("IP", ttl=10**400)], ("layer 0 (IP)", "field ttl"), "is out of range"),
        ([layer("IP", src="300.1.1.1")], ("layer 0 (IP)", "field src"), "not an IPv4 address"),
        ([layer("IP", src="localhost")], ("layer 0 (IP)", "field src"), "not an IPv4 address"),
        ([layer("IP", dst="1.2.3.4/30")], ("layer 0 (IP)", "field dst"), "not an IPv4 address"),
        (
            [layer("Ether"), layer("ARP", psrc="localhost")],
            ("layer 1 (ARP)", "field psrc"),
            "not an IPv4 address",
        ),
        (
            [layer("Ether", dst="00:00:00:01:00:00:00")],
            ("layer 0 (Ether)", "field dst"),
            "not a MAC address",
        ),
        (
            [layer("IP", ttl={"vtype": "MACHINE", "base64": "AQI="})],
            ("layer 0 (IP)", "field ttl"),
            "has 2 bytes, the field takes 1",
        ),
        (
            [layer("Ether"), layer("TCP", options=[["MSS", "x"]])],
            ("layer 1 (TCP)", "field options"),
            "",
        ),
        (
            [layer("TCP", options=expression("[('MSS', 1, 2)]"))],
            ("layer 0 (TCP)", "field options"),
            "",
        ),
        ([layer("IP", options=5)], ("layer 0 (IP)", "field options"), ""),
        ([layer("DHCP", options=[["no-such-option", 1]])], ("layer 0 (DHCP)",), ""),
        ([layer("Raw", load=expression("IP()"))], ("layer 0 (Raw)", "field load"), ""),
        (
            [layer("Raw", load=expression("__import__('os')"))],
            ("layer 0 (Raw)", "field load"),
            "",
        ),
    ],
    ids=str,
)
def test_what_cannot_be_built_is_refused_by_name(
    model: list[Json], where: tuple[str, ...], problem: str, codec: PacketCodec
) -> None:
    error = refusal(codec, *model)
    assert error.where[: len(where)] == where
    assert problem in error.problem
    assert error.problem


def test_the_syntax_of_an_expression(codec: PacketCodec) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        build(codec, layer("Ether"), layer("IP", ttl=expression("1 +")))
    assert caught.value.where[:2] == ("layer 1 (IP)", "field ttl")


# --- reconstruct_pkt (docs/wire.md, "Changing a frame") ---


@pytest.fixture(scope="module")
def frame(codec: PacketCodec) -> bytes:
    return bytes_of(
        build(codec, layer("Ether"), layer("IP"), layer("TCP"), layer("Raw", load="hello"))
    )


def ids(result: PacketResult) -> list[str]:
    return [each.id for each in result.data]


def test_a_change_keeps_lengths_and_checksums(codec: PacketCodec, frame: bytes) -> None:
    result = reconstruct(codec, frame, layer("Ether"), layer("IP", ttl=9))
    assert field(result, 1, "ttl").value == 9
    assert bytes_of(result) == frame[:22] + b"\x09" + frame[23:]


def test_undefined_computes_again(codec: PacketCodec, frame: bytes) -> None:
    once = reconstruct(codec, frame, layer("Ether"), layer("IP", ttl=9, chksum=UNDEFINED))
    built = build(
        codec, layer("Ether"), layer("IP", ttl=9), layer("TCP"), layer("Raw", load="hello")
    )
    assert bytes_of(once) == bytes_of(built)


def test_undefined_goes_back_to_the_default(codec: PacketCodec, frame: bytes) -> None:
    changed = reconstruct(codec, frame, layer("Ether"), layer("IP", ttl=9, src="1.1.1.1"))
    result = reconstruct(
        codec, bytes_of(changed), layer("Ether"), layer("IP", ttl=UNDEFINED, src=None)
    )
    assert bytes_of(result) == frame


def test_a_longer_payload_keeps_the_old_lengths(codec: PacketCodec, frame: bytes) -> None:
    changes = [layer("Ether"), layer("IP"), layer("TCP"), layer("Raw", load="hello world")]
    result = reconstruct(codec, frame, *changes)
    assert bytes_of(result) == frame + b" world"
    assert field(result, 1, "len").value == 45
    changes[1] = layer("IP", len=UNDEFINED)
    assert field(reconstruct(codec, frame, *changes), 1, "len").value == 51


def test_delete_cuts_the_rest(codec: PacketCodec, frame: bytes) -> None:
    result = reconstruct(
        codec, frame, layer("Ether"), layer("IP"), {**layer("TCP"), "delete": True}
    )
    assert ids(result) == ["Ether", "IP"]
    assert bytes_of(result) == frame[:34]


def test_delete_does_not_look_at_the_id(codec: PacketCodec, frame: bytes) -> None:
    result = reconstruct(codec, frame, layer("Ether"), {**layer("ARP"), "delete": True})
    assert bytes_of(result) == frame[:14]


def test_what_follows_a_delete_is_ignored(codec: PacketCodec, frame: bytes) -> None:
    changes = [layer("Ether"), {**layer("IP"), "delete": True}, layer("IPv6"), layer("UDP")]
    assert bytes_of(reconstruct(codec, frame, *changes)) == frame[:14]


def test_nothing_left(codec: PacketCodec, frame: bytes) -> None:
    result = reconstruct(codec, frame, {**layer("Ether"), "delete": True})
    assert (result.data, result.binary) == ([], None)


def test_delete_of_what_is_not_there(codec: PacketCodec, frame: bytes) -> None:
    changes = [layer(each) for each in ("Ether", "IP", "TCP", "Raw")]
    result = reconstruct(codec, frame, *changes, {**layer("Raw"), "delete": True})
    assert bytes_of(result) == frame


def test_further_layers_are_appended(codec: PacketCodec) -> None:
    frame = bytes_of(build(codec, layer("Ether"), layer("IP"), layer("UDP", dport=50000)))
    stack = [layer("Ether"), layer("IP"), layer("UDP")]
    result = reconstruct(codec, frame, *stack, layer("Raw", load="appended"))
    assert bytes_of(result) == frame + b"appended"
    # The old lengths stand: what was appended lies beyond them.
    assert structure(result)[3] == ("Raw", "Padding", True, 42)
    computed = layer("IP", len=UNDEFINED, chksum=UNDEFINED)
    result = reconstruct(
        codec,
        frame,
        layer("Ether"),
        computed,
        layer("UDP", len=UNDEFINED),
        layer("Raw", load="appended"),
        layer("Raw", load="too"),
    )
    assert structure(result)[3:] == [("Raw", "Raw", True, 42), ("Raw", None, False, 50)]
    assert field(result, 2, "len").value == 19


def test_a_delete_among_appended_layers_is_ignored(codec: PacketCodec) -> None:
    frame = bytes_of(build(codec, layer("Ether")))
    result = reconstruct(
        codec, frame, layer("Ether"), layer("IP"), {**layer("UDP"), "delete": True}, layer("Raw")
    )
    assert ids(result) == ["Ether", "IP", "UDP", "Raw"]


@pytest.mark.parametrize(
    ("changes", "depth", "found"),
    [
        (["IP"], 0, "Ether"),
        (["Ether", "IPv6"], 1, "IP"),
        (["Ether", "IP", "UDP"], 2, "TCP"),
        (["Ether", "IP", "TCP", "DNS"], 3, "Raw"),
    ],
)
def test_another_layer_than_the_frame_has_is_refused(
    changes: list[str], depth: int, found: str, codec: PacketCodec, frame: bytes
) -> None:
    with pytest.raises(RefusedError) as caught:
        reconstruct(codec, frame, *map(layer, changes))
    assert caught.value.where == (f"layer {depth} ({changes[depth]})",)
    assert caught.value.problem.startswith("Protocol id inconsistent")
    assert found in caught.value.problem


def test_padding_goes_by_either_name(codec: PacketCodec) -> None:
    frame = bytes_of(build(codec, layer("Ether"), layer("IP"), layer("TCP"))) + bytes(6)
    for name in ("Raw", "Padding"):
        stack = [layer("Ether"), layer("IP", ttl=1), layer("TCP"), layer(name)]
        result = reconstruct(codec, frame, *stack)
        assert bytes_of(result) == frame[:22] + b"\x01" + frame[23:]
        assert structure(result)[3] == (name, "Padding", True, 54)


def test_a_base_class_names_its_layer(codec: PacketCodec) -> None:
    frame = bytes_of(
        build(codec, layer("Ether"), layer("IP"), layer("UDP", sport=123, dport=123), layer("NTP"))
    )
    stack = [layer("Ether"), layer("IP"), layer("UDP")]
    for name in ("NTP", "NTPHeader"):
        assert bytes_of(reconstruct(codec, frame, *stack, layer(name))) == frame


@pytest.mark.parametrize("size", [1, 5, 6, 7, 11, 12, 13])
def test_a_frame_shorter_than_its_header_is_bytes(size: int, codec: PacketCodec) -> None:
    for dissect in (reconstruct, lambda codec, frame: codec.dissect(frame)):
        result = dissect(codec, bytes(range(size)))
        assert ids(result) == ["Raw"]
        assert bytes_of(result) == bytes(range(size))
        assert result.problem == f"a frame of {size} bytes cannot be read as Ether"


def test_an_empty_frame_is_refused(codec: PacketCodec) -> None:
    with pytest.raises(RefusedError, match="nothing to dissect"):
        codec.dissect(b"")


def test_a_frame_with_a_length_is_802_3(codec: PacketCodec) -> None:
    frame = bytes_of(build(codec, layer("Dot3"), layer("LLC"), layer("STP")))
    assert ids(reconstruct(codec, frame)) == ["Dot3", "LLC", "STP"]


def test_a_refusal_of_a_change_says_where(codec: PacketCodec, frame: bytes) -> None:
    with pytest.raises(RefusedError) as caught:
        reconstruct(codec, frame, layer("Ether"), layer("IP", ttl=300))
    assert caught.value.where == ("layer 1 (IP)", "field ttl")
    with pytest.raises(RefusedError) as caught:
        reconstruct(codec, frame, *map(layer, ("Ether", "IP", "TCP", "Raw")), layer("IP", ttl=300))
    assert caught.value.where == ("layer 4 (IP)", "field ttl")


@pytest.mark.parametrize("port", [135, 49])
def test_layers_above_a_change_keep_their_bytes(codec: PacketCodec, port: int) -> None:
    """Some classes do not write again what they read (DCE/RPC, TACACS+)."""
    asked = parse_model(
        [
            {"id": "Ether"},
            {"id": "IP"},
            {"id": "TCP", "fields": [{"id": "dport", "value": port}]},
            {
                "id": "Raw",
                "fields": [{"id": "load", "value": {"vtype": "MACHINE", "base64": "/" * 52}}],
            },
        ],
        codec.registry,
    )
    frame = codec.place(asked).frame
    source = [{"id": "Ether", "fields": [{"id": "src", "value": "00:00:00:00:00:07"}]}]
    result = codec.reconstruct(frame, parse_model(source, codec.registry))
    assert result.binary is not None
    assert base64.b64decode(result.binary) == frame[:6] + b"\0\0\0\0\0\7" + frame[12:]


@pytest.mark.parametrize("size", [100, 4096, 30_000])
def test_a_key_of_any_size_is_shown_and_built_again(size: int, codec: PacketCodec) -> None:
    message = b"\x1e" + size.to_bytes(4, "big") + b"\x7f" * size
    packet = (len(message) + 5).to_bytes(4, "big") + b"\4" + message + b"\0" * 4
    frame = bytes(Ether() / IP() / TCP(dport=22, sport=40000) / Raw(packet))
    result = codec.dissect(frame)
    assert result.data[-1].id == "SSH"
    assert codec.frame_of(parse_model(sent_back(result, value_of), codec.registry)) == frame
