from __future__ import annotations

import base64
from typing import Any

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.layers.sctp import SCTPChunkData
from scapy.packet import Packet, Raw

from scapy_server import limits
from scapy_server.errors import RefusedError, ScapyServerError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import new_layer
from scapy_server.packet.models.budget import ModelBudget
from scapy_server.packet.models.field_writer import FCS_BYTES, FieldWriter
from scapy_server.packet.models.model import (
    Expression,
    FieldSpec,
    GivenBytes,
    Items,
    Machine,
    Object,
    PatternBytes,
    Plain,
    Random,
    RandomBytes,
    Size,
    Undefined,
    Value,
    parse_model,
)

TOTAL = PatternBytes(b"ab", Size(100, total=True))


def written(
    registry: Registry, cls: type[Packet], *fields: tuple[str, Value], length: int = 54
) -> Packet:
    packet = new_layer(cls, None)
    writer = FieldWriter(packet, registry, ModelBudget(), lambda: length)
    writer.write(tuple(FieldSpec(name, value) for name, value in fields))
    return packet


@pytest.mark.parametrize(
    ("cls", "name", "value", "held"),
    [
        (IP, "ttl", Plain("9"), 9),
        (IP, "ttl", Plain(""), 64),
        (IP, "ttl", Undefined(), 64),
        (IP, "ttl", Expression("2 ** 7"), 128),
        (IP, "ttl", Object(9), 9),
        (IP, "ttl", Machine(b"\x09"), 9),
        (IP, "ttl", Items((Plain("9"), Plain("10"))), 9),
        (IP, "ttl", Items(()), 64),
        (IP, "src", Items((Expression("'1.2.3.4'"),)), "1.2.3.4"),
        (IP, "src", GivenBytes(b"\x7f\0\0\1"), "127.0.0.1"),
        (TCP, "options", Items((Items((Plain("MSS"), Plain(9))),)), [("MSS", 9)]),
        (TCP, "options", Items((Items((Plain("NOP"), Undefined())),)), [("NOP", None)]),
        (
            TCP,
            "options",
            Items((Items((Plain("SAck"), Items((Plain(1), Plain(2))))),)),
            [("SAck", (1, 2))],
        ),
        (TCP, "options", Items((Items((Plain(254), GivenBytes(b"x"))),)), [(254, b"x")]),
        (TCP, "options", Items((Items((Plain(254), Machine(b"x"))),)), [(254, b"x")]),
        (TCP, "options", Items((Expression("('MSS', 9)"),)), [("MSS", 9)]),
        (TCP, "options", Items((Object(("MSS", 9)),)), [("MSS", 9)]),
        (TCP, "options", Plain("[('MSS', 9)]"), [("MSS", 9)]),
        (TCP, "options", Plain(" "), b""),  # Scapy's default
        (Raw, "load", GivenBytes(b"x"), b"x"),
        (Raw, "load", RandomBytes(Size(4), 12345, ascii=False), bytes.fromhex("6a02d34c")),
        (Raw, "load", PatternBytes(b"ab", Size(3)), b"aba"),
        (Raw, "load", PatternBytes(b"ab", None), b"ab"),
        (Raw, "load", TOTAL, b"ab" * 21),
        (SCTPChunkData, "data", GivenBytes(b"x"), Raw(b"x")),
    ],
    ids=str,
)
def test_every_form_of_value_is_written(
    cls: type[Packet], name: str, value: Value, held: Any, registry: Registry
) -> None:
    assert written(registry, cls, (name, value)).getfieldval(name) == held


def test_the_last_of_equal_fields_wins(registry: Registry) -> None:
    plain = Plain("text")
    for first, last in ((plain, TOTAL), (TOTAL, plain), (TOTAL, TOTAL), (plain, plain)):
        load = written(registry, Raw, ("load", first), ("load", last)).load
        assert load == (b"text" if last is plain else b"ab" * 21)


def test_a_total_size_is_measured_once_everything_else_is_written(registry: Registry) -> None:
    packet = new_layer(SCTPChunkData, None)
    seen: list[dict[str, Any]] = []

    def length() -> int:
        seen.append(dict(packet.fields))
        return 40

    writer = FieldWriter(packet, registry, ModelBudget(), length)
    writer.write((FieldSpec("data", TOTAL), FieldSpec("tsn", Plain(7))))
    assert [(fields["tsn"], fields["data"]) for fields in seen] == [(7, b"")]
    assert packet.data == Raw(b"ab" * 28)


@pytest.mark.parametrize(("total", "payload"), [(58, 0), (59, 1), (62, 4)])
def test_a_total_size_counts_the_frame_check_sequence(
    total: int, payload: int, registry: Registry
) -> None:
    value = RandomBytes(Size(total, total=True), 1, ascii=True)
    assert len(written(registry, Raw, ("load", value), length=58 - FCS_BYTES).load) == payload


@pytest.mark.parametrize(
    ("cls", "name", "value", "problem"),
    [
        (Raw, "load", PatternBytes(b"x", Size(57, total=True)), "total_size 57 is too small"),
        (TCP, "options", Items((Random(),)), "cannot hold generated or random values"),
        (TCP, "options", Items((TOTAL,)), "cannot hold generated or random values"),
        (TCP, "options", Plain("[("), "never closed"),
        (TCP, "options", PatternBytes(b"ab", Size(3)), "does not suit TCPOptionsField"),
        (IP, "flags", Machine(b"\0"), "a field of bits cannot be given as bytes"),
        (Ether, "dst", Expression("5"), "is not a MAC address"),
        (IP, "ttl", Object({"a": 1}), "is not a whole number"),
    ],
    ids=str,
)
def test_what_cannot_be_written_is_refused_at_its_field(
    cls: type[Packet], name: str, value: Value, problem: str, registry: Registry
) -> None:
    with pytest.raises(ScapyServerError) as refusal:
        written(registry, cls, (name, value))
    assert refusal.value.where[0] == f"field {name}"
    assert problem in refusal.value.problem


def test_all_payloads_of_a_packet_share_a_budget(registry: Registry) -> None:
    budget = ModelBudget()
    half = GivenBytes(b"x" * limits.PAYLOAD_BYTES)

    def write() -> None:
        FieldWriter(new_layer(Raw, None), registry, budget, lambda: 0).write(
            (FieldSpec("load", half),)
        )

    write()
    with pytest.raises(RefusedError):
        for _ in range(limits.FRAME_BYTES // limits.PAYLOAD_BYTES + 1):
            write()


@pytest.mark.parametrize(
    ("layer_id", "fields", "right"),
    [
        (
            "DNS",
            [("qd", {"vtype": "EXPRESSION", "expr": "[DNSQR()]"}), ("qd[0].qname", "a.b")],
            "0000010000010000000000000161016200000100 01",
        ),
        (
            "TCP",
            [
                ("options", {"vtype": "EXPRESSION", "expr": "[('MSS', 1460)]"}),
                ("options[0].value", 1400),
            ],
            "00140050000000000000000060022000 0000 0000 02040578",
        ),
    ],
)
def test_paths_reach_into_what_is_built(
    layer_id: str, fields: list[tuple[str, Any]], right: str, registry: Registry
) -> None:
    model = [{"id": layer_id, "fields": [{"id": i, "value": v} for i, v in fields]}]
    codec = PacketCodec(registry)
    plain = codec.build(parse_model([{"id": layer_id}], registry)).binary
    built = base64.b64decode(codec.build(parse_model(model, registry)).binary or "")
    assert built.hex() == bytes.fromhex(right).hex()
    # What one packet is made of is not shared with the next.
    assert codec.build(parse_model([{"id": layer_id}], registry)).binary == plain


@pytest.mark.parametrize(
    ("layer_id", "option", "right"),
    [
        ("TCP", "('MSS', 1460)", "0014005000000000000000006002200000000000020405b4"),  # RFC 9293
        ("DHCP", "('message-type', 1)", "350101"),  # RFC 2132
    ],
)
def test_the_first_option_is_put_where_there_is_none(
    layer_id: str, option: str, right: str, registry: Registry
) -> None:
    field = {"id": "options[0]", "insert": True, "value": {"vtype": "EXPRESSION", "expr": option}}
    built = PacketCodec(registry).build(
        parse_model([{"id": layer_id, "fields": [field]}], registry)
    )
    assert base64.b64decode(built.binary or "").hex() == right
