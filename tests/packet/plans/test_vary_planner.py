"""Plans for literals against the long way: the same reply, byte for byte, errors included."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.plans.answering import PacketBuilder
from scapy_server.packet.plans.book import PlanBook
from scapy_server.packet.plans.varied import VariedPlan
from scapy_server.services.packets.notes import Note
from tests.packet.plans.shapes import MAGIC, Layers, expression, model_of, outcome
from tests.properties import times

_NAMES = ["host1.example", "HOST2.exampl3", "host.example", "1host.1xample", "a.b", "x", "é", "."]
_ADDRESSES = ["192.0.2.1", "10.20.30.40", "255.255.255.255", "0.0.0.0", "256.1.1.1", "::1", "x"]
_NUMBERS = [1460, 1400, 0, 1, 8, 255, 256, 65535, 65536, 1 << 32, 1 << 63]
_WORDS = ["discover", "request1", "abcdefgh", "GET12345", "x", "12345678", "\\x00", "it's", ""]
_TYPES = ["A", "MX", "TXT", "AAAA", "a"]
_CLASSES = ["DNSRR(rrname='{name}', rdata='{address}')", "DNSRR(rrname='{name}', type='{type}')"]

#: Layers with a text in braces for each literal.
TEMPLATES: list[list[tuple[str, dict[str, Any]]]] = [
    [("IP", {}), ("TCP", {"seq": 7, "options": "[('MSS', {number}), ('NOP', None)]"})],
    [("IP", {}), ("TCP", {"options": "[('Timestamp', ({number}, {other})), ('EOL', None)]"})],
    [("IP", {}), ("TCP", {"options": "[({number}, b'{word}')]"})],
    [("IP", {}), ("UDP", {}), ("DNS", {"id": 5, "qd": "[DNSQR(qname='{name}')]"})],
    [("UDP", {}), ("DNS", {"qd": "[DNSQR(qname='{name}', qtype='{type}')]"})],
    *(
        [("UDP", {}), ("DNS", {"qd": "[DNSQR(qname='{name}')]", "an": f"[{answer}]"})]
        for answer in _CLASSES
    ),
    [("UDP", {}), ("DNS", {"an": "[DNSRR(rrname='{name}', type='TXT', rdata=b'{word}')]"})],
    [
        ("IP", {}),
        ("UDP", {"sport": 68, "dport": 67}),
        ("BOOTP", {"xid": 9, "options": MAGIC}),
        ("DHCP", {"options": "[('message-type', '{word}'), ('hostname', b'{name}'), 'end']"}),
    ],
    [
        ("UDP", {"sport": 67, "dport": 68}),
        ("BOOTP", {"options": MAGIC}),
        ("DHCP", {"options": "[('server_id', '{address}'), ('lease_time', {number}), 'end']"}),
    ],
    [("IP", {}), ("TCP", {"dport": 80}), ("Raw", {"load": "b'{word}'"})],
    [("Ether", {}), ("Raw", {"load": "b'{word}{name}'"})],
    [("IP", {"options": "[IPOption_RR(routers=['{address}'])]"}), ("UDP", {})],
    [("UDP", {}), ("Radius", {"attributes": "[RadiusAttr_User_Name(value=b'{word}')]"})],
]


@st.composite
def models_that_differ_in_literals(draw: st.DrawFn) -> list[Any]:
    template = draw(st.sampled_from(TEMPLATES))
    choices: dict[str, list[Any]] = {
        "name": _NAMES,
        "address": _ADDRESSES,
        "number": _NUMBERS,
        "other": _NUMBERS,
        "word": _WORDS,
        "type": _TYPES,
    }

    def filled(value: Any, first: bool) -> Any:
        if not isinstance(value, str):
            return value
        for name, texts in choices.items():  # the first ones are planned only if they can be built
            chosen = draw(st.sampled_from(texts[:3] if first else texts))
            value = value.replace(f"{{{name}}}", str(chosen))
        return expression(value)

    return [
        model_of(
            [
                (layer, {name: filled(value, number < 3) for name, value in fields.items()})
                for layer, fields in template
            ]
        )
        for number in range(7)
    ]


@pytest.mark.sweep
@settings(max_examples=times(2))
@given(models=models_that_differ_in_literals())
def test_both_ways_build_alike(codec: PacketCodec, models: list[Any]) -> None:
    builder = PacketBuilder(codec)
    for model in models:
        assert outcome(lambda m: builder.build(m).json, model) == outcome(builder.build_long, model)


_FRAME: Layers = [
    ("Ether", {}),
    ("IP", {}),
    ("UDP", {}),
    (
        "DNS",
        {
            "qd": expression("[DNSQR(qname='host1.example')]"),
            "an": expression("[DNSRR(rrname='host1.example', rdata='192.0.2.1')]"),
        },
    ),
]


@pytest.mark.sweep
@given(
    names=st.lists(st.sampled_from(_NAMES), min_size=6, max_size=6),
    addresses=st.lists(st.sampled_from(_ADDRESSES), min_size=6, max_size=6),
    noise=st.lists(st.tuples(st.integers(0, 90), st.binary(max_size=2)), min_size=6, max_size=6),
)
def test_both_ways_change_a_frame_alike(
    codec: PacketCodec, names: list[str], addresses: list[str], noise: list[tuple[int, bytes]]
) -> None:
    builder = PacketBuilder(codec)
    frame = codec.place(parse_model(model_of(_FRAME), codec.registry)).frame
    for number, (name, address, (at, over)) in enumerate(zip(names, addresses, noise, strict=True)):
        fields = {"qd[0].qname": name, "an[0].rdata": address, "id": number}
        changes = model_of([(layer, {}) for layer, _ in _FRAME[:-1]] + [("DNS", fields)])
        other = frame if number < 3 else frame[:at] + over + frame[at + len(over) :]
        fast = outcome(lambda m, f=other: builder.reconstruct(f, m).json, changes)
        assert fast == outcome(lambda m, f=other: builder.reconstruct_long(f, m), changes)


def dns(name: str, address: str = "192.0.2.1", **fields: Any) -> Any:
    questions = expression(f"[DNSQR(qname='{name}')]")
    answers = expression(f"[DNSRR(rrname='{name}', rdata='{address}')]")
    return model_of([("IP", {}), ("UDP", {}), ("DNS", {"qd": questions, "an": answers, **fields})])


def tcp(size: int) -> Any:
    return model_of([("IP", {}), ("TCP", {"options": expression(f"[('MSS', {size})]")})])


def dhcp(name: str) -> Any:
    options = [["message-type", "discover"], ["hostname", name], "end"]
    below: Layers = [("UDP", {"sport": 68, "dport": 67}), ("BOOTP", {"options": MAGIC})]
    return model_of([*below, ("DHCP", {"options": options})])


def part(size: int) -> Any:
    options = expression("[('MSS', 1460)]")
    return model_of([("IP", {}), ("TCP", {"options": options, "options[0].value": size})])


@pytest.mark.parametrize(
    "models",
    [
        [dns("a1.example"), dns("a2.example"), dns("b3.example")],
        [dns("a.b", "10.0.0.1"), dns("a.b", "10.0.0.2"), dns("a.b", "192.168.100.200")],
        [tcp(1460), tcp(1400), tcp(9)],
        [part(1460), part(1400), part(9)],
        [dhcp("host1"), dhcp("host2"), dhcp("other")],
    ],
)
def test_the_second_edit_of_a_literal_is_planned(codec: PacketCodec, models: list[Any]) -> None:
    """After the packet as it was: also by another process, and for fields beside it."""
    builder, front = PacketBuilder(codec), PlanBook()
    for model in models[:2]:
        learned = builder.build(model).learned
        front.learn(msgspec.msgpack.decode(msgspec.msgpack.encode(learned), type=Note))
    assert isinstance(learned, VariedPlan)
    assert front.built(models[2]) == builder.plans.built(models[2]) == builder.build_long(models[2])


def test_names_of_other_lengths_are_planned_once_they_come_again(codec: PacketCodec) -> None:
    builder = PacketBuilder(codec)
    for name in ("a.example", "a1.example", "a2.example", "a3.example"):
        assert builder.build(dns(name)).json == builder.build_long(dns(name))
    assert builder.plans.built(dns("b4.example")) == builder.build_long(dns("b4.example"))


def test_texts_that_were_equal_are_planned_as_long_as_they_are(codec: PacketCodec) -> None:
    builder = PacketBuilder(codec)
    for name in ("a1.example", "a2.example"):
        builder.build(dns(name))
    assert builder.plans.built(dns("a3.example")) is not None
    other = dns("a4.example")
    other[2]["fields"][0]["value"]["expr"] = "[DNSQR(qname='a5.example')]"
    assert builder.plans.built(other) is None


def test_the_second_edit_of_a_part_of_a_frame_is_planned(codec: PacketCodec) -> None:
    builder = PacketBuilder(codec)
    frame = codec.place(parse_model(model_of(_FRAME), codec.registry)).frame

    def changes(address: str) -> Any:
        bare: Layers = [(layer, {}) for layer, _ in _FRAME[:-1]]
        return model_of([*bare, ("DNS", {"an[0].rdata": address})])

    for address in ("10.0.0.1", "10.0.0.2"):
        builder.reconstruct(frame, changes(address))
    planned = builder.plans.rewritten(frame, changes("172.16.254.1"))
    assert planned == builder.reconstruct_long(frame, changes("172.16.254.1"))
    assert builder.plans.rewritten(frame[:-1], changes("172.16.254.1")) is None


def test_numbers_that_name_something_are_not_varied(codec: PacketCodec) -> None:
    """Another type of a record makes another record."""
    builder = PacketBuilder(codec)
    for number in (1, 28, 16, 99):
        model = model_of([("DNS", {"qd": expression(f"[DNSQR(qtype={number})]")})])
        assert builder.build(model).json == builder.build_long(model)
        assert builder.plans.kind(model) is None


def test_a_payload_that_chooses_what_it_is_read_as_is_not_varied(codec: PacketCodec) -> None:
    builder = PacketBuilder(codec)
    for word in ("abcdefgh", "ijklmnop", "GET / HT"):
        load = expression(f"b'{word}'")
        model = model_of([("IP", {}), ("TCP", {"dport": 80}), ("Raw", {"load": load})])
        assert builder.build(model).json == builder.build_long(model)
